import type { ProcessTransport } from "@effect-codex/node"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as NodeChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { collect, eventually, isRunning, nodeChild, untilClosed } from "./support/child.js"

const stays = "setInterval(() => {}, 1000)"
const ignoresSigterm = `process.on("SIGTERM", () => {}); ${stays}`

const quoted = (script: string) => JSON.stringify(`${script}; console.log(process.pid)`)

/** Code that starts `script` in a session of its own and runs `then` once it is there, with its pid as `data`. */
const helper = (script: string, options: { readonly then: string; readonly env?: string | undefined }) => `
  const helper = require("node:child_process").spawn(process.execPath, ["-e", ${quoted(script)}], {
    detached: true,
    env: ${options.env ?? "process.env"},
    stdio: ["ignore", "pipe", "ignore"]
  })
  helper.stdout.once("data", (data) => { ${options.then} })
`

const sayIt = "console.log(String(data).trim())"

/** A leader that ends at the end of its stdin and leaves the helper, whose pid it says, behind. */
const leader = (script: string, env?: string) => `
  process.stdin.resume().on("end", () => process.exit(0))
  ${helper(script, { env, then: sayIt })}
`

/** The pid that `script` says, once the scope it ran in has closed. */
const afterClosing = (script: string, options?: ProcessTransport.Options) =>
  Effect.map(untilClosed(nodeChild(script, options), (next) => next), ({ value }) => Number(value))

// Longer than a test may take.
const forever = { closeGrace: "1 hour", terminateGrace: "1 hour" } as const

describe("ProcessTransport and what its process starts in other sessions", () => {
  it.live("it is gone when the scope has closed, in no more time than it takes", () =>
    Effect.gen(function*() {
      assert.isFalse(isRunning(yield* afterClosing(leader(stays), forever)))
    }))

  it.live("it is gone even when it was given a clean environment", () =>
    Effect.gen(function*() {
      assert.isFalse(isRunning(yield* afterClosing(leader(stays, "{}"), forever)))
    }))

  it.live("it is killed when it ignores SIGTERM", () =>
    Effect.gen(function*() {
      assert.isFalse(isRunning(yield* afterClosing(leader(ignoresSigterm), { closeGrace: "1 hour" })))
    }))

  it.live("it is ended together with a process that has to be killed", () =>
    Effect.gen(function*() {
      const script = `process.on("SIGTERM", () => {}); ${helper(stays, { then: sayIt })}`
      assert.isFalse(isRunning(yield* afterClosing(script)))
    }))

  it.live("what it starts when it is told to end is ended in its turn", () =>
    Effect.gen(function*() {
      const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
      const file = Path.join(folder, "pid")
      const write = `require("node:fs").writeFileSync(${JSON.stringify(file)}, data); process.exit(0)`
      const startsAnother = `process.on("SIGTERM", () => {${helper(stays, { then: write })}}); ${stays}`
      yield* afterClosing(leader(startsAnother), forever)
      assert.isFalse(isRunning(Number(Fs.readFileSync(file, "utf8"))))
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)))

  it.live("process.exit in the middle leaves none of it behind", () =>
    Effect.gen(function*() {
      const program = NodeChildProcess.spawnSync(process.execPath, [
        ...["--import", "tsx", "--conditions=effect-codex-source"],
        fileURLToPath(new URL("fixtures/exitMidway.ts", import.meta.url)),
        leader(ignoresSigterm)
      ], { encoding: "utf8", timeout: 20_000 })
      assert.strictEqual(program.status, 0, program.stderr)
      const pid = Number(program.stdout)
      assert.isAbove(pid, 0)
      yield* eventually(() => !isRunning(pid))
    }))
})

// Elsewhere the environment of a process, by which its orphans are known, does not show for every program.
describe.runIf(process.platform === "linux")("ProcessTransport and the orphans of a crash", () => {
  it.live("what a killed process had started in other sessions is gone when the scope has closed", () =>
    Effect.gen(function*() {
      const pid = yield* Effect.scoped(Effect.gen(function*() {
        const script = `${helper(ignoresSigterm, { then: "console.log(process.pid + ' ' + data)" })}; ${stays}`
        const { end, next } = yield* collect(yield* nodeChild(script))
        const [leader = NaN, helperPid = NaN] = (yield* next).split(" ").map(Number)
        process.kill(leader, "SIGKILL")
        yield* end
        assert.isTrue(isRunning(helperPid))
        return helperPid
      }))
      assert.isFalse(isRunning(pid))
    }))
})
