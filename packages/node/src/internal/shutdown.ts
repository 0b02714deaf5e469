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

type Signal = "SIGTERM" | "SIGKILL"

// After SIGKILL only the kernel is waited for.
const killGrace = "1 second"

const untilFalse = (condition: Effect.Effect<boolean>): Effect.Effect<void> =>
  Effect.asVoid(Effect.repeat(condition, { while: (holds) => holds, schedule: Schedule.spaced("10 millis") }))

/** The system announces the end of a child, not that of its descendants: they have to be looked for. */
const goneWith = (child: ChildProcess, signal: Signal): Effect.Effect<void> =>
  Deferred.await(child.exited).pipe(
    Effect.zipRight(untilFalse(Effect.sync(child.tree.isAlive))),
    // Those whom the others have started meanwhile are signalled in their turn.
    Effect.zipRight(child.tree.signal(signal)),
    untilFalse
  )

const signal = (child: ChildProcess, signal: Signal, grace: Duration.DurationInput): Effect.Effect<void> =>
  Effect.flatMap(
    child.tree.signal(signal),
    (anyone) => anyone ? atMost(goneWith(child, signal), grace) : Effect.void
  )

/**
 * Ends the process and its tree: stdin closed, SIGTERM, SIGKILL, each where the one before was not enough. Every wait
 * is bounded.
 *
 * @internal
 */
export const shutdown = (child: ChildProcess, timings: Timings): Effect.Effect<void> =>
  child.tree.look.pipe(
    // Behind what was sent in this tick, which is written at its end.
    Effect.zipRight(Effect.sync(() => process.nextTick(() => child.stdin.end()))),
    Effect.zipRight(atMost(Deferred.await(child.exited), timings.closeGrace)),
    Effect.zipRight(signal(child, "SIGTERM", timings.terminateGrace)),
    Effect.zipRight(signal(child, "SIGKILL", killGrace)),
    Effect.ensuring(Effect.zipRight(child.unguard, Effect.sync(child.release)))
  )
