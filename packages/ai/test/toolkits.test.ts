import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import { ScriptedModel } from "@effect-codex/testing"
import { Chat, LanguageModel, Tool, Toolkit } from "@effect/ai"
import { assert, layer } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { assertIdle, modelTest } from "./support/codex.js"
import { Desk, DeskLive, found, NotFound, script as desk } from "./support/desk.js"

const meet = (who: string) => ScriptedModel.toolCall({ name: "meet", arguments: { who } })

const script = (request: ScriptedModel.ModelRequest) => {
  const { input, toolOutputs, tools, userText } = request
  const last = toolOutputs.at(-1)?.text
  switch (userText) {
    case "two at once":
      return last === undefined ? ScriptedModel.reply(meet("a"), meet("b")) : ScriptedModel.text("They met.")
    case "wrong first":
      return last === undefined
        ? ScriptedModel.toolCall({ name: "ticket", arguments: { id: "one" } })
        : last.includes("do not fit")
        ? ScriptedModel.toolCall({ name: "ticket", arguments: { id: 1 } })
        : ScriptedModel.text(`I heard: ${last}`)
    case "an object":
      return last === undefined
        ? ScriptedModel.toolCall({ name: "ticket", arguments: { id: 1 } })
        : ScriptedModel.text(JSON.stringify({ title: JSON.parse(last).title }))
    case "which tools":
      return ScriptedModel.text([
        tools.filter((tool) => tool.includes("ticket") || tool === "close_all").join(", "),
        /Before you answer, call one of these tools: [a-z_, ]+\./.exec(JSON.stringify(input))?.[0] ?? ""
      ].join(" | "))
    case "thanks":
      return ScriptedModel.text(JSON.stringify(input))
    default:
      return desk(request)
  }
}

const requestsOf = (text: string) =>
  Effect.flatMap(
    ScriptedModel.ScriptedModel,
    ({ requests }) => Effect.map(requests, (all) => all.filter(({ userText }) => userText === text).length)
  )

const ticket = { title: "It rains in", opened: new Date(0) }

