import * as Transport from "@effect-codex/sdk/Transport"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { assertNothingHeld, connect, promise, settle } from "./support/env.js"
import { running } from "./support/turns.js"

describe("the end of the connection", () => {
  promise(
    "fails everything that is open with one error, and all that comes later at once",
    (env) =>
      Effect.gen(function*() {
        const { appServer, codex, server, thread } = env
        const turn = yield* running(env, "turn-1")
        const waiting = yield* Effect.fork(Effect.flip(thread.run("after it")))
        const pending = yield* Effect.fork(Effect.flip(appServer.request("model/list", {})))
        const starting = yield* Effect.fork(Effect.flip(codex.thread("thread-2").run("hi")))
        const result = yield* Effect.fork(Effect.flip(turn.result))
        const steering = yield* Effect.fork(Effect.flip(turn.steer("more")))
        const joining = yield* Effect.fork(Effect.flip(thread.run("too", { whenActive: "join" })))
        const interrupting = yield* Effect.fork(Effect.flip(turn.interrupt))
        const streams = yield* Effect.forEach(
          [turn.events, thread.events, codex.events, appServer.connectionEvents],
          (events) => Effect.fork(Effect.flip(Stream.runDrain<unknown, unknown, never>(events)))
        )
        const closed = yield* Effect.fork(appServer.closed)
        yield* settle

        yield* server.end(Transport.end("Exited", { exitCode: 101, stderrTail: "thread 'main' panicked" }))
        const error = yield* closed
        assert.deepStrictEqual([error._tag, error.reason, error.exitCode, error.signal, error.stderrTail], [
          "ConnectionClosed",
          "Exited",
          101,
          null,
          "thread 'main' panicked"
        ])
        assert.include(error.message, "exited with status 101")
        const open = [waiting, pending, starting, result, steering, joining, interrupting, ...streams]
        for (const fiber of open) {
          assert.strictEqual(yield* fiber, error)
        }

        const later = [
          appServer.request("model/list", {}),
          codex.startThread(),
          thread.run("hi"),
          thread.run("hi", { whenActive: "join" }),
          thread.run("hi", { whenActive: "fail" }),
          thread.compact,
          turn.result,
          turn.steer("more"),
          turn.interrupt,
          Stream.runDrain(codex.events),
          Stream.runDrain(thread.events),
          Stream.runDrain(turn.events),
          Stream.runDrain(codex.threads())
        ]
        for (const call of later) {
          assert.strictEqual(yield* Effect.flip(Effect.asVoid<unknown, unknown, never>(call)), error)
        }
      })
  )

  promise("says which signal, or what failed", (env) =>
    Effect.gen(function*() {
      yield* env.server.end(Transport.end("Failed", { signal: "SIGKILL", cause: "read ECONNRESET" }))
      const error = yield* env.appServer.closed
      assert.deepStrictEqual([error.reason, error.signal, error.cause], ["Failed", "SIGKILL", "read ECONNRESET"])
    }))

  promise(
    "ends a turn whose end is not known by its error, after what was read of it",
    (env) =>
      Effect.gen(function*() {
        const turn = yield* running(env, "turn-1")
        yield* env.say.delta("turn-1", "a")
        yield* env.server.end(Transport.end("EndOfStream"))
        const seen: Array<string> = []
        const error = yield* turn.events.pipe(
          Stream.runForEach((event) => Effect.sync(() => seen.push(event._tag))),
          Effect.flip
        )
        assert.deepStrictEqual([seen, error._tag], [["TurnStarted", "ItemAgentMessageDelta"], "ConnectionClosed"])
      })
  )

  promise("leaves turns that have ended as they are", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      yield* env.say.completed("turn-1")
      yield* env.server.end(Transport.end("EndOfStream"))
      yield* env.appServer.closed
      assert.strictEqual((yield* turn.result).status, "completed")
      assert.strictEqual((yield* turn.interrupt).status, "completed")
    }))

  promise("lets go of what waits for the server to take something in", (env) =>
    Effect.gen(function*() {
      yield* env.server.pause
      const fiber = yield* Effect.fork(env.appServer.request("model/list", {}))
      yield* settle
      yield* env.server.end(Transport.end("EndOfStream"))
      assert.strictEqual((yield* Effect.flip(fiber))._tag, "ConnectionClosed")
    }))

  promise("lets go of who waits for a turn to begin", (env) =>
    Effect.gen(function*() {
      const { say, server, thread } = env
      const starting = yield* Effect.fork(thread.startTurn("hi"))
      yield* Effect.flatMap(server.takeRequest("turn/start"), ({ id }) => say.accepted(id, "turn-1"))
      const turn = yield* starting
      const steering = yield* Effect.fork(Effect.flip(turn.steer("more")))
      const joining = yield* Effect.fork(Effect.flip(thread.run("too", { whenActive: "join" })))
      for (const request of [yield* server.takeRequest("turn/steer"), yield* server.takeRequest("turn/steer")]) {
        yield* server.fail(request.id, { code: -32600, message: "no active turn to steer" })
      }
      yield* settle
      yield* server.end(Transport.end("EndOfStream"))
      yield* settle
      assert.isTrue(Option.isSome(yield* Fiber.poll(steering)))
      assert.isTrue(Option.isSome(yield* Fiber.poll(joining)))
      assert.strictEqual((yield* steering)._tag, "ConnectionClosed")
      assert.strictEqual((yield* joining)._tag, "ConnectionClosed")
    }))
})

