import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"

/**
 * What ends first, with the other interrupted, even where the caller cannot be: the loser would be waited for. A caller
 * of `Effect.raceFirst` that is interrupted at the wrong step waits for fibers that never start.
 *
 * @internal
 */
export const first = <A, B, E, E2>(
  one: Effect.Effect<A, E>,
  other: Effect.Effect<B, E2>
): Effect.Effect<A | B, E | E2> =>
  Effect.flatten(Effect.raceAll<Effect.Effect<Exit.Exit<A | B, E | E2>>>([Effect.exit(one), Effect.exit(other)]))
