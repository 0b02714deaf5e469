import type { ConnectionEvent, ServerEvent } from "@effect-codex/sdk/TurnEvent"
import { assert, describe } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { promise, settle } from "./support/env.js"
import { threadId } from "./support/talk.js"

const tags = (events: Iterable<{ readonly _tag: string }>) => Array.from(events, ({ _tag }) => _tag)

const accountUpdated = { method: "account/updated", params: { authMode: null } }

describe("the server's events", () => {
  promise("come to every subscriber, each in a copy of its own", ({ codex, say, server }) =>
    Effect.gen(function*() {
      const first = yield* codex.events.pipe(Stream.take(3), Stream.runCollect, Effect.fork)
      yield* settle
      yield* server.send(accountUpdated)
      const second = yield* codex.events.pipe(Stream.take(2), Stream.runCollect, Effect.fork)
      yield* settle
      yield* say.delta("turn-1", "a")
      yield* say.completed("turn-1")
      assert.deepStrictEqual(tags(yield* first), ["AccountUpdated", "ItemAgentMessageDelta", "TurnCompleted"])
      assert.deepStrictEqual(tags(yield* second), ["ItemAgentMessageDelta", "TurnCompleted"])
    }))

  promise("are told apart: the connection's have no thread, a thread's have that one", (
    { appServer, codex, say, server, thread }
  ) =>
    Effect.gen(function*() {
      const ofConnection = yield* appServer.connectionEvents.pipe(Stream.take(3), Stream.runCollect, Effect.fork)
      const ofThread = yield* thread.events.pipe(Stream.take(2), Stream.runCollect, Effect.fork)
      const ofOther = yield* codex.thread("thread-2").events.pipe(Stream.take(1), Stream.runCollect, Effect.fork)
      yield* settle
      yield* server.send(accountUpdated)
      yield* server.notify("thread/name/updated", { threadId, threadName: "a name" })
      yield* server.send({ method: "thread/tomorrow", params: { threadId: "thread-2" } })
      yield* say.delta("turn-1", "a")
      yield* server.send({ method: "weather/changed", params: { to: "rain" } })
      yield* server.notify("account/login/completed", { loginId: "login-1", success: true })
      const connectionEvents: ReadonlyArray<ConnectionEvent> = Chunk.toReadonlyArray(yield* ofConnection)
      assert.deepStrictEqual(tags(connectionEvents), ["AccountUpdated", "Unknown", "AccountLoginCompleted"])
      assert.deepStrictEqual(tags(yield* ofThread), ["ThreadNameUpdated", "ItemAgentMessageDelta"])
      assert.deepStrictEqual(tags(yield* ofOther), ["Unknown"])
    }))

  promise(
    "show what this version does not know, and what makes no sense, as it came",
    ({ appServer, codex, server }) =>
      Effect.gen(function*() {
        const reading = yield* codex.events.pipe(Stream.take(4), Stream.runCollect, Effect.fork)
        const another = yield* codex.events.pipe(Stream.take(4), Stream.runDrain, Effect.fork)
        yield* settle
        yield* server.send({ method: "toString", params: [1, 2] })
        yield* server.send({ method: "weather/changed" })
        yield* server.send({ method: "thread/name/updated", params: { threadId: 5 } })
        yield* server.send({ method: "account/updated" })
        const events: ReadonlyArray<ServerEvent> = Chunk.toReadonlyArray(yield* reading)
        assert.deepStrictEqual(
          events.map((event) =>
            event._tag === "Unknown" || event._tag === "Undecodable" ? [event._tag, event.method, event.params] : event
          ),
          [
            ["Unknown", "toString", [1, 2]],
            ["Unknown", "weather/changed", undefined],
            ["Undecodable", "thread/name/updated", { threadId: 5 }],
            ["Undecodable", "account/updated", undefined]
          ]
        )
        yield* another
        // Once each, however many there are that look.
        assert.strictEqual((yield* appServer.stats).undecodable, 2)
      })
  )

  promise("keep members that this version does not know", ({ codex, server }) =>
    Effect.gen(function*() {
      const reading = yield* codex.events.pipe(Stream.take(1), Stream.runCollect, Effect.fork)
      yield* settle
      yield* server.send({
        method: "thread/name/updated",
        params: { threadId, threadName: "a name", ofTomorrow: [1] },
        emittedAtMs: 5
      })
      assert.deepStrictEqual<unknown>(Chunk.toReadonlyArray(yield* reading), [
        { _tag: "ThreadNameUpdated", threadId, threadName: "a name", ofTomorrow: [1] }
      ])
    }))

  promise(
    "for a slow subscriber fail with EventOverflow, for it alone",
    ({ codex, server, thread }) =>
      Effect.gen(function*() {
        const gate = yield* Effect.makeLatch()
        const seen: Array<string> = []
        const slow = yield* codex.events.pipe(
          Stream.runForEach((event) => Effect.zipRight(gate.await, Effect.sync(() => seen.push(event._tag)))),
          Effect.flip,
          Effect.fork
        )
        const fast = yield* Effect.fork(Stream.runCollect(Stream.take(thread.events, 6)))
        yield* settle
        for (let i = 0; i < 6; i++) {
          yield* server.notify("thread/name/updated", { threadId, threadName: `${i}` })
          yield* settle
        }
        yield* gate.open
        assert.strictEqual((yield* slow)._tag, "EventOverflow")
        // One is in the reader's hands while the queue fills.
        assert.strictEqual(seen.length, 5)
        assert.strictEqual((yield* fast).length, 6)
      }),
    { config: { eventCapacity: 4 } }
  )

  promise(
    "are kept for nobody once a subscriber has gone",
    ({ appServer, codex, say, thread }) =>
      Effect.gen(function*() {
        const fibers = yield* Effect.forEach(
          [codex.events, thread.events],
          (events) => Effect.fork(Stream.runDrain<ServerEvent, unknown, never>(events))
        )
        yield* settle
        assert.strictEqual((yield* appServer.stats).threads, 1)
        yield* Effect.forEach(fibers, Fiber.interrupt)
        yield* say.delta("turn-1", "a")
        assert.strictEqual((yield* appServer.stats).threads, 0)
      })
  )
})
