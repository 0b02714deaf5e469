import { TemporaryCodexHome } from "@effect-codex/testing"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"

export const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

export const tick = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** Looks again and again until `condition` holds; the test's own deadline is the bound. */
export const eventually = (condition: () => boolean) =>
  Effect.whileLoop({ while: () => !condition(), body: () => tick, step: () => {} })

/** What has been killed counts until whoever inherited it has reaped it. */
export const gone = (pid: number) => eventually(() => !isAlive(pid))

/** The process id that a file of the working directory holds, once it does. */
export const pidIn = Effect.fnUntraced(function*(file: string) {
  const { cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
  const read = () => {
    const path = Path.join(cwd, file)
    return Fs.existsSync(path) ? Number.parseInt(Fs.readFileSync(path, "utf8")) : Number.NaN
  }
  yield* eventually(() => !Number.isNaN(read()))
  return read()
})

/** Old servers have another code for it. */
export const assertKilled = (exitCode: number) => assert.oneOf(exitCode, [137, -1])
