import { CodexBinary, ProcessTransport } from "@effect-codex/node"
import { Transport } from "@effect-codex/sdk/Transport"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Path from "node:path"
import { collect, eventually, groupIsGone, nodeChild, processIsAlive, tick, untilClosed } from "./support/child.js"

/** The real app-server behind a shell that says its pid first and then becomes it. */
const appServer = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const codexHome = yield* fs.makeTempDirectoryScoped()
  yield* fs.writeFileString(Path.join(codexHome, "config.toml"), "[features]\nplugins = false\n")
  const { path } = yield* CodexBinary.find()
  return yield* ProcessTransport.make({
    binary: "/bin/sh",
    args: ["-c", "echo $$; exec \"$0\" app-server", path],
    codexHome
  })
}).pipe(Effect.provide(NodeFileSystem.layer))

const initialize = JSON.stringify({
  id: 1,
  method: "initialize",
  params: { clientInfo: { name: "t", title: null, version: "0" } }
})

/** Sends until it is refused, which it is as soon as the process has ended. */
const sendUntilRefused = (transport: typeof Transport.Service) =>
  Effect.flip(Effect.forever(Effect.zipRight(transport.send("{}"), tick)))

describe("ProcessTransport with the real app-server", () => {
  it.live("shakes hands, and closing the scope ends it by itself with nothing left", () =>
    Effect.gen(function*() {
      const { end, value } = yield* untilClosed(appServer, (next, transport) =>
        Effect.gen(function*() {
          const pid = Number(yield* next)
          yield* transport.send(initialize)
          return { pid, answer: JSON.parse(yield* next) }
        }))
      assert.strictEqual(value.answer.id, 1)
      assert.isString(value.answer.result.userAgent)
      assert.deepInclude(end, { reason: "Exited", exitCode: 0, signal: null })
      yield* groupIsGone(value.pid)
    }))

  it.scopedLive("killed, its end says by which signal, and a send after it fails", () =>
    Effect.gen(function*() {
      const transport = yield* appServer
      const { end, next } = yield* collect(transport)
      const pid = Number(yield* next)
      yield* transport.send(initialize)
      yield* next
      process.kill(pid, "SIGKILL")
      assert.deepInclude(yield* end, { reason: "Exited", exitCode: null, signal: "SIGKILL" })
      const error = yield* Effect.flip(transport.send(initialize))
      assert.deepInclude(error, { _tag: "TransportError", reason: "Closed" })
      assert.include(error.message, "SIGKILL")
    }))
})

