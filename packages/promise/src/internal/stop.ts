import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import type { Ending } from "./errors.js"

/**
 * Stops a turn without giving up the call that waits for it, so that the call hears what the turn had come to.
 *
 * @internal
 */
export interface Stop {
  /** For the options of the turn. */
  readonly interruptWhen: Effect.Effect<void>
  /** Stops the turn that is under way, and says whether there is one whose end will come by that. */
  readonly now: (by: Ending) => boolean
}

/** @internal */
export const make = (): Stop => {
  const stopped = Deferred.unsafeMake<void>(FiberId.none)
  let underWay = false
  return {
    interruptWhen: Effect.acquireUseRelease(
      Effect.sync(() => underWay = true),
      () => Deferred.await(stopped),
      () => Effect.sync(() => underWay = false)
    ),
    now: () => {
      if (underWay) {
        Deferred.unsafeDone(stopped, Exit.void)
      }
      return underWay
    }
  }
}
