import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as NodeChildProcess from "node:child_process"
import { fileURLToPath } from "node:url"

const bin = fileURLToPath(new URL("../../src/bin.ts", import.meta.url))
const folder = fileURLToPath(new URL("../../", import.meta.url))

/** The program itself, as a process with pipes. It does not outlive the test. */
export const start = (args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        NodeChildProcess.spawn(
          process.execPath,
          ["--conditions=effect-codex-source", "--import", "tsx", bin, ...args],
          { cwd: folder, stdio: ["pipe", "pipe", "pipe"] }
        )
      ),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    const ended = Deferred.unsafeMake<number | null>(FiberId.none)
    child.on("close", (code) => Deferred.unsafeDone(ended, Exit.succeed(code)))
    let stdout = ""
    let stderr = ""
    const watchers = new Set<() => void>()
    const look = () => watchers.forEach((watch) => watch())
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk
      look()
    })
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk
      look()
    })
    child.stdin.on("error", () => {})

    return {
      stdout: () => stdout,
      stderr: () => stderr,
      /** The exit code, once both outputs have ended as well. */
      code: Deferred.await(ended),
      type: (text: string) => Effect.sync(() => void child.stdin.write(text)),
      endInput: Effect.sync(() => void child.stdin.end()),
      signal: (signal: NodeJS.Signals) => Effect.sync(() => void child.kill(signal)),
      closeStdout: Effect.sync(() => void child.stdout.destroy()),
      shown: (text: string) =>
        Effect.async<void>((resume) => {
          const watch = () => {
            if ((stdout + stderr).includes(text)) {
              watchers.delete(watch)
              resume(Effect.void)
            }
          }
          watchers.add(watch)
          watch()
          return Effect.sync(() => watchers.delete(watch))
        })
    }
  })