layer(modelTest(script), { excludeTestServices: true })("a request with a toolkit", (it) => {
  it.effect("runs the handlers in its turn: the calls, their results and the answer are in the response", () =>
    Effect.gen(function*() {
      const response = yield* LanguageModel.generateText({ prompt: "ticket 1", toolkit: Desk })
      assert.strictEqual(response.text, `I heard: ${found}`)
      assert.strictEqual(response.finishReason, "stop")
      assert.deepStrictEqual(
        response.toolCalls.map(({ name, params, providerExecuted }) => [name, params, providerExecuted]),
        [["ticket", { id: 1 }, true]]
      )
      assert.deepStrictEqual(
        response.toolResults.map(({ id, isFailure, result }) => [id, isFailure, result]),
        [[response.toolCalls[0]?.id ?? "", false, ticket]]
      )
      assert.deepStrictEqual(
        response.content.map(({ type }) => type),
        ["response-metadata", "tool-call", "tool-result", "text", "finish"]
      )
      // Two requests of the model, with 10 and 5 tokens each.
      assert.strictEqual(response.usage.totalTokens, 30)
      yield* assertIdle
    }).pipe(Effect.provide(DeskLive)))

  it.effect("takes handlers that are resolved already, and what they need from each request", () =>
    Effect.gen(function*() {
      class User extends Context.Tag("User")<User, string>() {}
      const Personal = Toolkit.make(
        Tool.make("ticket", {
          description: "d",
          parameters: { id: Schema.Int },
          success: Schema.String,
          dependencies: [User]
        })
      )
      const layer = Personal.toLayer({ ticket: () => User })
      const toolkit = yield* Effect.provide(Personal, layer)
      const response = yield* LanguageModel.generateText({ prompt: "ticket 1", toolkit }).pipe(
        Effect.provideService(User, "Ada")
      )
      assert.strictEqual(response.text, "I heard: Ada")
      yield* assertIdle
    }))

  it.effect("is told of a failure where the tool returns it, and goes on", () =>
    Effect.gen(function*() {
      const response = yield* LanguageModel.generateText({ prompt: "ticket 2", toolkit: Desk })
      assert.strictEqual(response.text, `I heard: {"id":2,"_tag":"NotFound"}`)
      assert.deepStrictEqual(
        response.toolResults.map(({ isFailure, result }) => [isFailure, result]),
        [[true, new NotFound({ id: 2 })]]
      )
      yield* assertIdle
    }).pipe(Effect.provide(DeskLive)))

  it.effect("fails with what a handler fails with, or dies of it, and the turn is stopped", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const ends = yield* codex.events.pipe(
        Stream.filterMap((event) => event._tag === "TurnCompleted" ? Option.some(event.turn.status) : Option.none()),
        Stream.take(3),
        Stream.runCollect,
        Effect.fork
      )
      yield* Effect.yieldNow()
      const failed = yield* Effect.flip(LanguageModel.generateText({ prompt: "strict_ticket 2", toolkit: Desk }))
      assert.deepInclude(failed, { _tag: "NotFound", id: 2 })
      const streamed = yield* Effect.flip(
        Stream.runDrain(LanguageModel.streamText({ prompt: "strict_ticket 2", toolkit: Desk }))
      )
      assert.deepInclude(streamed, { _tag: "NotFound", id: 2 })
      const died = yield* Effect.exit(LanguageModel.generateText({ prompt: "close_all", toolkit: Desk }))
      assert.isTrue(Exit.isFailure(died) && Cause.isDie(died.cause))
      assert.deepStrictEqual(Array.from(yield* Fiber.join(ends)), ["interrupted", "interrupted", "interrupted"])
      yield* assertIdle
    }).pipe(Effect.provide(DeskLive)))

  it.effect("leaves calls whose arguments do not fit to the model, which is told and can call again", () =>
    Effect.gen(function*() {
      const response = yield* LanguageModel.generateText({ prompt: "wrong first", toolkit: Desk })
      assert.strictEqual(response.text, `I heard: ${found}`)
      assert.deepStrictEqual(response.toolCalls.map(({ params }) => params), [{ id: 1 }])
      yield* assertIdle
    }).pipe(Effect.provide(DeskLive)))

  it.effect("streams a call as it begins, and with its result when it is done", () =>
    Effect.gen(function*() {
      const parts = yield* Stream.runCollect(LanguageModel.streamText({ prompt: "ticket 1", toolkit: Desk }))
      assert.deepStrictEqual(
        Array.from(parts, ({ type }) => type),
        [
          "response-metadata",
          "tool-params-start",
          "tool-params-delta",
          "tool-params-end",
          "tool-call",
          "tool-result",
          "text-start",
          "text-delta",
          "text-end",
          "finish"
        ]
      )
      const result = Array.from(parts).find((part) => part.type === "tool-result")
      assert.deepStrictEqual(result?.result, ticket)
      yield* assertIdle
    }).pipe(Effect.provide(DeskLive)))

  it.effect("for an object calls tools on the way to it", () =>
    Effect.gen(function*() {
      const schema = Schema.Struct({ title: Schema.String })
      const response = yield* LanguageModel.generateObject({ prompt: "an object", toolkit: Desk, schema })
      assert.deepStrictEqual(response.value, { title: "It rains in" })
      assert.lengthOf(response.toolResults, 1)
      yield* assertIdle
    }).pipe(Effect.provide(DeskLive)))

  it.effect("runs as many handlers at once as its concurrency says", () =>
    Effect.gen(function*() {
      const { stats } = yield* AppServer
      const Meeting = Toolkit.make(Tool.make("meet", { description: "d", parameters: { who: Schema.String } }))
      const bothCalled = Effect.yieldNow().pipe(
        Effect.zipRight(stats),
        Effect.repeat({ until: ({ serverRequests }) => serverRequests === 2 })
      )
      const most = (concurrency: "unbounded" | undefined) =>
        Effect.gen(function*() {
          const bothPresent = yield* Effect.makeLatch()
          let calls = 0
          let present = 0
          let most = 0
          const arrive = Effect.suspend(() => {
            calls++
            most = Math.max(most, ++present)
            return present === 2 ? bothPresent.open : Effect.void
          })
          const stay = Effect.suspend((): Effect.Effect<unknown> =>
            concurrency === "unbounded" ? bothPresent.await : calls === 1 ? bothCalled : Effect.void
          )
          const handler = () =>
            Effect.acquireUseRelease(arrive, () => stay, () => Effect.sync(() => present--)).pipe(Effect.asVoid)
          yield* LanguageModel.generateText({ prompt: "two at once", toolkit: Meeting, concurrency }).pipe(
            Effect.provide(Meeting.toLayer({ meet: handler })),
            // An older server calls one after the other.
            Effect.timeout("5 seconds")
          )
          return most
        })
      assert.strictEqual(yield* most("unbounded"), 2)
      assert.strictEqual(yield* most(undefined), 1)
      yield* assertIdle
    }))

  it.effect("offers the tools that it may call, and tells the model of those that it has to", () =>
    Effect.gen(function*() {
      const all = "ticket, strict_ticket, close_all"
      const offered = (toolChoice: LanguageModel.ToolChoice<"ticket" | "strict_ticket" | "close_all">) =>
        Effect.map(LanguageModel.generateText({ prompt: "which tools", toolkit: Desk, toolChoice }), ({ text }) => text)
      const told = "Before you answer, call one of these tools:"
      assert.strictEqual(yield* offered("auto"), `${all} | `)
      assert.strictEqual(yield* offered("none"), " | ")
      assert.strictEqual(yield* offered({ oneOf: ["ticket", "close_all"] }), "ticket, close_all | ")
      assert.strictEqual(yield* offered("required"), `${all} | ${told} ${all}.`)
      assert.strictEqual(yield* offered({ tool: "ticket" }), `ticket | ${told} ticket.`)
      yield* assertIdle
    }).pipe(Effect.provide(DeskLive)))

  it.effect("without resolution ends with the first call, and goes on when the program has answered it", () =>
    Effect.gen(function*() {
      const chat = yield* Chat.empty
      const first = yield* chat.generateText({ prompt: "ticket 1", toolkit: Desk, disableToolCallResolution: true })
      assert.strictEqual(first.finishReason, "tool-calls")
      const [call] = first.toolCalls
      assert.deepInclude(call, { name: "ticket", params: { id: 1 }, providerExecuted: false })
      const result = {
        id: call?.id ?? "",
        name: "ticket",
        isFailure: false,
        result: "by hand",
        providerExecuted: false
      }
      const second = yield* chat.generateText({
        prompt: [{ role: "tool", content: [{ type: "tool-result", ...result }] }],
        toolkit: Desk
      })
      assert.strictEqual(second.text, "I heard: by hand")
      yield* assertIdle
    }).pipe(Effect.provide(DeskLive)))
})

