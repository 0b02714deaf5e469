import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as ChildProcess from "node:child_process"
import type { Writable } from "node:stream"
import { psArgs } from "./processTable.js"
import type { Timings } from "./shutdown.js"
import { atMost } from "./wallClock.js"
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

// Only the kernel is waited for.
const killGrace = "1 second"

const spawn = (leader: Leader, timings: Timings): ChildProcess.ChildProcess =>
  ChildProcess.spawn("/bin/sh", [
    ...["-c", script, "sh"],
    ...[String(leader.pid), tenths(timings.closeGrace), tenths(timings.terminateGrace)],
    ...(process.platform === "linux" ? [] : psArgs)
  ], {
    // Nothing of the program's is held on to: neither its folder, nor its terminal, nor what is secret there.
    cwd: "/",
    detached: true,
    env: { PATH: [process.env["PATH"], "/usr/bin:/bin"].filter(Boolean).join(":") },
    stdio: ["pipe", "ignore", "ignore", leader.stdin]
  })

/**
 * Has the tree of a process ended by another process when this program is, in whatever way: SIGKILL, a crash of Node, a
 * signal that nobody handles, of all of which no code of its own is told. That process waits for the end of a pipe that
 * only this program holds open. What comes back ends it; anyone else may end it as well, which changes nothing for the
 * tree.
 *
 * It holds the program's end of the leader's stdin too, so that the leader hears of the end after it has. Closing stdin
 * from here is not held back by that: it is a socket, which is shut down for all who hold it.
 *
 * @internal
 */
export const start = (leader: Leader, timings: Timings, onError: (cause: unknown) => void): Effect.Effect<void> => {
  // Windows has no shell for it.
  if (process.platform === "win32") {
    return Effect.void
  }
  try {
    const watchdog = spawn(leader, timings)
    const ended = Deferred.unsafeMake<void>(FiberId.none)
    const onEnd = (): void => Deferred.unsafeDone(ended, Exit.void)
    watchdog.on("exit", onEnd).on("error", onEnd).on("error", onError).unref()
    watchdog.stdin?.on("error", () => {})
    // Not in the arguments, which `ps` shows among the environments of others.
    watchdog.stdin?.write(`${leader.mark}\n`)
    return Effect.zipRight(
      Effect.sync(() => {
        watchdog.kill("SIGKILL")
        watchdog.stdin?.destroy()
      }),
      atMost(Deferred.await(ended), killGrace)
    )
  } catch (cause) {
    onError(cause)
    return Effect.void
  }
}
