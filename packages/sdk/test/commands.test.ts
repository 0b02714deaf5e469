import { assert, describe } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { promise, settle } from "./support/env.js"
import { exec, running, terminated, textOf } from "./support/processes.js"

describe("a command", () => {
  promise("is there as soon as it is sent, before the server says anything", (env) =>
    Effect.gen(function*() {
      const { command, exits, params } = yield* running(env, { command: ["ls"], cwd: "/tmp" })
      assert.deepInclude(params, {
        command: ["ls"],
        cwd: "/tmp",
        streamStdoutStderr: true,
        disableTimeout: true,
        disableOutputCap: true
      })
      assert.isTrue(yield* command.isRunning)
      yield* exits(3)
      assert.strictEqual(yield* command.exitCode, 3)
      assert.isFalse(yield* command.isRunning)
    }))

  promise(
    "gives its output from the beginning, stdout and stderr apart, and ends both with it",
    (env) =>
      Effect.gen(function*() {
        const { command, exits, prints } = yield* running(env)
        yield* prints("one ")
        yield* prints("warning", "stderr")
        const stdout = yield* Effect.fork(textOf(command.stdout))
        yield* settle
        yield* prints("two")
        yield* exits(0)
        assert.strictEqual(yield* stdout, "one two")
        assert.strictEqual(yield* textOf(command.stderr), "warning")
        assert.strictEqual(yield* textOf(command.stdout), "")
      })
  )

  promise(
    "keeps apart from others that run at the same time, and everybody's notifications hear of all",
    (env) =>
      Effect.gen(function*() {
        const events = yield* env.appServer.connectionEvents.pipe(Stream.take(2), Stream.runCollect, Effect.fork)
        yield* settle
        const one = yield* running(env)
        const two = yield* running(env)
        assert.notStrictEqual(one.processId, two.processId)
        assert.strictEqual((yield* env.appServer.stats).operations, 2)
        yield* two.prints("two")
        yield* one.prints("one")
        yield* one.exits(0)
        yield* two.exits(0)
        assert.strictEqual(yield* textOf(one.command.stdout), "one")
        assert.strictEqual(yield* textOf(two.command.stdout), "two")
        assert.deepStrictEqual(
          Array.from(yield* events, ({ _tag }) => _tag),
          ["CommandExecOutputDelta", "CommandExecOutputDelta"]
        )
      })
  )

  promise("cuts no character that comes in two pieces", (env) =>
    Effect.gen(function*() {
      const { command, exits, prints } = yield* running(env)
      const bytes = new TextEncoder().encode("aé𝄞")
      for (const byte of bytes) {
        yield* prints(new Uint8Array([byte]))
      }
      yield* exits(0)
      assert.strictEqual(yield* textOf(command.stdout), "aé𝄞")
    }))

  promise("loses nothing to a reader that takes one element", (env) =>
    Effect.gen(function*() {
      const { command, exits, prints } = yield* running(env)
      yield* prints("one ")
      yield* prints("two ")
      const first = yield* command.stdout.pipe(Stream.take(1), Stream.runCollect)
      assert.strictEqual(new TextDecoder().decode(Chunk.unsafeHead(first)), "one two ")
      yield* prints("three")
      yield* exits(0)
      assert.strictEqual(yield* textOf(command.stdout), "three")
    }))

  promise(
    "fails the stream of a reader that is too slow after what waited, and nothing else",
    (env) =>
      Effect.gen(function*() {
        const { command, exits, prints } = yield* running(env, { bufferBytes: 1000 })
        yield* prints("x".repeat(600))
        yield* prints("y".repeat(600))
        yield* prints("warning", "stderr")
        yield* exits(0)
        const read: Array<number> = []
        const error = yield* command.stdout.pipe(
          Stream.runForEach((bytes) => Effect.sync(() => read.push(bytes.length))),
          Effect.flip
        )
        assert.deepInclude(error, { _tag: "OutputOverflow", stream: "stdout", capacity: 1000 })
        assert.deepStrictEqual(read, [600])
        assert.strictEqual(yield* textOf(command.stderr), "warning")
        assert.strictEqual(yield* command.exitCode, 0)
      })
  )

  promise("does not fail a reader that keeps up, however much is printed", (env) =>
    Effect.gen(function*() {
      const { command, exits, prints } = yield* running(env, { bufferBytes: 1000 })
      const read = yield* Effect.fork(textOf(command.stdout))
      yield* settle
      for (let i = 0; i < 10; i++) {
        yield* prints("x".repeat(900))
        yield* settle
      }
      yield* exits(0)
      assert.lengthOf(yield* read, 9000)
    }))

  promise("may run for hours, unless it is given a timeout, which the server keeps", (env) =>
    Effect.gen(function*() {
      const { command, exits } = yield* running(env)
      const exitCode = yield* Effect.fork(command.exitCode)
      yield* TestClock.adjust("5 hours")
      assert.isTrue(Option.isNone(yield* Fiber.poll(exitCode)))
      yield* exits(0)
      assert.strictEqual(yield* exitCode, 0)

      const limited = yield* running(env, { timeout: "90 seconds" })
      assert.strictEqual(limited.params.timeoutMs, 90_000)
      assert.notProperty(limited.params, "disableTimeout")
      yield* limited.exits(124)
      assert.strictEqual(yield* limited.command.exitCode, 124)
    }))

  promise(
    "that cannot be started fails its exit code and its output, and is not stopped",
    (env) =>
      Effect.gen(function*() {
        yield* Effect.scoped(Effect.gen(function*() {
          const { command, refuses } = yield* running(env)
          yield* refuses("failed to spawn command")
          const outputs = [command.stdout, command.stderr].map((output) => Stream.runDrain(output))
          for (const failing of [Effect.asVoid(command.exitCode), ...outputs]) {
            assert.deepInclude(yield* Effect.flip(failing), {
              _tag: "RequestFailed",
              serverMessage: "failed to spawn command"
            })
          }
        }))
        assert.deepStrictEqual(yield* env.server.takeAll, [])
      })
  )

  promise("whose params do not fit is not sent", (env) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.scoped(exec(env, { permissionProfile: "strict" })))
      assert.strictEqual(error._tag, "ExperimentalApiRequired")
      assert.deepStrictEqual(yield* env.server.takeAll, [])
    }))

  promise("fails with the connection", (env) =>
    Effect.gen(function*() {
      const { command, prints } = yield* running(env)
      yield* prints("early")
      const exitCode = yield* Effect.fork(Effect.flip(command.exitCode))
      yield* settle
      yield* env.close
      assert.strictEqual((yield* exitCode)._tag, "ConnectionClosed")
      const first = yield* command.stdout.pipe(Stream.take(1), Stream.runHead)
      assert.isTrue(Option.isSome(first))
      assert.strictEqual((yield* Effect.flip(textOf(command.stdout)))._tag, "ConnectionClosed")
      assert.strictEqual((yield* Effect.flip(Effect.scoped(exec(env))))._tag, "ConnectionClosed")
    }))

  promise(
    "fails its output where a piece of it does not decode, and goes on to its end",
    (env) =>
      Effect.gen(function*() {
        const { command, exits, processId } = yield* running(env)
        yield* env.server.send({ method: "command/exec/outputDelta", params: { processId, deltaBase64: 1 } })
        yield* exits(0)
        assert.strictEqual((yield* Effect.flip(textOf(command.stdout)))._tag, "UndecodableResult")
        assert.strictEqual(yield* command.exitCode, 0)
      })
  )

  promise("fails its output where a piece of it is not base64", (env) =>
    Effect.gen(function*() {
      const { command, exits, processId } = yield* running(env)
      yield* env.server.notify("command/exec/outputDelta", {
        processId,
        stream: "stdout",
        deltaBase64: "!",
        capReached: false
      })
      yield* exits(0)
      assert.strictEqual((yield* Effect.flip(textOf(command.stdout)))._tag, "UndecodableResult")
    }))
})

