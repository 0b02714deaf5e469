import { end } from "@effect-codex/sdk/Transport"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { connect, promise, settle } from "./support/env.js"
import { running } from "./support/turns.js"

const notActive = { code: -32600, message: "no active turn" }

const isDone = <A, E>(fiber: Fiber.RuntimeFiber<A, E>) => Effect.map(Fiber.poll(fiber), Option.isSome)

const methods = (messages: ReadonlyArray<{ readonly method?: string }>) => messages.map(({ method }) => method)

describe("a turn that is accepted after the deadline of its start", () => {
  promise("is stopped, also where it has not begun yet", ({ say, server, thread }) =>
    Effect.gen(function*() {
      const run = yield* Effect.fork(Effect.exit(thread.run("hi", { timeout: "3 seconds" })))
      const { id } = yield* server.takeRequest("turn/start")
      yield* TestClock.adjust("3 seconds")
      yield* run
      yield* say.accepted(id, "turn-1")
      const asked = yield* server.takeRequest("turn/interrupt")
      yield* server.fail(asked.id, notActive)
      yield* say.started("turn-1")
      yield* TestClock.adjust("50 millis")
      assert.strictEqual((yield* say.interrupted).turnId, "turn-1")
      yield* settle
    }))

  promise("goes on where another handle has joined it meanwhile", ({ say, server, thread }) =>
    Effect.gen(function*() {
      const late = yield* Effect.fork(Effect.exit(thread.run("A", { timeout: "1 second" })))
      const first = yield* server.takeRequest("turn/start")
      yield* TestClock.adjust("1 second")
      yield* late
      const run = yield* Effect.fork(thread.run("B"))
      const second = yield* server.takeRequest("turn/start")
      yield* say.accepted(first.id, "turn-1")
      yield* say.accepted(second.id, "turn-1")
      yield* settle
      assert.deepStrictEqual(yield* server.takeAll, [])
      yield* say.completed("turn-1")
      assert.strictEqual((yield* run).status, "completed")
    }))
})

describe("starts on one thread", () => {
  promise(
    "go in the order of the calls, whoever calls in the moment of a change",
    ({ say, server, thread }) =>
      Effect.gen(function*() {
        const both = yield* Effect.fork(Effect.zipRight(thread.startTurn("A"), thread.run("C")))
        const first = yield* server.takeRequest("turn/start")
        const other = yield* Effect.fork(thread.run("B"))
        yield* settle
        yield* say.accepted(first.id, "turn-A")
        yield* settle
        yield* say.completed("turn-A")
        const order: Array<unknown> = []
        for (const turnId of ["turn-1", "turn-2"]) {
          const { id, params: { input: [part] } } = yield* server.takeRequest("turn/start")
          order.push(part)
          yield* say.accepted(id, turnId)
          yield* say.completed(turnId)
        }
        yield* Fiber.join(both)
        yield* Fiber.join(other)
        assert.deepStrictEqual(order, [{ type: "text", text: "B" }, { type: "text", text: "C" }])
      })
  )

  promise("leave their place to those behind when they are interrupted in the line", (env) =>
    Effect.gen(function*() {
      const { say, server, thread } = env
      yield* running(env, "turn-1")
      const leaving = yield* Effect.fork(thread.run("leaves"))
      yield* settle
      const staying = yield* Effect.fork(thread.run("stays"))
      yield* settle
      yield* Fiber.interrupt(leaving)
      yield* settle
      assert.deepStrictEqual(yield* server.takeAll, [])
      yield* say.completed("turn-1")
      const { id } = yield* server.takeRequest("turn/start")
      yield* say.accepted(id, "turn-2")
      yield* say.completed("turn-2")
      assert.strictEqual((yield* staying).id, "turn-2")
    }))

  promise("with `fail` fail at once while another one joins", (env) =>
    Effect.gen(function*() {
      yield* running(env, "turn-1")
      const joining = yield* Effect.fork(env.thread.run("also", { whenActive: "join" }))
      yield* env.server.takeRequest("turn/steer")
      assert.strictEqual((yield* Effect.flip(env.thread.run("x", { whenActive: "fail" })))._tag, "TurnActive")
      yield* Fiber.interrupt(joining)
      yield* env.say.completed("turn-1")
    }))

  promise(
    "with `fail` fail with the end of the connection, where that comes while they wait",
    (env) =>
      Effect.gen(function*() {
        const { say, server, thread } = env
        const first = yield* Effect.fork(Effect.exit(thread.run("first")))
        const { id } = yield* server.takeRequest("turn/start")
        const joining = yield* Effect.fork(Effect.exit(thread.run("joins", { whenActive: "join" })))
        yield* settle
        const failing = yield* Effect.fork(Effect.flip(thread.run("fails", { whenActive: "fail" })))
        yield* settle
        yield* say.accepted(id, "turn-1")
        yield* server.takeRequest("turn/steer")
        yield* server.end(end("EndOfStream"))
        assert.strictEqual((yield* failing)._tag, "ConnectionClosed")
        yield* Fiber.joinAll([first, joining])
      })
  )

  promise("are not held up by an end that is told twice", (env) =>
    Effect.gen(function*() {
      const watching = yield* Effect.fork(Stream.runDrain(env.thread.events))
      yield* running(env, "turn-1")
      yield* env.say.completed("turn-1")
      yield* env.say.started("turn-1")
      const run = yield* Effect.fork(env.thread.run("next"))
      const { id } = yield* env.server.takeRequest("turn/start")
      yield* env.say.accepted(id, "turn-2")
      yield* env.say.completed("turn-2")
      yield* run
      yield* Fiber.interrupt(watching)
    }))
})