describe("ProcessTransport reading", () => {
  it.scopedLive("frames that come before run are kept for it, even those of a process that has ended", () =>
    Effect.gen(function*() {
      const transport = yield* nodeChild("console.log('one'); console.log('two'); process.stdout.write('unterminated')")
      yield* sendUntilRefused(transport)
      const frames: Array<string> = []
      const end = yield* transport.run((chunk) => frames.push(...chunk))
      assert.deepStrictEqual(frames, ["one", "two", "unterminated"])
      assert.deepInclude(end, { reason: "Exited", exitCode: 0 })
    }))

  it.scopedLive("a frame of 32 MB and characters cut into bytes arrive whole, among noise", () =>
    Effect.gen(function*() {
      const transport = yield* nodeChild(`
        const write = (bytes) => new Promise((done) => process.stdout.write(bytes, () => setImmediate(done)))
        const main = async () => {
          await write("some wrapper's noise\\r\\n\\n")
          await write(JSON.stringify({ big: "é".repeat(16 * 1024 * 1024) }) + "\\n")
          for (const byte of Buffer.from("€ \u{1F600} ü\\n")) await write(Buffer.from([byte]))
        }
        main()
      `)
      const { end, next } = yield* collect(transport)
      assert.strictEqual(yield* next, "some wrapper's noise")
      assert.strictEqual(JSON.parse(yield* next).big, "é".repeat(16 * 1024 * 1024))
      assert.strictEqual(yield* next, "€ \u{1F600} ü")
      assert.strictEqual((yield* end).exitCode, 0)
    }))

  it.scopedLive("a line beyond the bound is left out and the connection goes on", () =>
    Effect.gen(function*() {
      const transport = yield* nodeChild("console.log('x'.repeat(100000)); console.log('after')", {
        maxFrameBytes: 1000
      })
      const { next } = yield* collect(transport)
      assert.strictEqual(yield* next, "after")
    }))

  it.scopedLive("interrupting run detaches its handler, and the next run goes on where it stopped", () =>
    Effect.gen(function*() {
      const echo = "process.stdin.pipe(process.stdout)"
      const transport = yield* nodeChild(echo)
      const first = yield* collect(transport)
      yield* transport.send("a")
      assert.strictEqual(yield* first.next, "a")
      yield* Fiber.interrupt(first.fiber)
      yield* transport.send("b")
      const second = yield* collect(transport)
      yield* transport.send("c")
      assert.strictEqual(yield* second.next, "b")
      assert.strictEqual(yield* second.next, "c")
    }))

  it.scopedLive("a second run at the same time is a defect and does not disturb the first", () =>
    Effect.gen(function*() {
      const transport = yield* nodeChild("process.stdin.pipe(process.stdout)")
      const { next } = yield* collect(transport)
      yield* transport.send("a")
      yield* next
      assert.isTrue(Exit.isFailure(yield* Effect.exit(transport.run(() => {}))))
      yield* transport.send("b")
      assert.strictEqual(yield* next, "b")
    }))

  it.scopedLive("a handler that throws ends run with its defect, not the program", () =>
    Effect.gen(function*() {
      const transport = yield* nodeChild("process.stdin.pipe(process.stdout)")
      const fiber = yield* Effect.fork(transport.run(() => {
        throw new RangeError("from the handler")
      }))
      yield* transport.send("a")
      const exit = yield* Fiber.await(fiber)
      assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
    }))

  it.scopedLive("a process that closes stdout and lives on is at the end of its stream", () =>
    Effect.gen(function*() {
      const transport = yield* nodeChild("require('node:fs').closeSync(1); setInterval(() => {}, 1000)")
      assert.deepInclude(yield* transport.run(() => {}), { reason: "EndOfStream", exitCode: null, signal: null })
    }))
})

describe("ProcessTransport stderr", () => {
  it.scopedLive("the end carries the last of stderr, secrets redacted", () =>
    Effect.gen(function*() {
      const script =
        "console.error('starting with', process.env.MY_API_KEY); process.stderr.write('fatal'); process.exit(9)"
      const transport = yield* nodeChild(script, { env: { MY_API_KEY: "not-for-anyone" } })
      const end = yield* transport.run(() => {})
      assert.deepInclude(end, { reason: "Exited", exitCode: 9, stderrTail: "starting with [redacted]\nfatal" })
    }))

  it.scopedLive("each line of stderr is logged at debug level, secrets redacted", () =>
    Effect.gen(function*() {
      const logged: Array<unknown> = []
      const logger = Logger.make(({ logLevel, message }) => logged.push([logLevel.label, message]))
      const script = "process.stderr.write('one\\nBearer abc.def\\n')"
      const transport = yield* nodeChild(script).pipe(
        Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
        Logger.withMinimumLogLevel(LogLevel.Debug)
      )
      yield* transport.run(() => {})
      assert.deepStrictEqual(logged, [["DEBUG", ["one"]], ["DEBUG", ["Bearer [redacted]"]]])
    }))

  it.scopedLive("a flood on stderr does not stop the process, and only its end is kept", () =>
    Effect.gen(function*() {
      const script = `
        process.stderr.write("flood\\n".repeat(1024 * 1024) + "last\\n", () => { console.log("done"); process.exit(0) })
      `
      const transport = yield* nodeChild(script, { stderrTailBytes: 100 })
      const end = yield* transport.run(() => {})
      assert.isAtMost(end.stderrTail.length, 100)
      assert.match(end.stderrTail, /^flood\n.*last$/s)
    }))

  it.scopedLive("a flood that has no end of a line neither, and what is kept of it is its length", () =>
    Effect.gen(function*() {
      const script = "process.stderr.write('x'.repeat(8 * 1024 * 1024) + '\\nlast', () => process.exit(0))"
      const transport = yield* nodeChild(script, { stderrTailBytes: 100 })
      const end = yield* transport.run(() => {})
      assert.strictEqual(end.stderrTail, `[a line of ${8 * 1024 * 1024} bytes left out]\nlast`)
    }))
})

