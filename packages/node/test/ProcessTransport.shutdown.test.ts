import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as NodeChildProcess from "node:child_process"
import { fileURLToPath } from "node:url"
import { collect, eventually, groupIsGone, nodeChild, processIsAlive, untilClosed } from "./support/child.js"

const ignoresEof = `
  setInterval(() => {}, 1000)
  console.log(process.pid)
`

const ignoresEverything = `
  process.on("SIGTERM", () => {})
  ${ignoresEof}
`

/** Leaves a process behind that keeps its pipes open; the frame is "<own pid> <its pid>". */
const withGrandchild = (script: string, then: string) => `
  const child = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(script)}], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  child.stdout.once("data", () => {
    console.log(process.pid + " " + child.pid)
    ${then}
  })
`

const pids = (frame: string) => {
  const [leader = NaN, grandchild = NaN] = frame.split(" ").map(Number)
  return { leader, grandchild }
}

describe("ProcessTransport shutdown", () => {
  it.live("a process that heeds the end of stdin exits by itself", () =>
    Effect.gen(function*() {
      const script = "process.stdin.resume().on('end', () => process.exit(7)); console.log(process.pid)"
      const { end, value } = yield* untilClosed(
        nodeChild(script, { closeGrace: "1 hour" }),
        (next) => next
      )
      assert.deepInclude(end, { reason: "Exited", exitCode: 7, signal: null })
      yield* groupIsGone(Number(value))
    }))

  it.live("what was sent last before the scope closes still reaches the process", () =>
    Effect.gen(function*() {
      const script = `
        let received = ""
        process.stdin.on("data", (chunk) => { received += chunk }).on("end", () => {
          process.exit(received === "one\\ntwo\\n" ? 7 : 8)
        })
        console.log(process.pid)
      `
      const { end } = yield* untilClosed(
        nodeChild(script, { closeGrace: "1 hour" }),
        (next, transport) => Effect.zipRight(next, Effect.zipRight(transport.send("one"), transport.send("two")))
      )
      assert.deepInclude(end, { reason: "Exited", exitCode: 7 })
    }))

  it.live("a process that ignores the end of stdin is terminated", () =>
    Effect.gen(function*() {
      const { end, value } = yield* untilClosed(
        nodeChild(ignoresEof, { terminateGrace: "1 hour" }),
        (next) => next
      )
      assert.deepInclude(end, { reason: "Exited", exitCode: null, signal: "SIGTERM" })
      yield* groupIsGone(Number(value))
    }))

  it.live("a process that ignores SIGTERM too is killed before the scope has closed", () =>
    Effect.gen(function*() {
      const { end, value } = yield* untilClosed(nodeChild(ignoresEverything), (next) => next)
      assert.deepInclude(end, { reason: "Exited", exitCode: null, signal: "SIGKILL" })
      yield* groupIsGone(Number(value))
    }))

  it.effect("the graces are real time, whatever clock the program runs on", () =>
    Effect.gen(function*() {
      const { end } = yield* untilClosed(nodeChild(ignoresEverything), (next) => next)
      assert.strictEqual(end.signal, "SIGKILL")
    }))

  it.live("interrupting the fiber that owns the scope ends the process all the same", () =>
    Effect.gen(function*() {
      let pid = 0
      const owner = yield* Effect.fork(Effect.scoped(Effect.gen(function*() {
        const transport = yield* nodeChild(ignoresEverything)
        yield* transport.run(([frame]) => {
          pid = Number(frame)
        })
      })))
      yield* eventually(() => pid !== 0)
      const exit = yield* Fiber.interrupt(owner)
      assert.isTrue(Exit.isInterrupted(exit))
      assert.isFalse(processIsAlive(pid))
    }))

  it.live("a grandchild that outlives its leader is gone, even when it ignores SIGTERM", () =>
    Effect.gen(function*() {
      const script = withGrandchild(`process.on("SIGTERM", () => {});${ignoresEof}`, "process.exit(3)")
      const { end, value } = yield* untilClosed(nodeChild(script), (next) => next)
      assert.deepInclude(end, { reason: "Exited", exitCode: 3, signal: null })
      yield* groupIsGone(pids(value).leader)
    }))

  it.live("a grandchild of a leader that has to be killed is killed with it", () =>
    Effect.gen(function*() {
      const script = withGrandchild(ignoresEverything, "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)")
      const { value } = yield* untilClosed(nodeChild(script), (next) => next)
      yield* groupIsGone(pids(value).leader)
      assert.isFalse(processIsAlive(pids(value).grandchild))
    }))

  it.scopedLive("a grandchild that holds stdout open does not hold back the end", () =>
    Effect.gen(function*() {
      const script = `
        const args = ["-e", "setInterval(() => {}, 1000)"]
        const grandchild = require("node:child_process").spawn(process.execPath, args, { stdio: "inherit" })
        grandchild.once("spawn", () => { console.log(process.pid); process.exit(4) })
      `
      const transport = yield* nodeChild(script)
      const { end, next } = yield* collect(transport)
      const pid = Number(yield* next)
      assert.deepInclude(yield* end, { reason: "Exited", exitCode: 4, signal: null })
      assert.isTrue(processIsAlive(-pid))
    }))

  it.live("process.exit in the middle leaves no process behind", () =>
    Effect.gen(function*() {
      const program = NodeChildProcess.spawnSync(process.execPath, [
        ...["--import", "tsx", "--conditions=effect-codex-source"],
        fileURLToPath(new URL("fixtures/exitMidway.ts", import.meta.url))
      ], { encoding: "utf8", timeout: 20_000 })
      assert.strictEqual(program.status, 0, program.stderr)
      const pid = Number(program.stdout)
      assert.isAbove(pid, 0)
      yield* groupIsGone(pid)
    }))

  it.live("many transports put one listener on the program's exit, and take it away", () =>
    Effect.gen(function*() {
      const before = process.listenerCount("exit")
      yield* Effect.scoped(Effect.gen(function*() {
        yield* Effect.all(Array.from({ length: 4 }, () => nodeChild("process.stdin.resume()")))
        assert.strictEqual(process.listenerCount("exit"), before + 1)
      }))
      assert.strictEqual(process.listenerCount("exit"), before)
    }))
})
