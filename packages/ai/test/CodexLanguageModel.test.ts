import { CodexLanguageModel } from "@effect-codex/ai"
import * as Codex from "@effect-codex/sdk/Codex"
import { ScriptedModel } from "@effect-codex/testing"
import { AiError, LanguageModel, Prompt, Tool, Toolkit } from "@effect/ai"
import { assert, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { assertIdle, modelTest } from "./support/codex.js"

class Forecast extends Schema.Class<Forecast>("Forecast")({
  day: Schema.DateFromString,
  rain: Schema.Boolean,
  remark: Schema.optional(Schema.String)
}) {}

const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

const commentary = (text: string) => ScriptedModel.text(text, { phase: "commentary" })

const script = ({ body, input, userText }: ScriptedModel.ModelRequest) => {
  switch (userText) {
    case "think":
      return ScriptedModel.reply(
        ScriptedModel.reasoning(["Let me ", "see."]),
        commentary("I am looking."),
        ScriptedModel.text(["It is ", "fine."])
      ).pipe(
        ScriptedModel.withUsage({ inputTokens: 100, cachedInputTokens: 40, outputTokens: 20, reasoningOutputTokens: 5 })
      )
    case "forecast":
      return ScriptedModel.reply(
        commentary("I am looking."),
        ScriptedModel.text([`{"day":"2026-01-02",`, `"rain":true,"remark":null}`])
      )
    case "nonsense":
      return ScriptedModel.text(`{"day":"tomorrow"}`)
    case "fail":
      return ScriptedModel.reply(ScriptedModel.fail({ message: "The model is unwell." }))
    case "hang":
      return ScriptedModel.text(["It is ", ScriptedModel.hang])
    default:
      return ScriptedModel.text(userText === "all of it" ? JSON.stringify(body) : JSON.stringify(input))
  }
}

/** The last items that the model was given, without what codex puts before them. */
const given = (response: { readonly text: string }, count: number) => {
  const items: ReadonlyArray<Record<string, unknown>> = JSON.parse(response.text)
  return items.slice(-count).map(({ id: _, internal_chat_message_metadata_passthrough: __, ...item }) => item)
}

const message = (role: string, text: string) => ({
  type: "message",
  role,
  content: [{ type: role === "assistant" ? "output_text" : "input_text", text }]
})

layer(modelTest(script, { thread: { developerInstructions: "Be brief." } }), { excludeTestServices: true })(
  "a request to the language model",
  (it) => {
    it.effect("is answered with the text, the reasoning, the usage and where it came from", () =>
      Effect.gen(function*() {
        const response = yield* LanguageModel.generateText({ prompt: "think" })
        assert.strictEqual(response.text, "It is fine.")
        assert.deepStrictEqual(response.reasoning.map(({ text }) => text), ["Let me see.", "I am looking."])
        assert.strictEqual(response.finishReason, "stop")
        assert.deepStrictEqual({ ...response.usage }, {
          inputTokens: 100,
          outputTokens: 20,
          totalTokens: 120,
          reasoningTokens: 5,
          cachedInputTokens: 40
        })
        const metadata = response.content.find((part) => part.type === "response-metadata")
        const finish = response.content.find((part) => part.type === "finish")
        assert.deepStrictEqual(metadata?.modelId, Option.some("scripted-model"))
        assert.deepStrictEqual(metadata?.id, Option.fromNullable(finish?.metadata["codex"]?.["turnId"]))
        yield* assertIdle
      }))

    it.effect("is streamed in parts as they come", () =>
      Effect.gen(function*() {
        const parts = yield* LanguageModel.streamText({ prompt: "think" }).pipe(Stream.runCollect)
        assert.deepStrictEqual(
          Array.from(parts, (part) => "delta" in part ? [part.type, part.delta] : [part.type]),
          [
            ["response-metadata"],
            ["reasoning-start"],
            ["reasoning-delta", "Let me "],
            ["reasoning-delta", "see."],
            ["reasoning-end"],
            ["reasoning-start"],
            ["reasoning-delta", "I am looking."],
            ["reasoning-end"],
            ["text-start"],
            ["text-delta", "It is "],
            ["text-delta", "fine."],
            ["text-end"],
            ["finish"]
          ]
        )
        yield* assertIdle
      }))

    it.effect("for an object holds the model to its Schema, and decodes what it says", () =>
      Effect.gen(function*() {
        const response = yield* LanguageModel.generateObject({ prompt: "forecast", schema: Forecast })
        assert.deepStrictEqual(response.value, new Forecast({ day: new Date("2026-01-02"), rain: true }))
        const { body } = yield* Effect.flatMap(ScriptedModel.ScriptedModel, (model) =>
          model.awaitRequest(({ userText }) => userText === "forecast"))
        assert.deepInclude(JSON.parse(JSON.stringify(body)).text.format, { type: "json_schema", strict: true })
        yield* assertIdle
      }))

    it.effect("for an object that is not of its Schema fails as malformed output", () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(LanguageModel.generateObject({ prompt: "nonsense", schema: Forecast }))
        assert.strictEqual(error._tag, "MalformedOutput")
        assert.include(error.description, "rain: is missing")
        yield* assertIdle
      }))

    it.effect("gives the model the system's words as instructions, and the history in its order", () =>
      Effect.gen(function*() {
        const response = yield* LanguageModel.generateText({
          prompt: [
            { role: "system", content: "You are a help desk." },
            { role: "user", content: "What is ticket 1?" },
            {
              role: "assistant",
              content: [
                { type: "reasoning", text: "Hm." },
                { type: "text", text: "Let me see." },
                { type: "tool-call", id: "c1", name: "ticket", params: { id: 1 } }
              ]
            },
            {
              role: "tool",
              content: [{
                type: "tool-result",
                id: "c1",
                name: "ticket",
                isFailure: false,
                result: { title: "Rain" },
                providerExecuted: false
              }]
            },
            { role: "assistant", content: "It rains in." },
            { role: "system", content: "Now be rude." },
            { role: "user", content: "And then?" }
          ]
        })
        assert.include(response.text, "Be brief.\\n\\nYou are a help desk.")
        const items = given(response, 7)
        assert.deepStrictEqual(items[0], message("user", "What is ticket 1?"))
        assert.deepStrictEqual(items[1], message("assistant", "Let me see."))
        assert.deepInclude(items[2], { type: "function_call", name: "ticket", arguments: `{"id":1}`, call_id: "c1" })
        assert.deepInclude(items[3], { type: "function_call_output", call_id: "c1", output: `{"title":"Rain"}` })
        assert.deepStrictEqual(items[4], message("assistant", "It rains in."))
        assert.deepStrictEqual(items[5], message("developer", "Now be rude."))
        assert.include(response.text, "And then?")
        yield* assertIdle
      }))

    it.effect("that ends with what a tool has said asks the model to go on from there", () =>
      Effect.gen(function*() {
        const response = yield* LanguageModel.generateText({
          prompt: [
            { role: "user", content: "What is ticket 1?" },
            { role: "assistant", content: [{ type: "tool-call", id: "c1", name: "ticket", params: { id: 1 } }] },
            {
              role: "tool",
              content: [
                {
                  type: "tool-result",
                  id: "c1",
                  name: "ticket",
                  isFailure: false,
                  result: "Rain",
                  providerExecuted: false
                }
              ]
            }
          ]
        })
        assert.deepInclude(given(response, 1)[0], { type: "function_call_output", call_id: "c1", output: "Rain" })
        yield* assertIdle
      }))

    it.effect("shows the model pictures, and refuses files that codex does not take", () =>
      Effect.gen(function*() {
        const image = (data: string | Uint8Array | URL) => Prompt.makePart("file", { mediaType: "image/png", data })
        const response = yield* LanguageModel.generateText({
          prompt: Prompt.fromMessages([
            Prompt.makeMessage("user", { content: [image(pixel)] }),
            Prompt.makeMessage("assistant", { content: [Prompt.makePart("text", { text: "A dot." })] }),
            Prompt.makeMessage("user", {
              content: [
                Prompt.makePart("text", { text: "all of it" }),
                image(new Uint8Array(Buffer.from(pixel, "base64"))),
                image(`data:image/png;base64,${pixel}`)
              ]
            })
          ])
        })
        assert.lengthOf(response.text.split(`data:image/png;base64,${pixel}`), 4)
        const error = yield* Effect.flip(LanguageModel.generateText({
          prompt: [{ role: "user", content: [{ type: "file", mediaType: "application/pdf", data: "" }] }]
        }))
        assert.strictEqual(error._tag, "MalformedInput")
        assert.include(error.message, "application/pdf")
        yield* assertIdle
      }))

    it.effect("that the model fails says why, with the error of the turn for its cause", () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(LanguageModel.generateText({ prompt: "fail" }))
        assert.strictEqual(error._tag, "UnknownError")
        assert.include(error.message, "The model is unwell.")
        assert.propertyVal(error.cause, "_tag", "TurnFailed")
        const streamed = yield* Effect.flip(Stream.runDrain(LanguageModel.streamText({ prompt: "fail" })))
        assert.isTrue(AiError.isAiError(streamed))
        yield* assertIdle
      }))

    it.effect("that is interrupted, or not read to its end, stops the turn on the server", () =>
      Effect.gen(function*() {
        const codex = yield* Codex.Codex
        const model = yield* ScriptedModel.ScriptedModel
        const ends = yield* codex.events.pipe(
          Stream.filterMap((event) => event._tag === "TurnCompleted" ? Option.some(event.turn.status) : Option.none()),
          Stream.take(2),
          Stream.runCollect,
          Effect.fork
        )
        yield* Effect.yieldNow()
        yield* Stream.runDrain(
          LanguageModel.streamText({ prompt: "hang" }).pipe(Stream.takeUntil(({ type }) => type === "text-delta"))
        )
        const before = (yield* model.requests).length
        const running = yield* Effect.fork(LanguageModel.generateText({ prompt: "hang" }))
        yield* model.awaitRequest(({ index, userText }) => index >= before && userText === "hang")
        yield* Fiber.interrupt(running)
        assert.deepStrictEqual(Array.from(yield* Fiber.join(ends)), ["interrupted", "interrupted"])
        yield* assertIdle
      }))

    it.effect("says on its span which model answered, what it took and how it ended", () =>
      Effect.gen(function*() {
        const attributes = new Map<string, unknown>()
        const tracer = Tracer.make({
          context: (f) => f(),
          span: (name, parent, context, links, startTime, kind) => ({
            _tag: "Span",
            name,
            spanId: name,
            traceId: "trace",
            parent,
            context,
            status: { _tag: "Started", startTime },
            attributes: new Map(),
            links,
            sampled: true,
            kind,
            end: () => {},
            event: () => {},
            addLinks: () => {},
            attribute: (key, value) => name === "LanguageModel.generateText" && attributes.set(key, value)
          })
        })
        const { content } = yield* Effect.withTracer(LanguageModel.generateText({ prompt: "think" }), tracer)
        const metadata = content.find((part) => part.type === "response-metadata")
        assert.deepInclude(Object.fromEntries(attributes), {
          "gen_ai.system": "codex",
          "gen_ai.request.model": "scripted-model",
          "gen_ai.response.id": Option.getOrNull(metadata?.id ?? Option.none()),
          "gen_ai.usage.input_tokens": 100,
          "gen_ai.usage.output_tokens": 20
        })
        assert.deepStrictEqual(attributes.get("gen_ai.response.finish_reasons"), ["stop"])
        yield* assertIdle
      }))

    it.effect("with a tool of another provider is refused", () =>
      Effect.gen(function*() {
        const search = Tool.providerDefined({
          id: "openai.web_search",
          toolkitName: "WebSearch",
          providerName: "web_search",
          args: {}
        })
        const error = yield* Effect.flip(
          LanguageModel.generateText({ prompt: "hi", toolkit: Toolkit.make(search({})) })
        )
        assert.strictEqual(error._tag, "MalformedInput")
        assert.include(error.message, "WebSearch")
      }))
  }
)

it("a model of codex has the name of its provider", () => {
  assert.strictEqual(CodexLanguageModel.model().provider, "codex")
})