layer(modelTest(script), { excludeTestServices: true })("a chat", (it) => {
  it.effect("goes on with what was said, the calls of tools among it", () =>
    Effect.gen(function*() {
      const chat = yield* Chat.fromPrompt([{ role: "system", content: "You are a help desk." }])
      yield* chat.generateText({ prompt: "ticket 1", toolkit: Desk })
      const { text } = yield* chat.generateText({ prompt: "thanks", toolkit: Desk })
      const items: ReadonlyArray<{ readonly type: string; readonly role?: string; readonly output?: string }> = JSON
        .parse(text)
      assert.deepStrictEqual(
        items.slice(-5).map(({ role, type }) => role ?? type),
        ["user", "function_call", "function_call_output", "assistant", "user"]
      )
      assert.isTrue(items.some(({ output }) => output === found))
      assert.include(text, "You are a help desk.")
      yield* assertIdle
    }).pipe(Effect.provide(DeskLive)))

  it.effect("of a program that asks again while there are calls gets its answer, and the model is not asked", () =>
    Effect.gen(function*() {
      const chat = yield* Chat.empty
      let response = yield* chat.generateText({ prompt: "ticket 1", toolkit: Desk })
      const before = yield* requestsOf("ticket 1")
      let rounds = 0
      while (response.toolCalls.length > 0) {
        rounds++
        response = yield* chat.generateText({ prompt: [], toolkit: Desk })
      }
      assert.strictEqual(rounds, 1)
      assert.strictEqual(response.text, `I heard: ${found}`)
      assert.strictEqual(yield* requestsOf("ticket 1"), before)
      yield* assertIdle
    }).pipe(Effect.provide(DeskLive)))
})
