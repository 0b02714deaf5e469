import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

const takers: Array<() => void> = []

/**
 * While the scope is open, an interrupt of the user is given to `run`.
 *
 * @internal
 */
export const take = (run: () => void): Effect.Effect<void, never, Scope.Scope> => {
  const taker = () => run()
  return Effect.asVoid(Effect.acquireRelease(
    Effect.sync(() => takers.push(taker)),
    () =>
      Effect.sync(() => {
        takers.splice(takers.indexOf(taker), 1)
      })
  ))
}

/**
 * Whether somebody took the interrupt, who came last.
 *
 * @internal
 */
export const give = (): boolean => {
  const taker = takers.at(-1)
  taker?.()
  return taker !== undefined
}