describe("ProcessTransport sending", () => {
  const readsOnSignal = `
    let rest = ""
    process.stdin.setEncoding("utf8").on("data", (text) => {
      const lines = (rest + text).split("\\n")
      rest = lines.pop()
      lines.forEach((line) => console.log(line[0] + line.length))
    }).pause()
    process.on("SIGUSR2", () => process.stdin.resume())
    setInterval(() => {}, 1000)
    console.log(process.pid)
  `
  const megabyte = (letter: string) => letter.repeat(1024 * 1024)

  it.scopedLive("waits while the process takes nothing in; interrupted meanwhile, nothing is written", () =>
    Effect.gen(function*() {
      const transport = yield* nodeChild(readsOnSignal)
      const { next } = yield* collect(transport)
      const pid = Number(yield* next)
      yield* transport.send(megabyte("a"))
      const interrupted = yield* Effect.fork(transport.send(megabyte("b")))
      const waiting = yield* Effect.forEach(Array.from({ length: 20 }), () => Effect.fork(transport.send("c")))
      yield* Effect.yieldNow()
      assert.isNull(interrupted.unsafePoll())
      yield* Fiber.interrupt(interrupted)
      process.kill(pid, "SIGUSR2")
      yield* Fiber.joinAll(waiting)
      assert.strictEqual(yield* next, `a${1024 * 1024}`)
      assert.strictEqual(yield* next, "c1")
    }))

  it.scopedLive("at once, a frame is taken where it need not wait, and overtakes none that does", () =>
    Effect.gen(function*() {
      const transport = yield* nodeChild(readsOnSignal)
      const { next } = yield* collect(transport)
      const pid = Number(yield* next)
      const taken = (frame: string) => transport.sendNow?.(frame) === true
      assert.isTrue(taken(megabyte("a")))
      assert.isFalse(taken("refused"))
      const waiting = yield* Effect.fork(Effect.all([transport.send("b"), transport.send("c")]))
      yield* Effect.yieldNow()
      process.kill(pid, "SIGUSR2")
      yield* eventually(() => taken("d"))
      yield* Fiber.join(waiting)
      assert.deepStrictEqual(yield* Effect.all([next, next, next, next]), [`a${1024 * 1024}`, "b1", "c1", "d1"])
      process.kill(pid, "SIGKILL")
      yield* eventually(() => !taken("e"))
    }))

  it.scopedLive("what is sent together reaches the process in one piece", () =>
    Effect.gen(function*() {
      const transport = yield* nodeChild(`
        process.stdin.on("data", (bytes) => console.log(bytes.length))
        console.log("reads")
      `)
      const { next } = yield* collect(transport)
      yield* next
      yield* Effect.all([transport.send("a"), transport.send("b"), transport.send("c")])
      assert.strictEqual(yield* next, "6")
    }))

  it.scopedLive("an interrupted wait leaves no listener on the stream", () =>
    Effect.gen(function*() {
      const warnings: Array<string> = []
      const onWarning = (warning: Error): void => {
        warnings.push(warning.name)
      }
      yield* Effect.acquireRelease(
        Effect.sync(() => process.on("warning", onWarning)),
        () => Effect.sync(() => process.off("warning", onWarning))
      )
      const transport = yield* nodeChild("setInterval(() => {}, 1000)")
      yield* transport.send(megabyte("a"))
      for (let i = 0; i < 20; i++) {
        const waiting = yield* Effect.fork(transport.send("b"))
        yield* Effect.yieldNow()
        yield* Fiber.interrupt(waiting)
      }
      // A warning is emitted on the next turn.
      yield* tick
      assert.deepStrictEqual(warnings, [])
    }))

  it.scopedLive("a send that waits fails when the process ends", () =>
    Effect.gen(function*() {
      const transport = yield* nodeChild(readsOnSignal)
      const { next } = yield* collect(transport)
      const pid = Number(yield* next)
      yield* transport.send(megabyte("a"))
      const waiting = yield* Effect.fork(Effect.flip(Effect.all([transport.send("b"), transport.send("c")])))
      yield* Effect.yieldNow()
      process.kill(pid, "SIGKILL")
      assert.deepInclude(yield* Fiber.join(waiting), { _tag: "TransportError", reason: "Closed" })
    }))

  it.live("a send that waits for a process that never reads does not hold back the end of the scope", () =>
    Effect.gen(function*() {
      const { end, value } = yield* untilClosed(
        nodeChild("setInterval(() => {}, 1000)", { terminateGrace: "1 hour" }),
        (_, transport) =>
          Effect.gen(function*() {
            yield* transport.send(megabyte("a"))
            const waiting = yield* Effect.forkDaemon(Effect.flip(transport.send("b")))
            yield* Effect.yieldNow()
            return waiting
          })
      )
      assert.deepInclude(end, { reason: "Exited", exitCode: null, signal: "SIGTERM" })
      assert.deepInclude(yield* Fiber.join(value), { _tag: "TransportError", reason: "Closed" })
    }))

  it.scopedLive("a process that closes its stdin and lives on refuses what is sent, without an uncaught error", () =>
    Effect.gen(function*() {
      const script = "require('node:fs').closeSync(0); setInterval(() => {}, 1000); console.log('closed')"
      const transport = yield* nodeChild(script)
      const { next } = yield* collect(transport)
      yield* next
      assert.deepInclude(yield* sendUntilRefused(transport), { _tag: "TransportError", reason: "Closed" })
    }))
})