describe("the scope of a command", () => {
  promise("terminates it and waits for its end", (env) =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const command = yield* Scope.extend(running(env), scope)
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      const { id, params } = yield* env.server.takeRequest("command/exec/terminate")
      assert.strictEqual(params.processId, command.processId)
      yield* env.server.respond(id, {})
      yield* settle
      assert.isTrue(Option.isNone(yield* Fiber.poll(closing)))
      yield* command.exits(137)
      yield* closing
      assert.strictEqual(yield* command.command.exitCode, 137)
    }))

  promise("terminates it when its fiber is interrupted in the middle of its output", (env) =>
    Effect.gen(function*() {
      const started = yield* Effect.makeLatch()
      const using = yield* exec(env).pipe(
        Effect.tap(started.open),
        Effect.flatMap(({ stdout }) => Stream.runDrain(stdout)),
        Effect.scoped,
        Effect.fork
      )
      yield* started.await
      const { id } = yield* env.server.takeRequest("command/exec")
      const interrupting = yield* Effect.fork(Fiber.interrupt(using))
      yield* terminated(env, { exits: (exitCode) => env.server.respond(id, { exitCode, stdout: "", stderr: "" }) })
      yield* interrupting
    }))

  promise("does not wait longer than the grace for a server that does not answer", (env) =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      yield* Scope.extend(running(env), scope)
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* env.server.takeRequest("command/exec/terminate")
      yield* TestClock.adjust("4 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.poll(closing)))
      yield* TestClock.adjust("1 second")
      yield* closing
    }))

  promise("does not wait for one that has ended meanwhile", (env) =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      yield* Scope.extend(running(env), scope)
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      const { id } = yield* env.server.takeRequest("command/exec/terminate")
      yield* env.server.fail(id, { code: -32600, message: "no active command/exec" })
      yield* closing
    }))

  promise("asks nothing where it has ended", (env) =>
    Effect.gen(function*() {
      yield* Effect.scoped(Effect.flatMap(running(env), ({ exits }) => Effect.zipRight(exits(0), settle)))
      assert.deepStrictEqual(yield* env.server.takeAll, [])
    }))

  promise("lets go of one that the server does not take in within the deadline", (env) =>
    Effect.gen(function*() {
      yield* env.server.pause
      const using = yield* exec(env).pipe(Effect.scoped, Effect.flip, Effect.fork)
      yield* TestClock.adjust("60 seconds")
      yield* TestClock.adjust("5 seconds")
      assert.deepInclude(yield* using, { _tag: "RequestTimeout", method: "command/exec" })
      yield* env.server.resume
    }))

  promise("lets go of one that is interrupted while it is being sent", (env) =>
    Effect.gen(function*() {
      yield* env.server.pause
      const using = yield* Effect.fork(Effect.scoped(exec(env)))
      yield* settle
      const interrupting = yield* Effect.fork(Fiber.interrupt(using))
      yield* TestClock.adjust("5 seconds")
      yield* interrupting
      yield* env.server.resume
    }))
})

