import * as Duration from "effect/Duration"
import * as ChildProcess from "node:child_process"
import type { Writable } from "node:stream"
import { psArgs } from "./processTable.js"
import type { Timings } from "./shutdown.js"
import { script } from "./watchdogScript.js"

/**
 * The process that is watched over.
 *
 * @internal
 */
export interface Leader {
  readonly pid: number
  readonly stdin: Writable
  /** What is in the environment of all that it starts. */
  readonly mark: string
}

// What the arithmetic of every shell can hold; nobody waits for it to be over.
const maxTenths = 2 ** 31 - 1

const tenths = (duration: Duration.DurationInput): string =>
  String(Math.min(Math.ceil(Duration.toMillis(duration) / 100), maxTenths))

/**
 * Has the tree of a process ended by another process when this program is, in whatever way: SIGKILL, a crash of Node, a
 * signal that nobody handles, of all of which no code of its own is told. That process waits for the end of a pipe that
 * only this program holds open. What comes back ends it; it may also be ended by anyone else, which changes nothing for
 * the tree.
 *
 * It holds the program's end of the leader's stdin as well, so that the leader hears of the end after the watchdog has.
 * Closing stdin from here is not held back by that: it is a socket, which is shut down for all who hold it.
 *
 * Windows has no shell for it.
 *
 * @internal
 */
export const start = (leader: Leader, timings: Timings, onError: (cause: unknown) => void): () => void => {
  if (process.platform === "win32") {
    return () => {}
  }
  try {
    const args = [
      ...[String(leader.pid), tenths(timings.closeGrace), tenths(timings.terminateGrace)],
      ...(process.platform === "linux" ? [] : psArgs)
    ]
    const watchdog = ChildProcess.spawn("/bin/sh", ["-c", script, "sh", ...args], {
      // Nothing of the program's is held on to: neither its folder, nor its terminal, nor what is secret there.
      cwd: "/",
      detached: true,
      env: { PATH: [process.env["PATH"], "/usr/bin:/bin"].filter(Boolean).join(":") },
      stdio: ["pipe", "ignore", "ignore", leader.stdin]
    })
    watchdog.on("error", onError)
    watchdog.stdin?.on("error", () => {})
    // Not in the arguments, which `ps` shows among the environments of others.
    watchdog.stdin?.write(`${leader.mark}\n`)
    watchdog.unref()
    return () => {
      watchdog.kill("SIGKILL")
      watchdog.stdin?.destroy()
    }
  } catch (cause) {
    onError(cause)
    return () => {}
  }
}
