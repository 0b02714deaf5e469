import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import { dual, identity } from "effect/Function"

/**
 * What ends first, with the other interrupted. `Effect.raceFirst` makes its two fibers at one step and starts them at
 * the next: a caller that yields between the two and is interrupted there waits for fibers that never start.
 * `Effect.raceAll` does both in one.
 *
 * @internal
 */
export const first: {
  <A2, E2, R2>(
    that: Effect.Effect<A2, E2, R2>
  ): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A | A2, E | E2, R | R2>
  <A, E, R, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    that: Effect.Effect<A2, E2, R2>
  ): Effect.Effect<A | A2, E | E2, R | R2>
} = dual(
  2,
  <A, E, R, A2, E2, R2>(
    self: Effect.Effect<A, E, R>,
    that: Effect.Effect<A2, E2, R2>
  ): Effect.Effect<A | A2, E | E2, R | R2> =>
    Effect.checkInterruptible((interruptible) => {
      const kept: <B, E3, R3>(effect: Effect.Effect<B, E3, R3>) => Effect.Effect<B, E3, R3> = interruptible
        ? identity
        : Effect.uninterruptible
      return Effect.flatten(
        Effect.raceAll<Effect.Effect<Exit.Exit<A | A2, E | E2>, never, R | R2>>([
          Effect.exit(kept(self)),
          Effect.exit(kept(that))
        ])
      )
    })
)
