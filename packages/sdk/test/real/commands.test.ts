import * as Command from "@effect-codex/sdk/Command"
import type * as Process from "@effect-codex/sdk/Process"
import { TemporaryCodexHome } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { textOf } from "../support/processes.js"
import { assertIdle, codexTest, start } from "./harness.js"
import { assertKilled, gone, pidIn } from "./processes.js"

const sandboxPolicy = { type: "dangerFullAccess" } as const

const shell = (script: string, options: Partial<Command.Options> = {}) =>
  Command.exec({ command: ["/bin/sh", "-c", script], sandboxPolicy, ...options })

/** The first of what is printed that holds the text. */
const printed = (text: string, output: Process.Process["stdout"]) =>
  output.pipe(Stream.decodeText(), Stream.splitLines, Stream.filter((line) => line.includes(text)), Stream.runHead)

layer(codexTest(), { excludeTestServices: true })("a command", (it) => {
  it.effect("gives its output, its errors and its exit code", () =>
    Effect.scoped(Effect.gen(function*() {
      const command = yield* shell("echo out; echo err >&2; exit 3")
      assert.strictEqual(yield* textOf(command.stdout), "out\n")
      assert.strictEqual(yield* textOf(command.stderr), "err\n")
      assert.strictEqual(yield* command.exitCode, 3)
      assert.isFalse(yield* command.isRunning)
    })).pipe(Effect.zipRight(assertIdle)))

  it.effect("runs in the folder and with the environment it is given", () =>
    Effect.scoped(Effect.gen(function*() {
      const { codexHome } = yield* TemporaryCodexHome.TemporaryCodexHome
      const command = yield* shell("pwd; echo $GREETING", { cwd: codexHome, env: { GREETING: "hello" } })
      assert.strictEqual(yield* textOf(command.stdout), `${Fs.realpathSync(codexHome)}\nhello\n`)
    })))

  it.effect("prints more than the server's cap, and nothing of it is lost", () =>
    Effect.scoped(Effect.gen(function*() {
      const command = yield* shell("head -c 20000000 /dev/zero")
      const length = yield* Stream.runFold(command.stdout, 0, (length, bytes) => length + bytes.length)
      assert.strictEqual(length, 20_000_000)
      assert.strictEqual(yield* command.exitCode, 0)
    })))

  it.effect("fails a reader that does not read, and still tells its exit code", () =>
    Effect.scoped(Effect.gen(function*() {
      const command = yield* shell("head -c 3000000 /dev/zero; exit 7", { bufferBytes: 1_000_000 })
      assert.strictEqual(yield* command.exitCode, 7)
      assert.strictEqual((yield* Effect.flip(Stream.runDrain(command.stdout)))._tag, "OutputOverflow")
    })))

  it.effect("is written to, and reads to the end of what it is given", () =>
    Effect.scoped(Effect.gen(function*() {
      const command = yield* shell("cat", { streamStdin: true })
      const read = yield* Effect.fork(textOf(command.stdout))
      const text = Array.from({ length: 20_000 }, (_, i) => `line ${i} é\n`)
      yield* Stream.fromIterable(text).pipe(Stream.encodeText, Stream.run(command.stdin))
      assert.strictEqual(yield* read, text.join(""))
      assert.strictEqual(yield* command.exitCode, 0)
    })))

  it.effect("reads nothing where it is not written to", () =>
    Effect.scoped(Effect.gen(function*() {
      const command = yield* shell("cat")
      assert.strictEqual(yield* command.exitCode, 0)
    })))

  it.effect("ends a writer when it ends before it has read everything", () =>
    Effect.scoped(Effect.gen(function*() {
      const command = yield* shell("head -c 1", { streamStdin: true })
      yield* Stream.repeatValue(new Uint8Array(10_000)).pipe(Stream.run(command.stdin))
      assert.strictEqual(yield* command.exitCode, 0)
    })))

  it.effect("talks on a terminal, which can be resized", () =>
    Effect.scoped(Effect.gen(function*() {
      const command = yield* shell("stty size; read x; stty size; echo got $x; exit 4", {
        tty: true,
        size: { cols: 80, rows: 24 }
      })
      const input = yield* Queue.unbounded<string>()
      yield* Stream.fromQueue(input).pipe(Stream.encodeText, Stream.run(command.stdin), Effect.fork)
      yield* printed("24 80", command.stdout)
      yield* command.resize({ cols: 100, rows: 40 })
      yield* Queue.offer(input, "yes\n")
      const rest = yield* textOf(command.stdout)
      assert.include(rest, "40 100")
      assert.include(rest, "got yes")
      assert.strictEqual(yield* command.exitCode, 4)
    })))

  it.effect("that is not there fails its exit code and its output", () =>
    Effect.scoped(Effect.gen(function*() {
      const command = yield* Command.exec({ command: ["no-such-command"], sandboxPolicy })
      assert.strictEqual((yield* Effect.flip(command.exitCode))._tag, "RequestFailed")
      assert.strictEqual((yield* Effect.flip(textOf(command.stdout)))._tag, "RequestFailed")
    })))

  it.effect("is ended by its timeout with 124", () =>
    Effect.scoped(Effect.gen(function*() {
      const command = yield* shell("echo early; exec sleep 600", { timeout: "1 second" })
      assert.strictEqual(yield* command.exitCode, 124)
      assert.strictEqual(yield* textOf(command.stdout), "early\n")
    })))

  it.effect("is killed, and once only", () =>
    Effect.scoped(Effect.gen(function*() {
      const command = yield* shell("trap '' TERM; echo early; while :; do sleep 1; done")
      yield* printed("early", command.stdout)
      yield* command.kill
      assertKilled(yield* command.exitCode)
      yield* command.kill
    })))

  it.effect("is gone when its scope is closed", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const command = yield* Scope.extend(shell("echo $$ > closed.pid; echo ready; exec sleep 600"), scope)
      yield* printed("ready", command.stdout)
      const pid = yield* pidIn("closed.pid")
      yield* Scope.close(scope, Exit.void)
      assertKilled(yield* command.exitCode)
      yield* gone(pid)
      yield* assertIdle
    }))

  it.effect("is gone when its fiber is interrupted", () =>
    Effect.gen(function*() {
      const using = yield* shell("echo $$ > interrupted.pid; exec sleep 600").pipe(
        Effect.flatMap((command) => command.exitCode),
        Effect.scoped,
        Effect.fork
      )
      const pid = yield* pidIn("interrupted.pid")
      yield* Fiber.interrupt(using)
      yield* gone(pid)
      yield* assertIdle
    }))

  it.effect("is gone when its reader has had enough", () =>
    Effect.gen(function*() {
      const lines = yield* shell("echo $$ > enough.pid; while :; do echo line; done").pipe(
        Effect.map((command) => command.stdout),
        Stream.unwrapScoped,
        Stream.decodeText(),
        Stream.splitLines,
        Stream.take(3),
        Stream.runCollect
      )
      assert.deepStrictEqual(Array.from(lines), ["line", "line", "line"])
      yield* gone(yield* pidIn("enough.pid"))
      yield* assertIdle
    }))

  it.effect("is gone when the connection is closed, which fails whoever still holds it", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { command, pid } = yield* Effect.scoped(Effect.gen(function*() {
        const server = yield* start()
        const command = yield* shell("echo $$ > server.pid; exec sleep 600").pipe(
          Effect.provide(server),
          Scope.extend(scope)
        )
        return { command, pid: yield* pidIn("server.pid") }
      }))
      yield* gone(pid)
      assert.strictEqual((yield* Effect.flip(command.exitCode))._tag, "ConnectionClosed")
      yield* Scope.close(scope, Exit.void)
    }))

  it.effect("runs beside others", () =>
    Effect.gen(function*() {
      const outputs = yield* Effect.forEach(
        Array.from({ length: 20 }, (_, i) => i),
        (i) => Effect.scoped(Effect.flatMap(shell(`echo ${i}; echo ${i}`), ({ stdout }) => textOf(stdout))),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(outputs, outputs.map((_, i) => `${i}\n${i}\n`))
      yield* assertIdle
    }))

  it.effect("may not write outside its sandbox", () =>
    Effect.scoped(Effect.gen(function*() {
      const { codexHome } = yield* TemporaryCodexHome.TemporaryCodexHome
      const file = Path.join(codexHome, "outside")
      const command = yield* shell(`echo no > ${file}`, { sandboxPolicy: { type: "readOnly" } })
      assert.notStrictEqual(yield* command.exitCode, 0)
      assert.isFalse(Fs.existsSync(file))
    })))
})
