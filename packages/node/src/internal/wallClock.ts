import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/**
 * Real time, for what is outside: a process of the system or another host knows nothing of a test's clock.
 *
 * @internal
 */
export const clock = Clock.make()

/**
 * Waits for `self` for at most `duration` of real time. Works in an uninterruptible region too, so that a finalizer's
 * wait is bounded.
 *
 * @internal
 */
export const atMost = <A>(self: Effect.Effect<A>, duration: Duration.DurationInput): Effect.Effect<void> =>
  Effect.interruptible(self).pipe(Effect.timeoutOption(duration), Effect.withClock(clock), Effect.asVoid)

/**
 * Fails once `duration` of real time has passed.
 *
 * @internal
 */
export const within = <A, E, E2>(
  self: Effect.Effect<A, E>,
  duration: Duration.DurationInput,
  onTimeout: () => E2
): Effect.Effect<A, E | E2> => self.pipe(Effect.timeoutFail({ duration, onTimeout }), Effect.withClock(clock))
