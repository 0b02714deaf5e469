import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as NodeChildProcess from "node:child_process"
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as ProcessTable from "../src/internal/processTable.js"
import { script } from "../src/internal/watchdogScript.js"
import { collect, eventually, isRunning, nodeChild, processIsAlive } from "./support/child.js"

/** The watchdogs of this program. */
const watchdogs = Effect.gen(function*() {
  const table = yield* ProcessTable.read("")
  const ours = table.filter(({ parent }) => parent === process.pid)
  return ours.filter(({ pid }) => {
    const { stdout } = NodeChildProcess.spawnSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" })
    return stdout.startsWith("/bin/sh -c")
  })
})

const stays = "console.log(process.pid); setInterval(() => {}, 1000)"

const deaf = "trap '' TERM; echo $$; exec sleep 600"

/** A process that leads a group of its own, and its pid. */
const leader = (mark: string, command: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const env = { PATH: process.env["PATH"], MARK: mark }
      const child = NodeChildProcess.spawn("/bin/sh", ["-c", command], { detached: true, env, stdio: "pipe" })
      await once(child.stdout, "data")
      return child
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

const watch = (leader: NodeChildProcess.ChildProcessWithoutNullStreams, args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      NodeChildProcess.spawn("/bin/sh", ["-c", script, "sh", String(leader.pid), "1", "1", ...args], {
        detached: true,
        stdio: ["pipe", "ignore", "ignore", leader.stdin]
      })
    ),
    (watchdog) => Effect.sync(() => watchdog.kill("SIGKILL"))
  )

const ended = (watchdog: NodeChildProcess.ChildProcess, input: string) =>
  Effect.promise(async () => {
    const exited = once(watchdog, "exit")
    watchdog.stdin?.end(input)
    await exited
  })

const tables = process.platform === "linux" ? { "/proc": [], ps: ProcessTable.psArgs } : { ps: ProcessTable.psArgs }

describe.each(Object.entries(tables))("the watchdog's script by %s", (_, args) => {
  it.scopedLive("ends the process, whatever that ignores, and then itself", () =>
    Effect.gen(function*() {
      const mark = randomUUID()
      const child = yield* leader(mark, deaf)
      const watchdog = yield* watch(child, args)
      yield* ended(watchdog, `MARK=${mark}\n`)
      yield* eventually(() => child.signalCode === "SIGKILL")
    }))

  it.scopedLive("leaves others alone, and everyone where it was told of no mark", () =>
    Effect.gen(function*() {
      const stranger = yield* leader(randomUUID(), deaf)
      const child = yield* leader(randomUUID(), deaf)
      yield* ended(yield* watch(child, args), "\n")
      assert.isTrue(isRunning(child.pid ?? NaN))
      yield* ended(yield* watch(child, args), `MARK=${randomUUID()}\n`)
      yield* eventually(() => child.signalCode === "SIGKILL")
      assert.isTrue(isRunning(stranger.pid ?? NaN))
    }))
})

describe("the watchdog", () => {
  it.live("is there while the process is, one for each, and goes with it", () =>
    Effect.gen(function*() {
      yield* Effect.scoped(Effect.gen(function*() {
        yield* nodeChild(stays)
        yield* nodeChild(stays)
        assert.lengthOf(yield* watchdogs, 2)
      }))
      assert.deepStrictEqual(yield* watchdogs, [])
    }))

  it.scopedLive("is not started where it is not wanted", () =>
    Effect.gen(function*() {
      yield* nodeChild(stays, { watchdog: false })
      assert.deepStrictEqual(yield* watchdogs, [])
    }))

  it.scopedLive("is not left behind by a process that could not be started", () =>
    Effect.gen(function*() {
      const listeners = process.listenerCount("exit")
      const binary = yield* (yield* FileSystem.FileSystem).makeTempFileScoped()
      Fs.writeFileSync(binary, "#!/nowhere/interpreter\n")
      Fs.chmodSync(binary, 0o755)
      assert.deepInclude(yield* Effect.flip(nodeChild("", { binary })), { _tag: "TransportError", reason: "Open" })
      assert.deepStrictEqual(yield* watchdogs, [])
      assert.strictEqual(process.listenerCount("exit"), listeners)
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.live("does no harm when it is killed", () =>
    Effect.gen(function*() {
      const pid = yield* Effect.scoped(Effect.gen(function*() {
        const echo = "console.log(process.pid); process.stdin.pipe(process.stdout)"
        const transport = yield* nodeChild(echo, { closeGrace: "1 hour" })
        const { next } = yield* collect(transport)
        const pid = Number(yield* next)
        const started = yield* watchdogs
        assert.lengthOf(started, 1)
        started.forEach((entry) => process.kill(entry.pid, "SIGKILL"))
        yield* eventually(() => !started.some(ProcessTable.isAlive))
        yield* transport.send("still here")
        assert.strictEqual(yield* next, "still here")
        return pid
      }))
      assert.isFalse(processIsAlive(pid))
    }))

  it.scopedLive("holds nothing secret of the program's, and shows the mark to nobody", () =>
    Effect.gen(function*() {
      yield* nodeChild(stays, { env: { SOME_TOKEN: "planted-secret" } })
      const [watchdog] = yield* watchdogs
      const { stdout } = NodeChildProcess.spawnSync("ps", ["eww", "-p", String(watchdog?.pid)], { encoding: "utf8" })
      assert.include(stdout, "/bin/sh")
      assert.notInclude(stdout, "planted-secret")
      assert.notMatch(stdout, /EFFECT_CODEX_PROCESS=/)
      assert.notInclude(stdout, "HOME=")
    }))
})
