import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { promise, settle } from "./support/env.js"
import { running, start } from "./support/turns.js"

describe("interruption", () => {
  promise(
    "interrupting a run stops its turn on the server, and waits for its end",
    ({ say, server, thread }) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(thread.run("hi"))
        const { id } = yield* server.takeRequest("turn/start")
        yield* say.accepted(id, "turn-1")
        yield* settle
        const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
        const { id: interruptId, params } = yield* server.takeRequest("turn/interrupt")
        assert.deepStrictEqual(params, { threadId: thread.id, turnId: "turn-1" })
        yield* server.respond(interruptId, {})
        yield* settle
        assert.isTrue(Option.isNone(yield* Fiber.poll(interrupting)))
        yield* say.completed("turn-1", { status: "interrupted" })
        const exit = yield* interrupting
        assert.isTrue(Exit.isInterrupted(exit))
      })
  )

  promise("a turn is stopped also where no more requests may wait", (env) =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(env.thread.run("hi"))
      const { id } = yield* env.server.takeRequest("turn/start")
      yield* env.say.accepted(id, "turn-1")
      const asked = yield* Effect.fork(env.appServer.request("model/list", {}))
      yield* env.server.takeRequest("model/list")
      const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
      assert.strictEqual((yield* env.say.interrupted).turnId, "turn-1")
      assert.isTrue(Exit.isInterrupted(yield* interrupting))
      yield* Fiber.interrupt(asked)
    }), { config: { maxPendingRequests: 1 } })

  promise("a timeout, a lost race and a stream not read to its end stop their turns", (env) =>
    Effect.gen(function*() {
      const { say, server, thread } = env
      const next = (turnId: string) =>
        Effect.gen(function*() {
          const { id } = yield* server.takeRequest("turn/start")
          yield* say.accepted(id, turnId)
          yield* say.started(turnId)
        })

      const timed = yield* thread.run("hi").pipe(Effect.timeoutOption("10 seconds"), Effect.fork)
      yield* next("turn-1")
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* say.interrupted).turnId, "turn-1")
      assert.isTrue(Option.isNone(yield* timed))

      const winner = yield* Effect.makeLatch()
      const race = yield* thread.run("hi").pipe(Effect.race(winner.await), Effect.fork)
      yield* next("turn-2")
      yield* winner.open
      assert.strictEqual((yield* say.interrupted).turnId, "turn-2")
      assert.isUndefined(yield* race)

      const taken = yield* thread.stream("hi").pipe(Stream.take(1), Stream.runCollect, Effect.fork)
      yield* next("turn-3")
      assert.strictEqual((yield* say.interrupted).turnId, "turn-3")
      assert.strictEqual((yield* taken).length, 1)
    }))

  promise(
    "closing the scope of a turn stops it; of one that has ended, asks for nothing",
    (env) =>
      Effect.gen(function*() {
        const scope = yield* Scope.make()
        yield* Scope.extend(running(env, "turn-1"), scope)
        const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
        yield* env.say.interrupted
        yield* closing

        const another = yield* Scope.make()
        yield* Scope.extend(running(env, "turn-2"), another)
        yield* env.say.completed("turn-2")
        yield* Scope.close(another, Exit.void)
        assert.deepStrictEqual(yield* env.server.takeAll, [])
      })
  )

  promise(
    "one that is never answered is waited for no longer than the grace, and its owner goes on",
    (env) =>
      Effect.gen(function*() {
        const scope = yield* Scope.make()
        yield* Scope.extend(running(env, "turn-1"), scope)
        const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
        yield* env.server.takeRequest("turn/interrupt")
        yield* TestClock.adjust(Duration.millis(4_999))
        assert.isTrue(Option.isNone(yield* Fiber.poll(closing)))
        yield* TestClock.adjust(Duration.millis(1))
        yield* closing
      })
  )

  promise(
    "what counts is the turn's end, not the answer, which old servers never give",
    (env) =>
      Effect.gen(function*() {
        const turn = yield* running(env, "turn-1")
        const interrupting = yield* Effect.fork(turn.interrupt)
        yield* env.server.takeRequest("turn/interrupt")
        yield* env.say.completed("turn-1", { status: "interrupted" })
        assert.strictEqual((yield* interrupting).status, "interrupted")
      })
  )

  promise(
    "during turn/start waits for the turn's id, and then stops it",
    ({ say, server, thread }) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(thread.run("hi"))
        const { id } = yield* server.takeRequest("turn/start")
        const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
        yield* settle
        assert.deepStrictEqual(yield* server.takeAll, [])
        assert.isTrue(Option.isNone(yield* Fiber.poll(interrupting)))
        yield* say.accepted(id, "turn-1")
        assert.strictEqual((yield* say.interrupted).turnId, "turn-1")
        yield* interrupting
      })
  )

  promise("during turn/start waits no longer than its deadline", ({ say, server, thread }) =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(thread.run("hi", { timeout: "3 seconds" }))
      const { id } = yield* server.takeRequest("turn/start")
      const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* TestClock.adjust("3 seconds")
      yield* interrupting
      yield* say.accepted(id, "turn-1")
      yield* say.interrupted
    }))

  promise("is asked again while the server does not know the turn as active yet", (env) =>
    Effect.gen(function*() {
      const turn = yield* start(env, "turn-1")
      const interrupting = yield* Effect.fork(turn.interrupt)
      for (let refusals = 0; refusals < 3; refusals++) {
        const { id } = yield* env.server.takeRequest("turn/interrupt")
        yield* env.server.fail(id, { code: -32600, message: "no active turn to interrupt" })
        yield* TestClock.adjust("50 millis")
      }
      assert.strictEqual((yield* env.say.interrupted).turnId, "turn-1")
      assert.strictEqual((yield* interrupting).status, "interrupted")
    }))

  promise("Turn.interrupt reports how the turn ended where that was faster", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      const interrupting = yield* Effect.fork(turn.interrupt)
      yield* env.server.takeRequest("turn/interrupt")
      yield* env.say.completed("turn-1")
      assert.strictEqual((yield* interrupting).status, "completed")
      assert.strictEqual((yield* turn.interrupt).status, "completed")
      assert.deepStrictEqual(yield* env.server.takeAll, [])
    }))

  promise(
    "Turn.interrupt fails with InterruptTimeout after the grace, and the end still reaches result",
    (env) =>
      Effect.gen(function*() {
        const turn = yield* running(env, "turn-1")
        const interrupting = yield* Effect.fork(turn.interrupt)
        const { id } = yield* env.server.takeRequest("turn/interrupt")
        yield* env.server.respond(id, {})
        yield* TestClock.adjust("2 seconds")
        const error = yield* Effect.flip(interrupting)
        assert(error._tag === "InterruptTimeout")
        assert.strictEqual(Duration.toSeconds(error.grace), 2)
        yield* env.say.completed("turn-1", { status: "interrupted" })
        assert.strictEqual((yield* Effect.flip(turn.result))._tag, "TurnInterrupted")
      }),
    { config: { interruptGrace: "2 seconds" } }
  )

  promise("a detached turn goes on when its scope closes", (env) =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const turn = yield* Scope.extend(running(env, "turn-1"), scope)
      yield* turn.detach
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* env.server.takeAll, [])
      yield* env.say.completed("turn-1")
      assert.strictEqual((yield* turn.result).status, "completed")
    }))

  promise("of one that waits for the active turn starts nothing", (env) =>
    Effect.gen(function*() {
      yield* running(env, "turn-1")
      const waiting = yield* Effect.fork(env.thread.run("next"))
      yield* settle
      yield* Fiber.interrupt(waiting)
      yield* env.say.completed("turn-1")
      yield* settle
      assert.deepStrictEqual(yield* env.server.takeAll, [])
    }))
})