describe("ProcessTransport opening", () => {
  it.scopedLive("fails as Open for a file that is no program, and says what to do", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const binary = Path.join(yield* fs.makeTempDirectoryScoped(), "codex")
      yield* fs.writeFileString(binary, "#!/nowhere/interpreter\n", { mode: 0o755 })
      const error = yield* Effect.flip(ProcessTransport.make({ binary }))
      assert.deepInclude(error, { _tag: "TransportError", reason: "Open" })
      assert.include(error.message, "interpreter")
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scopedLive("fails as Open for a working directory that does not exist, and names it", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(nodeChild("", { cwd: "/nowhere/at/all" }))
      assert.deepInclude(error, { _tag: "TransportError", reason: "Open" })
      assert.include(error.message, "/nowhere/at/all")
    }))

  it.scopedLive("fails as Open for a codexHome that does not exist or is a file, and says what to do", () =>
    Effect.gen(function*() {
      const file = yield* (yield* FileSystem.FileSystem).makeTempFileScoped()
      for (const codexHome of ["/nowhere/at/all", file]) {
        const error = yield* Effect.flip(nodeChild("", { codexHome }))
        assert.deepInclude(error, { _tag: "TransportError", reason: "Open" })
        assert.include(error.message, codexHome)
        assert.include(error.message, "create it")
      }
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.live("fails as BinaryNotFound through the layer for an explicit path that does not exist", () =>
    Effect.gen(function*() {
      const layer = ProcessTransport.layer({ binary: "/nowhere/codex" })
      const error = yield* Effect.flip(Effect.scoped(Layer.build(layer)))
      assert.strictEqual(error._tag, "BinaryNotFound")
    }))

  it.live("the layer provides the transport and ends the process with it", () =>
    Effect.gen(function*() {
      const pid = yield* Effect.gen(function*() {
        let pid = 0
        const transport = yield* Transport
        yield* Effect.forkDaemon(transport.run(([frame]) => {
          pid = Number(frame)
        }))
        yield* eventually(() => pid !== 0)
        return pid
      }).pipe(Effect.provide(ProcessTransport.layer({
        binary: process.execPath,
        args: ["-e", "process.stdin.resume(); console.log(process.pid)"]
      })))
      assert.isFalse(processIsAlive(pid))
    }))
})
