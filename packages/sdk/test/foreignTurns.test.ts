import { assert, describe } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { promise, settle } from "./support/env.js"
import { running } from "./support/turns.js"

const tags = (events: Iterable<{ readonly _tag: string }>) => Array.from(events, ({ _tag }) => _tag)

describe("a turn that nobody here has started", () => {
  promise(
    "is shown by the thread's events and by all events, and leaves nothing behind",
    (env) =>
      Effect.gen(function*() {
        const { appServer, codex, say, thread } = env
        const ofThread = yield* thread.events.pipe(Stream.take(3), Stream.runCollect, Effect.fork)
        const ofAll = yield* codex.events.pipe(Stream.take(3), Stream.runCollect, Effect.fork)
        const ofOther = yield* codex.thread("thread-2").events.pipe(Stream.runCollect, Effect.fork)
        yield* settle
        yield* say.started("turn-of-others")
        assert.strictEqual((yield* appServer.stats).turns, 1)
        yield* say.delta("turn-of-others", "Hello.")
        yield* say.completed("turn-of-others")
        assert.strictEqual((yield* appServer.stats).turns, 0)
        const expected = ["TurnStarted", "ItemAgentMessageDelta", "TurnCompleted"]
        assert.deepStrictEqual(tags(yield* ofThread), expected)
        assert.deepStrictEqual(tags(yield* ofAll), expected)
        yield* Fiber.interrupt(ofOther)
      })
  )

  promise("is not even remembered where nobody looks at its thread", ({ appServer, say }) =>
    Effect.gen(function*() {
      for (let i = 0; i < 1_000; i++) {
        yield* say.started(`turn-${i}`, {}, `thread-${i}`)
        yield* say.delta(`turn-${i}`, "x", "item-1", `thread-${i}`)
      }
      const { threads, turns } = yield* appServer.stats
      assert.deepStrictEqual([threads, turns], [0, 0])
    }))

  promise(
    "is forgotten when the last one who looks at its thread goes",
    ({ appServer, say, server, thread }) =>
      Effect.gen(function*() {
        const watching = yield* Effect.fork(Stream.runDrain(thread.events))
        yield* settle
        yield* say.started("turn-of-others")
        assert.strictEqual((yield* appServer.stats).turns, 1)
        const exit = yield* Fiber.interrupt(watching)
        assert.isTrue(Exit.isInterrupted(exit))
        const { threads, turns } = yield* appServer.stats
        assert.deepStrictEqual([threads, turns], [0, 0])
        const fiber = yield* Effect.fork(thread.run("hi"))
        const { id } = yield* server.takeRequest("turn/start")
        yield* say.accepted(id, "turn-1")
        yield* say.completed("turn-1")
        assert.strictEqual((yield* fiber).id, "turn-1")
      })
  )

  promise("is waited for where it was seen to start", ({ say, server, thread }) =>
    Effect.gen(function*() {
      const watching = yield* Effect.fork(Stream.runDrain(thread.events))
      yield* settle
      yield* say.started("turn-of-others")
      const fiber = yield* Effect.fork(thread.run("hi"))
      yield* settle
      assert.deepStrictEqual(yield* server.takeAll, [])
      yield* say.completed("turn-of-others", { status: "failed", error: { message: "not our concern" } })
      const { id } = yield* server.takeRequest("turn/start")
      yield* say.accepted(id, "turn-1")
      yield* say.completed("turn-1")
      assert.strictEqual((yield* fiber).id, "turn-1")
      yield* Fiber.interrupt(watching)
    }))

  promise("can be joined, and is not stopped by who joined it", ({ say, server, thread }) =>
    Effect.gen(function*() {
      const watching = yield* Effect.fork(Stream.runDrain(thread.events))
      yield* settle
      yield* say.started("turn-of-others")
      const joining = yield* Effect.fork(thread.startTurn("also", { whenActive: "join" }))
      const { id, params } = yield* server.takeRequest("turn/steer")
      assert.strictEqual(params.expectedTurnId, "turn-of-others")
      yield* server.respond(id, { turnId: "turn-of-others" })
      const turn = yield* joining
      assert.isTrue(turn.joined)
      const reading = yield* Effect.fork(Stream.runCollect(turn.textDeltas))
      yield* Fiber.interrupt(watching)
      yield* settle
      yield* say.delta("turn-of-others", "Yes.")
      yield* say.completed("turn-of-others")
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* reading), ["Yes."])
      assert.deepStrictEqual(yield* server.takeAll, [])
    }))

  promise(
    "whose completion was missed is done when the next one starts",
    ({ say, server, thread }) =>
      Effect.gen(function*() {
        const watching = yield* Effect.fork(Stream.runDrain(thread.events))
        yield* settle
        yield* say.started("turn-of-others")
        const fiber = yield* Effect.fork(thread.run("hi"))
        yield* settle
        yield* say.started("another-turn-of-others")
        yield* settle
        yield* say.completed("another-turn-of-others")
        const { id } = yield* server.takeRequest("turn/start")
        yield* say.accepted(id, "turn-1")
        yield* say.completed("turn-1")
        yield* fiber
        yield* Fiber.interrupt(watching)
      })
  )

  promise("does not disturb a turn of ours on the same thread", (env) =>
    Effect.gen(function*() {
      const { say } = env
      const turn = yield* running(env, "turn-1")
      yield* say.usage("an-old-turn", 1_000)
      yield* say.delta("an-old-turn", "x")
      yield* say.delta("turn-1", "y")
      yield* say.completed("an-old-turn")
      yield* say.completed("turn-1")
      assert.deepStrictEqual(tags(yield* Stream.runCollect(turn.events)), [
        "TurnStarted",
        "ItemAgentMessageDelta",
        "TurnCompleted"
      ])
      assert.isNull((yield* turn.result).usage)
    }))
})
