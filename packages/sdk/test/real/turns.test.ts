import * as Codex from "@effect-codex/sdk/Codex"
import { TurnFailed } from "@effect-codex/sdk/CodexError"
import type { ThreadEvent } from "@effect-codex/sdk/TurnEvent"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { assertIdle, codexTest, statusesOf } from "./harness.js"

const gates = new Map<string, Deferred.Deferred<void>>()

/** Opened by its name, which the user's text is; each test has names of its own. */
const gate = (name: string) => {
  const known = gates.get(name) ?? Deferred.unsafeMake<void>(FiberId.none)
  gates.set(name, known)
  return known
}

const open = (name: string) => Deferred.succeed(gate(name), undefined)

const script = (request: ScriptedModel.ModelRequest) => {
  if (request.userText.startsWith("fail")) {
    return ScriptedModel.reply(
      ScriptedModel.text("I'll try.", { phase: "commentary" }),
      ScriptedModel.fail({ message: "out of ideas" })
    )
  }
  return request.userText.startsWith("gate")
    ? ScriptedModel.text(["one ", Deferred.await(gate(request.userText)), "two"])
    : ScriptedModel.echo(request)
}

const turnStep = (event: ThreadEvent) =>
  event._tag === "TurnStarted" || event._tag === "TurnCompleted"
    ? Option.some(`${event._tag} ${event.turn.id}`)
    : Option.none()

const startThread = Effect.flatMap(Codex.Codex, (codex) => codex.startThread())

const requestsOf = (threadId: string) =>
  Effect.gen(function*() {
    const model = yield* ScriptedModel.ScriptedModel
    return (yield* model.requests).filter((request) => request.threadId === threadId)
  })

const saidIn = (request: ScriptedModel.ModelRequest | undefined, text: string) =>
  assert.include(JSON.stringify(request?.input), text)

const untilAsked = (userText: string) =>
  Effect.flatMap(
    ScriptedModel.ScriptedModel,
    (model) => model.awaitRequest((request) => request.userText === userText)
  )

layer(codexTest({ script }), { excludeTestServices: true })("a failed turn", (it) => {
  it.effect("fails `run` with the server's message and what it had come to, and the thread takes the next one", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const error = yield* Effect.flip(thread.run("fail run"))
      assert.instanceOf(error, TurnFailed)
      assert.strictEqual(error.error.message, "out of ideas")
      assert.include(error.message, "out of ideas")
      assert.strictEqual(error.threadId, thread.id)
      assert.deepInclude(error.partial, { id: error.turnId, status: "failed", finalResponse: null })
      assert.deepStrictEqual(
        error.partial.items.map((item) => item.type === "agentMessage" ? item.text : item.type),
        ["userMessage", "I'll try."]
      )
      assert.strictEqual((yield* thread.run("hello")).finalResponse, "You said: hello")
      assert.lengthOf(yield* statusesOf(thread), 2)
      yield* assertIdle
    }))

  it.effect("fails `stream` after its last event", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const tags: Array<string> = []
      const error = yield* thread.stream("fail stream").pipe(
        Stream.runForEach((event) => Effect.sync(() => tags.push(event._tag))),
        Effect.flip
      )
      assert.instanceOf(error, TurnFailed)
      assert.strictEqual(error.error.message, "out of ideas")
      assert.strictEqual(tags[0], "TurnStarted")
      assert.strictEqual(tags.at(-1), "TurnCompleted")
      yield* assertIdle
    }))
})