describe("where nothing can be interrupted, as in the finalizers of a program", () => {
  promise("`Turn.interrupt` reports how the turn ended", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      const interrupting = yield* Effect.fork(Effect.uninterruptible(turn.interrupt))
      yield* env.say.interrupted
      assert.strictEqual((yield* interrupting).status, "interrupted")
    }))

  promise("`Turn.interrupt` waits for a silent turn no longer than its grace", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      const interrupting = yield* Effect.fork(Effect.uninterruptible(turn.interrupt))
      const { id } = yield* env.server.takeRequest("turn/interrupt")
      yield* env.server.respond(id, {})
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual((yield* Effect.flip(interrupting))._tag, "InterruptTimeout")
      yield* env.say.completed("turn-1")
    }))

  promise(
    "a run with limits is stopped by them, and ends as ever where it does not pass them",
    (env) =>
      Effect.gen(function*() {
        const { say, server, thread } = env
        const next = (turnId: string) =>
          Effect.gen(function*() {
            const { id } = yield* server.takeRequest("turn/start")
            yield* say.accepted(id, turnId)
            yield* say.started(turnId)
            yield* settle
          })
        const stopped = yield* Effect.fork(Effect.uninterruptible(thread.run("hi", { maxDuration: "1 minute" })))
        yield* next("turn-1")
        yield* TestClock.adjust("1 minute")
        yield* say.interrupted
        assert.strictEqual((yield* Effect.flip(stopped))._tag, "LimitExceeded")

        const completed = yield* Effect.fork(
          Effect.uninterruptible(thread.run("hi", { maxDuration: "1 minute", maxTokens: 10 }))
        )
        yield* next("turn-2")
        yield* say.completed("turn-2")
        assert.strictEqual((yield* completed).status, "completed")
      })
  )

  promise("who steers a turn that does not begin is let go of within the deadline", (env) =>
    Effect.gen(function*() {
      const turn = yield* start(env, "turn-1")
      const steering = yield* Effect.fork(Effect.uninterruptible(turn.steer("faster")))
      const { id } = yield* env.server.takeRequest("turn/steer")
      yield* env.server.fail(id, { code: -32600, message: "no active turn to steer" })
      yield* TestClock.adjust("3 seconds")
      assert.strictEqual((yield* Effect.flip(steering))._tag, "TurnNotActive")
      yield* env.say.completed("turn-1")
    }), { config: { requestTimeout: "3 seconds" } })
})
