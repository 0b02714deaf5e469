import type { ThreadItem } from "@effect-codex/protocol/Server"
import { assert, describe } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { promise, settle } from "./support/env.js"
import { agentMessage, turn as wireTurn } from "./support/talk.js"

const tags = (events: Iterable<{ readonly _tag: string }>) => Array.from(events, ({ _tag }) => _tag)

describe("starting a turn", () => {
  promise(
    "a completion that comes before the answer ends the turn, and no event is lost",
    ({ say, server, thread }) =>
      Effect.gen(function*() {
        const starting = yield* Effect.fork(thread.startTurn("hi"))
        const { id } = yield* server.takeRequest("turn/start")
        const message: ThreadItem = agentMessage("item-1", "Hello.")
        yield* say.started("turn-1")
        yield* say.delta("turn-1", "Hello.")
        yield* say.item("turn-1", message)
        yield* say.usage("turn-1", 15)
        yield* say.completed("turn-1", { durationMs: 7 })
        yield* say.accepted(id, "turn-1")
        const turn = yield* starting
        assert.isFalse(turn.joined)
        const result = yield* turn.result
        assert.strictEqual(result.finalResponse, "Hello.")
        assert.deepStrictEqual(result.items, [message])
        assert.strictEqual(result.usage?.total.totalTokens, 15)
        assert.deepStrictEqual(tags(yield* Stream.runCollect(turn.events)), [
          "TurnStarted",
          "ItemAgentMessageDelta",
          "ItemCompleted",
          "ThreadTokenUsageUpdated",
          "TurnCompleted"
        ])
      })
  )

  promise("a failure that comes before the answer fails the turn", ({ say, server, thread }) =>
    Effect.gen(function*() {
      const running = yield* Effect.fork(thread.run("hi"))
      const { id } = yield* server.takeRequest("turn/start")
      yield* say.started("turn-1")
      yield* say.completed("turn-1", { status: "failed", error: { message: "no room" } })
      yield* say.accepted(id, "turn-1")
      const error = yield* Effect.flip(running)
      assert(error._tag === "TurnFailed")
      assert.strictEqual(error.error.message, "no room")
    }))

  promise(
    "everything in one chunk, the answer in its middle, is one whole turn",
    ({ server, thread }) =>
      Effect.gen(function*() {
        const running = yield* thread.stream("hi").pipe(Stream.runCollect, Effect.fork)
        const { id } = yield* server.takeRequest("turn/start")
        const threadId = thread.id
        const delta = (text: string) => ({
          method: "item/agentMessage/delta",
          params: { threadId, turnId: "turn-1", itemId: "item-1", delta: text }
        })
        yield* server.sendFrames(
          [
            { method: "turn/started", params: { threadId, turn: wireTurn("turn-1") } },
            delta("a"),
            { id, result: { turn: wireTurn("turn-1") } },
            delta("b"),
            { method: "turn/completed", params: { threadId, turn: wireTurn("turn-1", { status: "completed" }) } }
          ].map((message) => JSON.stringify(message))
        )
        const events = Chunk.toReadonlyArray(yield* running)
        assert.deepStrictEqual(
          events.flatMap((event) => event._tag === "ItemAgentMessageDelta" ? [event.delta] : []),
          ["a", "b"]
        )
        assert.deepStrictEqual(tags(events).filter((tag) => tag.startsWith("Turn")), ["TurnStarted", "TurnCompleted"])
      })
  )

  promise(
    "turns of other threads that start in between are not taken for it",
    ({ codex, say, server, thread }) =>
      Effect.gen(function*() {
        const other = codex.thread("thread-2")
        const first = yield* Effect.fork(thread.run("one"))
        const firstRequest = yield* server.takeRequest("turn/start")
        const second = yield* Effect.fork(other.run("two"))
        const secondRequest = yield* server.takeRequest("turn/start")
        yield* say.started("turn-2", {}, other.id)
        yield* say.item("turn-2", agentMessage("item-2", "Two."), other.id)
        yield* say.started("turn-1")
        yield* say.item("turn-1", agentMessage("item-1", "One."))
        yield* say.accepted(firstRequest.id, "turn-1")
        yield* say.accepted(secondRequest.id, "turn-2")
        yield* say.completed("turn-2", {}, other.id)
        yield* say.completed("turn-1")
        assert.strictEqual((yield* first).finalResponse, "One.")
        assert.strictEqual((yield* second).finalResponse, "Two.")
      })
  )

  promise(
    "a refusal fails it, and what was seen meanwhile is dropped",
    ({ appServer, say, server, thread }) =>
      Effect.gen(function*() {
        const running = yield* Effect.fork(thread.run("hi"))
        const { id } = yield* server.takeRequest("turn/start")
        yield* say.delta("turn-9", "of somebody else")
        assert.strictEqual((yield* appServer.stats).turns, 1)
        yield* server.fail(id, { code: -32600, message: "thread not found" })
        assert.strictEqual((yield* Effect.flip(running))._tag, "RequestFailed")
      })
  )

  promise("an answer without an id is UndecodableResult", ({ server, thread }) =>
    Effect.gen(function*() {
      const running = yield* Effect.fork(thread.run("hi"))
      const { id } = yield* server.takeRequest("turn/start")
      yield* server.respond(id, { turn: {} })
      assert.strictEqual((yield* Effect.flip(running))._tag, "UndecodableResult")
    }))

  promise(
    "an answer that comes after its deadline has its turn interrupted",
    ({ say, server, thread }) =>
      Effect.gen(function*() {
        const running = yield* Effect.fork(thread.run("hi", { timeout: "1 second" }))
        const { id } = yield* server.takeRequest("turn/start")
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* Effect.flip(running))._tag, "RequestTimeout")
        yield* say.accepted(id, "turn-1")
        const params = yield* say.interrupted
        assert.deepStrictEqual(params, { threadId: thread.id, turnId: "turn-1" })
      })
  )

  promise("its deadline is the configured one unless it has its own", ({ server, thread }) =>
    Effect.gen(function*() {
      const running = yield* Effect.fork(thread.run("hi"))
      yield* server.takeRequest("turn/start")
      yield* TestClock.adjust("60 seconds")
      const error = yield* Effect.flip(running)
      assert(error._tag === "RequestTimeout")
      assert.strictEqual(Duration.toSeconds(error.timeout), 60)
    }))

  promise(
    "keeps no more turns than earlyTurns while it waits for the answer",
    ({ appServer, say, server, thread }) =>
      Effect.gen(function*() {
        const running = yield* Effect.fork(thread.run("hi"))
        const { id } = yield* server.takeRequest("turn/start")
        for (let i = 0; i < 10; i++) {
          yield* say.delta(`turn-${i}`, "x")
        }
        assert.strictEqual((yield* appServer.stats).turns, 3)
        yield* say.accepted(id, "turn-9")
        yield* settle
        assert.strictEqual((yield* appServer.stats).turns, 1)
        yield* say.completed("turn-9")
        yield* running
      }),
    { config: { earlyTurns: 3 } }
  )

  promise("starts on one thread are asked one at a time", ({ say, server, thread }) =>
    Effect.gen(function*() {
      const first = yield* Effect.fork(thread.run("one"))
      const second = yield* Effect.fork(thread.run("two"))
      const firstRequest = yield* server.takeRequest("turn/start")
      yield* settle
      assert.deepStrictEqual(yield* server.takeAll, [])
      yield* say.accepted(firstRequest.id, "turn-1")
      yield* settle
      assert.deepStrictEqual(yield* server.takeAll, [])
      yield* say.completed("turn-1")
      yield* first
      const secondRequest = yield* server.takeRequest("turn/start")
      yield* say.accepted(secondRequest.id, "turn-2")
      yield* say.completed("turn-2")
      yield* second
    }))

  promise("starts on many threads are asked at once", ({ codex, say, server }) =>
    Effect.gen(function*() {
      const threads = Array.from({ length: 50 }, (_, i) => codex.thread(`thread-${i}`))
      const fibers = yield* Effect.forEach(threads, (thread) => Effect.fork(thread.run(thread.id)))
      const requests = yield* Effect.forEach(threads, () => server.takeRequest("turn/start"))
      for (const { id, params } of [...requests].reverse()) {
        yield* say.accepted(id, `turn of ${params.threadId}`)
      }
      for (const { params: { threadId } } of requests) {
        yield* say.item(`turn of ${threadId}`, agentMessage(`item of ${threadId}`, threadId), threadId)
        yield* say.completed(`turn of ${threadId}`, {}, threadId)
      }
      const results = yield* Effect.forEach(fibers, Fiber.join)
      assert.deepStrictEqual(results.map(({ finalResponse }) => finalResponse), threads.map(({ id }) => id))
    }))

  promise("input and options are sent as they are given", ({ say, server, thread }) =>
    Effect.gen(function*() {
      const running = yield* Effect.fork(
        thread.run(["look", { type: "localImage", path: "/a.png" }], { model: "m", effort: null, whenActive: "fail" })
      )
      const { id, params } = yield* server.takeRequest("turn/start")
      assert.deepStrictEqual(params, {
        threadId: thread.id,
        input: [{ type: "text", text: "look" }, { type: "localImage", path: "/a.png" }],
        model: "m",
        effort: null
      })
      yield* say.accepted(id, "turn-1")
      yield* say.completed("turn-1")
      yield* running
    }))
})