describe("kill", () => {
  promise("terminates the command", (env) =>
    Effect.gen(function*() {
      const command = yield* running(env)
      const killing = yield* Effect.fork(command.command.kill)
      yield* terminated(env, command)
      yield* killing
      assert.strictEqual(yield* command.command.exitCode, 137)
    }))

  promise("does nothing where the command has ended, or ends at the same time", (env) =>
    Effect.gen(function*() {
      const { command, exits } = yield* running(env)
      const killing = yield* Effect.fork(command.kill)
      const { id } = yield* env.server.takeRequest("command/exec/terminate")
      yield* env.server.fail(id, { code: -32600, message: "no active command/exec" })
      yield* exits(0)
      yield* killing
      yield* command.kill
      assert.deepStrictEqual(yield* env.server.takeAll, [])
    }))

  promise("fails where the server refuses to end what goes on", (env) =>
    Effect.gen(function*() {
      const { command, exits } = yield* running(env)
      const killing = yield* Effect.fork(Effect.flip(command.kill))
      const { id } = yield* env.server.takeRequest("command/exec/terminate")
      yield* env.server.fail(id, { code: -32600, message: "not today" })
      yield* TestClock.adjust("1 second")
      assert.deepInclude(yield* killing, { _tag: "RequestFailed", serverMessage: "not today" })
      yield* exits(0)
    }))
})