describe("while the Layer closes, nothing is started any more", () => {
  it.scoped("by a join whose turn has ended", () =>
    Effect.gen(function*() {
      const env = yield* connect()
      const { say, server, thread } = env
      const scope = yield* Scope.make()
      yield* Scope.extend(running(env, "turn-1"), scope)
      const joining = yield* Effect.fork(Effect.exit(thread.run("also", { whenActive: "join" })))
      const steer = yield* server.takeRequest("turn/steer")
      const closing = yield* Effect.fork(env.close)
      yield* say.interrupted
      yield* server.fail(steer.id, notActive)
      yield* TestClock.adjust("20 seconds")
      yield* Fiber.join(closing)
      yield* Fiber.join(joining)
      assert.notInclude(methods(yield* server.takeAll), "turn/start")
    }))

  it.scoped("by a start behind one that was refused", () =>
    Effect.gen(function*() {
      const env = yield* connect()
      const { server, thread } = env
      const one = yield* Effect.fork(Effect.exit(thread.run("one")))
      const first = yield* server.takeRequest("turn/start")
      const two = yield* Effect.fork(Effect.exit(thread.run("two", { whenActive: "fail" })))
      yield* settle
      const closing = yield* Effect.fork(env.close)
      yield* settle
      yield* server.fail(first.id, notActive)
      yield* TestClock.adjust("20 seconds")
      yield* Fiber.join(closing)
      yield* Fiber.joinAll([one, two])
      assert.notInclude(methods(yield* server.takeAll), "turn/start")
    }))
})

promise("a write that fails for good ends the connection for everyone", (env) =>
  Effect.gen(function*() {
    const turn = yield* running(env, "turn-1")
    yield* env.server.failSends
    const request = yield* Effect.fork(Effect.flip(env.appServer.request("model/list", {})))
    yield* TestClock.adjust("2 seconds")
    const error = yield* request
    assert(error._tag === "ConnectionClosed")
    assert.strictEqual(yield* Effect.flip(turn.result), error)
    assert.strictEqual(yield* env.appServer.closed, error)
    assert.isTrue(yield* isDone(request))
  }))
