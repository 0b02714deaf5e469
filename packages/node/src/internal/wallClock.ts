import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

const clock = Clock.make()

/**
 * Waits for `self` for at most `duration` of real time: a process of the system knows nothing of a test's clock. Works
 * in an uninterruptible region too, so that a finalizer's wait is bounded.
 *
 * @internal
 */
export const atMost = <A>(self: Effect.Effect<A>, duration: Duration.DurationInput): Effect.Effect<void> =>
  Effect.interruptible(self).pipe(Effect.timeoutOption(duration), Effect.withClock(clock), Effect.asVoid)
