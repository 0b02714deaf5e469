import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { type Env, promise, settle } from "./support/env.js"
import { base64, spawn, textOf } from "./support/processes.js"

const experimental = { experimentalApi: true }

const said = ({ server }: Env, processHandle: string) => ({
  prints: (data: string, stream: "stdout" | "stderr" = "stdout") =>
    server.notify("process/outputDelta", { processHandle, stream, deltaBase64: base64(data), capReached: false }),
  exits: (exitCode: number) =>
    server.notify("process/exited", {
      processHandle,
      exitCode,
      stdout: "",
      stdoutCapReached: false,
      stderr: "",
      stderrCapReached: false
    })
})

describe("a process", () => {
  promise(
    "is there when the server says that it runs, with what it has printed before that",
    (env) =>
      Effect.gen(function*() {
        const spawning = yield* Effect.fork(spawn(env, { command: ["ls"] }))
        const { id, params } = yield* env.server.takeRequest("process/spawn")
        assert.deepInclude(params, {
          command: ["ls"],
          streamStdoutStderr: true,
          timeoutMs: null,
          outputBytesCap: null
        })
        const { exits, prints } = said(env, params.processHandle)
        yield* prints("early")
        yield* prints("warning", "stderr")
        yield* exits(3)
        yield* settle
        assert.isTrue(Option.isNone(yield* Fiber.poll(spawning)))
        yield* env.server.respond(id, {})
        const process = yield* spawning
        assert.strictEqual(yield* textOf(process.stdout), "early")
        assert.strictEqual(yield* textOf(process.stderr), "warning")
        assert.strictEqual(yield* process.exitCode, 3)
        assert.isFalse(yield* process.isRunning)
      }),
    experimental
  )

  promise("that cannot be spawned fails, and nothing is killed", (env) =>
    Effect.gen(function*() {
      const spawning = yield* Effect.fork(Effect.flip(Effect.scoped(spawn(env))))
      const { id } = yield* env.server.takeRequest("process/spawn")
      yield* env.server.fail(id, { code: -32603, message: "failed to spawn process" })
      assert.strictEqual((yield* spawning)._tag, "RequestFailed")
      assert.deepStrictEqual(yield* env.server.takeAll, [])
    }), experimental)

  promise("is killed when its spawning is interrupted, even before it is answered", (env) =>
    Effect.gen(function*() {
      const spawning = yield* Effect.fork(Effect.scoped(spawn(env)))
      const { params } = yield* env.server.takeRequest("process/spawn")
      const interrupting = yield* Effect.fork(Fiber.interrupt(spawning))
      const kill = yield* env.server.takeRequest("process/kill")
      assert.strictEqual(kill.params.processHandle, params.processHandle)
      yield* env.server.respond(kill.id, {})
      yield* said(env, params.processHandle).exits(137)
      yield* interrupting
    }), experimental)

  promise("is killed with its scope when its spawning was not answered in time", (env) =>
    Effect.gen(function*() {
      const spawning = yield* Effect.fork(Effect.flip(Effect.scoped(spawn(env))))
      yield* env.server.takeRequest("process/spawn")
      yield* TestClock.adjust("60 seconds")
      const { id } = yield* env.server.takeRequest("process/kill")
      yield* env.server.fail(id, { code: -32600, message: "no active process" })
      assert.strictEqual((yield* spawning)._tag, "RequestTimeout")
    }), experimental)

  promise("is killed when its scope closes, and waited for no longer than the grace", (env) =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const spawning = yield* Effect.fork(Scope.extend(spawn(env), scope))
      const { id } = yield* env.server.takeRequest("process/spawn")
      yield* env.server.respond(id, {})
      yield* spawning
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      const kill = yield* env.server.takeRequest("process/kill")
      yield* env.server.respond(kill.id, {})
      yield* TestClock.adjust("4 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.poll(closing)))
      yield* TestClock.adjust("1 second")
      yield* closing
    }), experimental)

  promise("ends when the word of its end does not decode", (env) =>
    Effect.gen(function*() {
      const spawning = yield* Effect.fork(spawn(env))
      const { id, params } = yield* env.server.takeRequest("process/spawn")
      yield* env.server.respond(id, {})
      const process = yield* spawning
      yield* env.server.send({ method: "process/exited", params: { processHandle: params.processHandle } })
      assert.strictEqual((yield* Effect.flip(process.exitCode))._tag, "UndecodableResult")
      assert.strictEqual((yield* Effect.flip(textOf(process.stdout)))._tag, "UndecodableResult")
    }), experimental)

  promise("fails with the connection", (env) =>
    Effect.gen(function*() {
      const spawning = yield* Effect.fork(spawn(env))
      const { id } = yield* env.server.takeRequest("process/spawn")
      yield* env.server.respond(id, {})
      const process = yield* spawning
      yield* env.close
      assert.strictEqual((yield* Effect.flip(process.exitCode))._tag, "ConnectionClosed")
      assert.strictEqual((yield* Effect.flip(Stream.runDrain(process.stdout)))._tag, "ConnectionClosed")
      assert.strictEqual((yield* Effect.flip(process.resize({ cols: 1, rows: 1 })))._tag, "ConnectionClosed")
    }), experimental)
})
