import * as Process from "@effect-codex/sdk/Process"
import { TemporaryCodexHome } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { textOf } from "../support/processes.js"
import { assertIdle, codexTestExperimental } from "./harness.js"
import { assertKilled, gone, pidIn } from "./processes.js"

const shell = (script: string, options: Partial<Process.Options> = {}) =>
  Effect.flatMap(
    TemporaryCodexHome.TemporaryCodexHome,
    ({ cwd }) => Process.spawn({ command: ["/bin/sh", "-c", script], cwd, ...options })
  )

layer(codexTestExperimental(), { excludeTestServices: true })("a process", (it) => {
  it.effect("gives its output, its errors and its exit code", () =>
    Effect.scoped(Effect.gen(function*() {
      const process = yield* shell("echo out; echo err >&2; exit 3")
      assert.strictEqual(yield* textOf(process.stdout), "out\n")
      assert.strictEqual(yield* textOf(process.stderr), "err\n")
      assert.strictEqual(yield* process.exitCode, 3)
    })).pipe(Effect.zipRight(assertIdle)))

  it.effect("prints more than the server's cap, and nothing of it is lost", () =>
    Effect.scoped(Effect.gen(function*() {
      const process = yield* shell("head -c 5000000 /dev/zero")
      const length = yield* Stream.runFold(process.stdout, 0, (length, bytes) => length + bytes.length)
      assert.strictEqual(length, 5_000_000)
    })))

  it.effect("is written to, and reads to the end of what it is given", () =>
    Effect.scoped(Effect.gen(function*() {
      const process = yield* shell("cat", { streamStdin: true })
      const read = yield* Effect.fork(textOf(process.stdout))
      yield* Stream.make("one\n", "two\n").pipe(Stream.encodeText, Stream.run(process.stdin))
      assert.strictEqual(yield* read, "one\ntwo\n")
      assert.strictEqual(yield* process.exitCode, 0)
    })))

  it.effect("talks on a terminal, which can be resized", () =>
    Effect.scoped(Effect.gen(function*() {
      const process = yield* shell("stty size; read x; stty size; exit 4", { tty: true, size: { cols: 80, rows: 24 } })
      yield* process.stdout.pipe(
        Stream.decodeText(),
        Stream.splitLines,
        Stream.filter((line) => line.includes("24 80")),
        Stream.runHead
      )
      yield* process.resize({ cols: 100, rows: 40 })
      yield* Stream.make("yes\n").pipe(Stream.encodeText, Stream.run(process.stdin))
      assert.include(yield* textOf(process.stdout), "40 100")
      assert.strictEqual(yield* process.exitCode, 4)
    })))

  it.effect("that is not there fails to spawn", () =>
    Effect.scoped(Effect.gen(function*() {
      const { cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
      const error = yield* Effect.flip(Process.spawn({ command: ["no-such-command"], cwd }))
      assert.strictEqual(error._tag, "RequestFailed")
    })))

  it.effect("is ended by its timeout with 124", () =>
    Effect.scoped(Effect.gen(function*() {
      const process = yield* shell("exec sleep 600", { timeout: "300 millis" })
      assert.strictEqual(yield* process.exitCode, 124)
    })))

  it.effect("is killed, and once only", () =>
    Effect.scoped(Effect.gen(function*() {
      const process = yield* shell("exec sleep 600")
      yield* process.kill
      assertKilled(yield* process.exitCode)
      yield* process.kill
    })))

  it.effect("is gone when its scope is closed", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const process = yield* Scope.extend(shell("echo $$ > closed.pid; exec sleep 600"), scope)
      const pid = yield* pidIn("closed.pid")
      yield* Scope.close(scope, Exit.void)
      assertKilled(yield* process.exitCode)
      yield* gone(pid)
      yield* assertIdle
    }))

  it.effect("is gone when its fiber is interrupted", () =>
    Effect.gen(function*() {
      const using = yield* shell("echo $$ > interrupted.pid; exec sleep 600").pipe(
        Effect.flatMap((process) => process.exitCode),
        Effect.scoped,
        Effect.fork
      )
      const pid = yield* pidIn("interrupted.pid")
      yield* Fiber.interrupt(using)
      yield* gone(pid)
      yield* assertIdle
    }))
})
