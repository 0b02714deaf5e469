import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import * as Elicitation from "@effect-codex/sdk/Elicitation"
import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import type { Thread } from "@effect-codex/sdk/Thread"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Ref from "effect/Ref"
import { fileURLToPath } from "node:url"
import { assertIdle, codexTest } from "./harness.js"

const fixture = fileURLToPath(new URL("../fixtures/mcpServer.mjs", import.meta.url))

const order = {
  type: "object",
  properties: {
    size: { type: "string", oneOf: [{ const: "s", title: "Small" }, { const: "l", title: "Large" }], default: "s" },
    extras: { type: "array", items: { type: "string", enum: ["ham", "olives"] }, maxItems: 1 },
    by: { type: "string", format: "date" },
    gift: { type: "boolean" },
    slices: { type: "integer", minimum: 2, maximum: 12 }
  },
  required: ["by"]
}

/** The name that the model knows the server's tools by, which has become shorter. */
const namespaceIn = (body: unknown) => /"(mcp__fixture[_]*)"/.exec(JSON.stringify(body))?.[1] ?? assert.fail()

/** What the user says is a tool of the MCP server. */
const script = ({ body, toolOutputs, userText }: ScriptedModel.ModelRequest) => {
  const [name = ""] = userText.split(" ")
  const given = userText === "ask for an order" ? { form: order } : name === "echo" ? { text: userText } : {}
  return toolOutputs.length > 0
    ? ScriptedModel.text("All right.")
    : ScriptedModel.toolCall({ name, namespace: namespaceIn(body), arguments: given })
}

/** Runs a turn with a handler, and tells what the model heard of its tool, and which elicitations there were. */
const runWith = (
  thread: Thread,
  text: string,
  answer: (request: ServerRequests.ElicitationRequest) => Elicitation.Answer
) =>
  Effect.gen(function*() {
    const model = yield* ScriptedModel.ScriptedModel
    const seen = yield* Ref.make<ReadonlyArray<ServerRequests.ElicitationRequest>>([])
    yield* thread.run(text).pipe(
      Effect.provide(ServerRequests.layer({
        elicitation: (request) => Effect.as(Ref.update(seen, (all) => [...all, request]), answer(request))
      }))
    )
    const { toolOutputs } = yield* model.awaitRequest((request) =>
      request.threadId === thread.id && request.userText === text && request.toolOutputs.length > 0
    )
    // Older servers tell the model by JSON in JSON.
    const heard = toolOutputs.map(({ text }) => text).join("\n").replaceAll("\\\"", "\"")
    return { heard, seen: yield* Ref.get(seen) }
  })

/** Lets every tool be called, and answers what they ask. */
const allowing = (answer: Elicitation.Answer) => (request: ServerRequests.ElicitationRequest) =>
  request.approval === undefined ? answer : Elicitation.accept()