describe("closing the Layer", () => {
  it.scoped("stops open turns first, all at once, and then ends everything as LayerClosed", () =>
    Effect.gen(function*() {
      const env = yield* connect()
      const turns = yield* Effect.forEach(
        ["a", "b"],
        (name) => running(env, `turn of ${name}`, { thread: env.codex.thread(name) })
      )
      const detached = yield* running(env, "a detached turn", { thread: env.codex.thread("c") })
      yield* detached.detach
      const reading = yield* Effect.fork(Effect.flip(Stream.runDrain(env.codex.events)))
      yield* settle
      const closing = yield* Effect.fork(env.close)
      const requests = [
        yield* env.server.takeRequest("turn/interrupt"),
        yield* env.server.takeRequest("turn/interrupt")
      ]
      assert.deepStrictEqual(requests.map(({ params }) => params.turnId).sort(), ["turn of a", "turn of b"])
      const refused = yield* Effect.flip(env.thread.run("one more"))
      assert(refused._tag === "ConnectionClosed")
      for (const { id, params } of requests) {
        yield* env.server.respond(id, {})
        yield* env.say.completed(params.turnId, { status: "interrupted" }, params.threadId)
      }
      yield* closing
      for (const turn of turns) {
        assert.strictEqual((yield* Effect.flip(turn.result))._tag, "TurnInterrupted")
      }
      const error = yield* env.appServer.closed
      assert.strictEqual(error.reason, "LayerClosed")
      assert.strictEqual(yield* reading, error)
      assert.strictEqual(yield* Effect.flip(detached.result), error)
      assert.strictEqual(yield* Effect.flip(env.appServer.request("model/list", {})), error)
      yield* assertNothingHeld(env)
    }))

  it.scoped("lets a start that is under way get its turn, and stops that", () =>
    Effect.gen(function*() {
      const env = yield* connect()
      const fiber = yield* Effect.fork(Effect.flip(env.thread.run("hi")))
      const { id } = yield* env.server.takeRequest("turn/start")
      const closing = yield* Effect.fork(env.close)
      yield* settle
      yield* env.say.accepted(id, "turn-1")
      yield* env.say.interrupted
      yield* closing
      assert.strictEqual((yield* fiber)._tag, "TurnInterrupted")
    }))

  it.scoped("waits for a silent server no longer than two graces", () =>
    Effect.gen(function*() {
      const env = yield* connect()
      yield* running(env, "turn-1")
      const starting = yield* Effect.fork(Effect.exit(env.codex.thread("thread-2").run("hi")))
      yield* env.server.takeRequest("turn/start")
      const closing = yield* Effect.fork(env.close)
      yield* TestClock.adjust("5 seconds")
      yield* TestClock.adjust("5 seconds")
      yield* closing
      assert.strictEqual((yield* env.appServer.closed).reason, "LayerClosed")
      yield* starting
    }))
})
