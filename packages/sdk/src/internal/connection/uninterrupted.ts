import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

/**
 * Runs an effect to its end whatever happens to the fiber that asks for it, which waits for it. Only for effects that
 * are bounded by themselves.
 *
 * @internal
 */
export const uninterrupted = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  // In a fiber of its own, since a fiber that is being interrupted cannot enter an interruptible region, and without
  // one no deadline can strike.
  // What it fails with is its caller's to see, and not the log's, where a fiber that fails puts it.
  Effect.uninterruptible(
    Effect.flatten(Effect.flatMap(Effect.forkDaemon(Effect.interruptible(Effect.exit(self))), Fiber.join))
  )