layer(codexTest({ script }), { excludeTestServices: true })("while a turn is active", (it) => {
  it.scoped("`join` adds the input to it, and leaves it running when its own scope closes", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const turn = yield* thread.startTurn("gate join")
      yield* untilAsked("gate join")
      assert.isFalse(turn.joined)
      const joined = yield* Effect.scoped(thread.startTurn("and this too", { whenActive: "join" }))
      assert.isTrue(joined.joined)
      assert.strictEqual(joined.id, turn.id)
      yield* open("gate join")
      const result = yield* turn.result
      assert.strictEqual(result.status, "completed")
      assert.strictEqual(result.finalResponse, "You said: and this too")
      assert.deepStrictEqual(yield* joined.result, result)
      const asked = yield* requestsOf(thread.id)
      saidIn(asked.at(-1), "gate join")
      saidIn(asked.at(-1), "and this too")
      assert.deepStrictEqual(yield* statusesOf(thread), ["completed"])
      yield* assertIdle
    }))

  it.scoped("`join` starts a turn where none is active", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const turn = yield* thread.startTurn("alone", { whenActive: "join" })
      assert.isFalse(turn.joined)
      assert.strictEqual((yield* turn.result).finalResponse, "You said: alone")
      yield* assertIdle
    }))

  it.scoped("`wait` runs the next turns after it, in the order of the calls", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const first = yield* thread.startTurn("gate wait")
      const lifecycle = yield* first.events.pipe(
        Stream.take(1),
        Stream.runDrain,
        Effect.zipRight(
          thread.events.pipe(
            Stream.filterMap(turnStep),
            Stream.take(5),
            Stream.runCollect,
            Effect.fork
          )
        )
      )
      yield* untilAsked("gate wait")
      const second = yield* Effect.fork(thread.run("second", { whenActive: "wait" }))
      const third = yield* Effect.fork(thread.run("third"))
      yield* Effect.yieldNow()
      yield* open("gate wait")
      assert.strictEqual((yield* first.result).finalResponse, "one two")
      const results = [yield* Fiber.join(second), yield* Fiber.join(third)] as const
      assert.deepStrictEqual(results.map(({ finalResponse }) => finalResponse), ["You said: second", "You said: third"])
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(lifecycle)), [
        `TurnCompleted ${first.id}`,
        `TurnStarted ${results[0].id}`,
        `TurnCompleted ${results[0].id}`,
        `TurnStarted ${results[1].id}`,
        `TurnCompleted ${results[1].id}`
      ])
      yield* assertIdle
    }))

  it.scoped("`fail` is TurnActive and names it", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const turn = yield* thread.startTurn("gate fail")
      const error = yield* Effect.flip(thread.run("not now", { whenActive: "fail" }))
      assert.strictEqual(error._tag, "TurnActive")
      assert.deepInclude(error, { threadId: thread.id, turnId: turn.id })
      yield* open("gate fail")
      yield* turn.result
      assert.lengthOf(yield* requestsOf(thread.id), 1)
      yield* assertIdle
    }))

  it.scoped("`steer` reaches the model", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const turn = yield* thread.startTurn("gate steer")
      yield* untilAsked("gate steer")
      yield* turn.steer("rather this")
      yield* open("gate steer")
      assert.strictEqual((yield* turn.result).finalResponse, "You said: rather this")
      const asked = yield* requestsOf(thread.id)
      assert.deepStrictEqual(asked.map(({ userText }) => userText), ["gate steer", "rather this"])
      assert.deepStrictEqual(yield* statusesOf(thread), ["completed"])
      yield* assertIdle
    }))

  it.scoped("its readers take nothing from one another, and who comes late gets the end", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const turn = yield* thread.startTurn("gate readers")
      const word = yield* Deferred.make<void>()
      const first = yield* turn.textDeltas.pipe(
        Stream.tap(() => Deferred.succeed(word, undefined)),
        Stream.runCollect,
        Effect.fork
      )
      yield* Deferred.await(word)
      const others = yield* Effect.all([turn.textDeltas, turn.textDeltas].map(Stream.runCollect), {
        concurrency: "unbounded"
      }).pipe(Effect.zipLeft(Effect.yieldNow()), Effect.fork)
      yield* Effect.yieldNow()
      yield* open("gate readers")
      assert.deepStrictEqual(Array.from(yield* Fiber.join(first)), ["one ", "two"])
      assert.deepStrictEqual((yield* Fiber.join(others)).map((deltas) => Array.from(deltas)), [["two"], ["two"]])
      const whole = yield* Stream.runCollect(turn.events)
      assert.strictEqual(Array.from(whole, ({ _tag }) => _tag).at(0), "TurnStarted")
      const late = yield* Stream.runCollect(turn.events)
      assert.deepStrictEqual(Array.from(late, ({ _tag }) => _tag), ["TurnCompleted"])
      yield* assertIdle
    }))
})

layer(codexTest({ script }), { excludeTestServices: true })("input", (it) => {
  it.effect("with a lone surrogate is answered", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const { finalResponse } = yield* thread.run("half \ud83d and whole \ud83d\ude00")
      assert.strictEqual(finalResponse, "You said: half \ufffd and whole \ud83d\ude00")
      yield* assertIdle
    }))

  it.effect("in several parts reaches the model in order", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const { finalResponse } = yield* thread.run(["first", { type: "text", text: "second" }])
      assert.strictEqual(finalResponse, "You said: first\nsecond")
    }))
})