layer(codexTest({ script, config: { mcp_servers: { fixture: { command: process.execPath, args: [fixture] } } } }), {
  excludeTestServices: true
})(
  "an elicitation",
  (it) => {
    const startThread = Effect.flatMap(Codex.Codex, (codex) => codex.startThread({ approvalPolicy: "on-request" }))

    it.effect("asks whether a tool may be called: with its arguments, and for how long it can be allowed", () =>
      Effect.gen(function*() {
        const thread = yield* startThread
        const { heard, seen } = yield* runWith(thread, "echo once", () => Elicitation.accept())
        assert.include(heard, "echo once")
        const [approval] = seen.map(({ approval }) => approval)
        // Before 0.169 only the message says which tool it is.
        assert.include(["echo", undefined], approval?.tool)
        assert.deepStrictEqual<unknown>([{ ...approval, tool: "echo" }], [{
          tool: "echo",
          description: "Says its text again.",
          arguments: { text: "echo once" },
          persist: ["session", "always"]
        }])
        assert.include((yield* runWith(thread, "echo not", () => Elicitation.decline)).heard, "user rejected")
        assert.include((yield* runWith(thread, "echo away", () => Elicitation.cancel)).heard, "user cancelled")
        assert.include(
          (yield* runWith(thread, "echo filled", () => Elicitation.accept({ name: "Ada" }))).heard,
          "user rejected"
        )
        yield* runWith(thread, "echo more", () => Elicitation.acceptForSession)
        assert.deepStrictEqual((yield* runWith(thread, "echo unasked", () => Elicitation.decline)).seen, [])
        yield* assertIdle
      }))

    it.effect("by a form takes what fits its fields, with their defaults", () =>
      Effect.gen(function*() {
        const thread = yield* startThread
        const { heard, seen } = yield* runWith(
          thread,
          "ask for an order",
          allowing(Elicitation.accept({ by: "2030-01-02", extras: ["ham"], gift: true, slices: 8 }))
        )
        assert.include(
          heard,
          JSON.stringify({
            action: "accept",
            content: { by: "2030-01-02", extras: ["ham"], gift: true, size: "s", slices: 8 }
          })
        )
        const form = seen.find(({ approval }) => approval === undefined)
        assert(form?.mode === "form")
        assert.deepStrictEqual([form.serverName, form.message, form.threadId], ["fixture", "Who are you?", thread.id])
        assert.deepStrictEqual(
          Elicitation.fields(form)?.map(({ multiple, name, options, required }) => [
            name,
            required,
            multiple,
            options?.map(({ title }) => title)
          ]),
          [
            ["by", true, false, undefined],
            ["extras", false, true, ["ham", "olives"]],
            ["gift", false, false, undefined],
            ["size", false, false, ["Small", "Large"]],
            ["slices", false, false, undefined]
          ]
        )
        yield* assertIdle
      }))

    it.effect("by a form is declined where the answer does not fit", () =>
      Effect.gen(function*() {
        const thread = yield* startThread
        for (
          const content of [undefined, { by: "soon" }, { by: "2030-01-02", slices: 1 }, { by: "2030-01-02", no: 1 }]
        ) {
          const { heard } = yield* runWith(thread, "ask for an order", allowing(Elicitation.accept(content)))
          assert.include(heard, "{\"action\":\"decline\"}")
        }
        yield* assertIdle
      }))

    it.effect("by a URL is accepted without content, declined, or cancelled", () =>
      Effect.gen(function*() {
        const thread = yield* startThread
        const accepted = yield* runWith(thread, "visit", allowing(Elicitation.accept()))
        assert.include(accepted.heard, "\"action\":\"accept\"")
        const [, page] = accepted.seen
        assert(page?.mode === "url")
        assert.deepStrictEqual([page.url, page.message], ["https://example.invalid/sign-in", "Sign in, please."])
        assert.include((yield* runWith(thread, "visit not", allowing(Elicitation.decline))).heard, "\"decline\"")
        assert.include((yield* runWith(thread, "visit away", allowing(Elicitation.cancel))).heard, "\"cancel\"")
        yield* assertIdle
      }))

    it.effect("outside of a turn is answered by the handlers of its thread", () =>
      Effect.gen(function*() {
        const { request } = yield* AppServer
        const turns = yield* Ref.make<ReadonlyArray<unknown>>([])
        const thread = yield* startThread.pipe(
          Effect.provide(ServerRequests.layer({
            elicitation: (request) =>
              Effect.as(
                Ref.update(turns, (all) => [...all, request.mode === "form" ? request.turnId : "no form"]),
                Elicitation.accept({ name: "Ada" })
              )
          }))
        )
        const { content } = yield* request("mcpServer/tool/call", {
          threadId: thread.id,
          server: "fixture",
          tool: "ask",
          arguments: {}
        })
        assert.deepStrictEqual<unknown>(content, [{
          type: "text",
          text: "{\"action\":\"accept\",\"content\":{\"name\":\"Ada\"}}"
        }])
        assert.deepStrictEqual(yield* Ref.get(turns), [null])
        yield* assertIdle
      }))

    it.effect("is not asked any more where its turn is interrupted meanwhile", () =>
      Effect.gen(function*() {
        const thread = yield* startThread
        const asked = yield* Deferred.make<void>()
        const interrupted = yield* Deferred.make<void>()
        const running = yield* thread.run("visit").pipe(
          Effect.provide(ServerRequests.layer({
            elicitation: ({ approval }) =>
              approval !== undefined
                ? Effect.succeed(Elicitation.accept())
                : Effect.zipRight(Deferred.succeed(asked, undefined), Effect.never).pipe(
                  Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))
                )
          })),
          Effect.fork
        )
        yield* Deferred.await(asked)
        yield* Fiber.interrupt(running)
        yield* Deferred.await(interrupted)
        yield* assertIdle
      }))
  }
)
