import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { ChildProcess } from "./childProcess.js"
import { atMost } from "./wallClock.js"

/** @internal */
export interface Timings {
  readonly closeGrace: Duration.DurationInput
  readonly terminateGrace: Duration.DurationInput
}

// After SIGKILL only the kernel is waited for.
const killGrace = "1 second"

/** The system announces the end of a child, not that of its group: the rest has to be asked for. */
const groupGone = (child: ChildProcess): Effect.Effect<void> =>
  Deferred.await(child.exited).pipe(
    Effect.zipRight(
      Effect.sync(() => child.group.isAlive()).pipe(
        Effect.repeat({ while: (alive) => alive, schedule: Schedule.spaced("10 millis") })
      )
    ),
    Effect.asVoid
  )

const signal = (child: ChildProcess, signal: "SIGTERM" | "SIGKILL", grace: Duration.DurationInput) =>
  Effect.suspend(() => {
    if (!child.group.isAlive()) {
      return Effect.void
    }
    child.group.signal(signal)
    return atMost(groupGone(child), grace)
  })

/**
 * Ends the process and its group: stdin closed, SIGTERM, SIGKILL, each where the one before was not enough. Every wait
 * is bounded.
 *
 * @internal
 */
export const shutdown = (child: ChildProcess, timings: Timings): Effect.Effect<void> =>
  Effect.sync(() => child.stdin.end()).pipe(
    Effect.zipRight(atMost(Deferred.await(child.exited), timings.closeGrace)),
    Effect.zipRight(signal(child, "SIGTERM", timings.terminateGrace)),
    Effect.zipRight(signal(child, "SIGKILL", killGrace)),
    Effect.ensuring(Effect.sync(child.release))
  )
