import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { promise, settle } from "./support/env.js"
import { running } from "./support/turns.js"

describe("with an active turn on the thread", () => {
  promise("\"wait\" starts after it ends, in the order of the calls", (env) =>
    Effect.gen(function*() {
      const { say, server, thread } = env
      yield* running(env, "turn-0")
      const texts = ["one", "two", "three"]
      const fibers = yield* Effect.forEach(texts, (text) =>
        Effect.tap(Effect.fork(thread.run(text, { whenActive: "wait" })), () => settle))
      assert.deepStrictEqual(yield* server.takeAll, [])
      yield* say.completed("turn-0")
      for (const text of texts) {
        const { id, params } = yield* server.takeRequest("turn/start")
        assert.deepStrictEqual(params.input, [{ type: "text", text }])
        yield* say.accepted(id, `turn of ${text}`)
        yield* settle
        assert.deepStrictEqual(yield* server.takeAll, [])
        yield* say.completed(`turn of ${text}`)
      }
      const results = yield* Effect.forEach(fibers, Fiber.join)
      assert.deepStrictEqual(
        results.map(({ id }) =>
          id
        ),
        texts.map((text) => `turn of ${text}`)
      )
    }))

  promise(
    "\"wait\" goes on after a turn that failed, and after a start that was refused",
    (env) =>
      Effect.gen(function*() {
        const { say, server, thread } = env
        yield* running(env, "turn-0")
        const refused = yield* Effect.fork(thread.run("one"))
        const next = yield* Effect.fork(thread.run("two"))
        yield* settle
        yield* say.completed("turn-0", { status: "failed", error: { message: "no" } })
        const first = yield* server.takeRequest("turn/start")
        yield* server.fail(first.id, { code: -32600, message: "no" })
        assert.strictEqual((yield* Effect.flip(refused))._tag, "RequestFailed")
        const second = yield* server.takeRequest("turn/start")
        yield* say.accepted(second.id, "turn-2")
        yield* say.completed("turn-2")
        yield* next
      })
  )

  promise("\"fail\" fails with TurnActive, and asks for nothing", (env) =>
    Effect.gen(function*() {
      yield* running(env, "turn-0")
      const error = yield* Effect.flip(env.thread.run("hi", { whenActive: "fail" }))
      assert(error._tag === "TurnActive")
      assert.deepStrictEqual([error.threadId, error.turnId], [env.thread.id, "turn-0"])
      assert.deepStrictEqual(yield* env.server.takeAll, [])
      yield* env.say.completed("turn-0")
    }))

  promise("\"fail\" and \"join\" do not stand behind those that wait", (env) =>
    Effect.gen(function*() {
      const { say, server, thread } = env
      yield* running(env, "turn-0")
      const waiting = yield* Effect.fork(thread.run("later"))
      yield* settle
      const error = yield* Effect.flip(thread.run("hi", { whenActive: "fail" }))
      assert.strictEqual(error._tag, "TurnActive")
      const joining = yield* Effect.fork(thread.run("also", { whenActive: "join" }))
      const { id } = yield* server.takeRequest("turn/steer")
      yield* server.respond(id, { turnId: "turn-0" })
      yield* say.completed("turn-0")
      assert.strictEqual((yield* joining).id, "turn-0")
      const next = yield* server.takeRequest("turn/start")
      yield* say.accepted(next.id, "turn-1")
      yield* say.completed("turn-1")
      yield* waiting
    }))

  promise("\"join\" steers it, and the handle says so", (env) =>
    Effect.gen(function*() {
      const { say, server, thread } = env
      const owner = yield* running(env, "turn-0")
      const joining = yield* Effect.fork(thread.startTurn("also", { whenActive: "join" }))
      const { id, params } = yield* server.takeRequest("turn/steer")
      assert.deepStrictEqual(params, {
        threadId: thread.id,
        expectedTurnId: "turn-0",
        input: [{ type: "text", text: "also" }]
      })
      yield* server.respond(id, { turnId: "turn-0" })
      const joined = yield* joining
      assert.deepStrictEqual([owner.joined, joined.joined, joined.id], [false, true, "turn-0"])
      yield* say.completed("turn-0")
      assert.deepStrictEqual(yield* joined.result, yield* owner.result)
    }))

  promise(
    "closing the scope of a joined handle, or interrupting its run, leaves the turn alone",
    (env) =>
      Effect.gen(function*() {
        const { say, server, thread } = env
        const owner = yield* running(env, "turn-0")
        const scope = yield* Scope.make()
        const joining = yield* thread.startTurn("also", { whenActive: "join" }).pipe(Scope.extend(scope), Effect.fork)
        yield* Effect.flatMap(server.takeRequest("turn/steer"), ({ id }) => server.respond(id, { turnId: "turn-0" }))
        yield* joining
        yield* Scope.close(scope, Exit.void)

        const run = yield* Effect.fork(thread.run("and", { whenActive: "join" }))
        yield* Effect.flatMap(server.takeRequest("turn/steer"), ({ id }) => server.respond(id, { turnId: "turn-0" }))
        yield* settle
        yield* Fiber.interrupt(run)

        assert.deepStrictEqual(yield* server.takeAll, [])
        yield* say.completed("turn-0")
        assert.strictEqual((yield* owner.result).status, "completed")
      })
  )

  promise(
    "\"join\" starts a turn of its own where the active one has ended in between",
    (env) =>
      Effect.gen(function*() {
        const { say, server, thread } = env
        yield* running(env, "turn-0")
        const joining = yield* Effect.fork(thread.startTurn("also", { whenActive: "join" }))
        const steer = yield* server.takeRequest("turn/steer")
        yield* say.completed("turn-0")
        yield* server.fail(steer.id, { code: -32600, message: "no active turn to steer" })
        const started = yield* server.takeRequest("turn/start")
        yield* say.accepted(started.id, "turn-1")
        const turn = yield* joining
        assert.deepStrictEqual([turn.id, turn.joined], ["turn-1", false])
        yield* say.completed("turn-1")
      })
  )

  promise(
    "\"join\" starts a turn of its own where word of the end comes after the refusal",
    (env) =>
      Effect.gen(function*() {
        const { say, server, thread } = env
        yield* running(env, "turn-0")
        const joining = yield* Effect.fork(thread.run("also", { whenActive: "join" }))
        const steer = yield* server.takeRequest("turn/steer")
        yield* server.fail(steer.id, { code: -32600, message: "no active turn to steer" })
        yield* settle
        yield* say.completed("turn-0")
        const started = yield* server.takeRequest("turn/start")
        yield* say.accepted(started.id, "turn-1")
        yield* say.completed("turn-1")
        assert.strictEqual((yield* joining).id, "turn-1")
      })
  )

  promise("\"join\" fails as the steering does where the turn is still active", (env) =>
    Effect.gen(function*() {
      const { say, server, thread } = env
      yield* running(env, "turn-0")
      const joining = yield* Effect.fork(thread.run("also", { whenActive: "join" }))
      const steer = yield* server.takeRequest("turn/steer")
      yield* server.fail(steer.id, { code: -32600, message: "cannot steer a review" })
      // Word of the turn's end might still be under way.
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Effect.flip(joining))._tag, "RequestFailed")
      yield* say.completed("turn-0")
    }))
})
