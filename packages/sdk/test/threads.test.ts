import * as Thread from "@effect-codex/sdk/Thread"
import { assert, describe } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { promise, settle } from "./support/env.js"
import { threadId } from "./support/talk.js"
import { threadOf } from "./support/threads.js"
import { running } from "./support/turns.js"

describe("a thread", () => {
  promise("is compacted after its active turn, in a turn whose end it waits for", (env) =>
    Effect.gen(function*() {
      const { say, server, thread } = env
      yield* running(env, "turn-1")
      const compacting = yield* Effect.fork(thread.compact)
      yield* settle
      assert.deepStrictEqual(yield* server.takeAll, [])
      yield* say.completed("turn-1")
      const { id } = yield* server.takeRequest("thread/compact/start")
      yield* server.respond(id, {})
      yield* say.started("turn-2")
      yield* settle
      yield* say.completed("turn-2")
      assert.strictEqual((yield* compacting).id, "turn-2")
    }))

  promise(
    "that nobody waits for any more is unsubscribed from when its start is answered",
    ({ codex, server }) =>
      Effect.gen(function*() {
        const interrupted = yield* Effect.fork(codex.startThread())
        const start = yield* server.takeRequest("thread/start")
        yield* Fiber.interrupt(interrupted)
        const late = yield* Effect.fork(Effect.flip(codex.forkThread("thread-0")))
        const fork = yield* server.takeRequest("thread/fork")
        yield* TestClock.adjust("60 seconds")
        assert.strictEqual((yield* late)._tag, "RequestTimeout")
        for (const [{ id }, thread] of [[start, "thread-2"], [fork, "thread-3"]] as const) {
          yield* server.respond(id, { thread: threadOf("idle", { id: thread }) })
          const unsubscribe = yield* server.takeRequest("thread/unsubscribe")
          assert.deepStrictEqual(unsubscribe.params, { threadId: thread })
          yield* server.respond(unsubscribe.id, { status: "unsubscribed" })
        }
        // Others may use this one.
        const resuming = yield* Effect.fork(codex.resumeThread(threadId))
        const resume = yield* server.takeRequest("thread/resume")
        yield* Fiber.interrupt(resuming)
        yield* server.respond(resume.id, { thread: threadOf("idle") })
        yield* settle
        assert.deepStrictEqual(yield* server.takeAll, [])
      })
  )

  promise("that is scoped is unsubscribed from when the scope closes", ({ server, thread }) =>
    Effect.gen(function*() {
      const using = yield* Effect.fork(Effect.scoped(Thread.scoped(Effect.succeed(thread))))
      const { id, params } = yield* server.takeRequest("thread/unsubscribe")
      assert.deepStrictEqual(params, { threadId })
      yield* server.respond(id, { status: "unsubscribed" })
      yield* using
    }))

  promise(
    "has the turn that this program has open there stopped before it is unsubscribed from",
    (env) =>
      Effect.gen(function*() {
        const { say, server, thread } = env
        const turn = yield* running(env, "turn-1")
        const unsubscribing = yield* Effect.fork(thread.unsubscribe)
        yield* say.interrupted
        const { id } = yield* server.takeRequest("thread/unsubscribe")
        yield* server.respond(id, { status: "unsubscribed" })
        yield* unsubscribing
        assert.strictEqual((yield* Effect.flip(turn.result))._tag, "TurnInterrupted")
      })
  )
})

describe("lists", () => {
  promise("are asked for a page at a time, as they are read", ({ codex, server }) =>
    Effect.gen(function*() {
      const reading = yield* codex.models({ limit: 1 }).pipe(Stream.runCollect, Effect.fork)
      const first = yield* server.takeRequest("model/list")
      assert.deepStrictEqual(first.params, { limit: 1, cursor: null })
      yield* server.respond(first.id, { data: [], nextCursor: "next" })
      const second = yield* server.takeRequest("model/list")
      assert.deepStrictEqual(second.params, { limit: 1, cursor: "next" })
      yield* server.respond(second.id, { data: [], nextCursor: "next" })
      // A cursor that does not move is the end.
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* reading), [])
      assert.deepStrictEqual(yield* server.takeAll, [])
    }))
})
