import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type { Predicate } from "effect/Predicate"
import type * as Scope from "effect/Scope"
import type { ModelRequest } from "../ScriptedModel.js"

interface Waiter {
  readonly matches: Predicate<ModelRequest>
  readonly found: Deferred.Deferred<ModelRequest>
}

/** @internal */
export interface RequestLog {
  readonly record: (request: ModelRequest) => Effect.Effect<void>
  readonly all: Effect.Effect<ReadonlyArray<ModelRequest>>
  readonly await: (matches?: Predicate<ModelRequest>) => Effect.Effect<ModelRequest>
}

/** @internal */
export const make = (capacity: number): Effect.Effect<RequestLog, never, Scope.Scope> =>
  Effect.gen(function*() {
    const kept: Array<ModelRequest> = []
    const waiters = new Set<Waiter>()
    let closed = false
    yield* Effect.addFinalizer(() => {
      closed = true
      return Effect.forEach(waiters, (waiter) => Deferred.interrupt(waiter.found), { discard: true })
    })

    const wait = (matches: Predicate<ModelRequest>): Effect.Effect<ModelRequest> =>
      Effect.acquireUseRelease(
        Effect.map(Deferred.make<ModelRequest>(), (found) => {
          const waiter: Waiter = { matches, found }
          waiters.add(waiter)
          return waiter
        }),
        (waiter) => Deferred.await(waiter.found),
        (waiter) => Effect.sync(() => waiters.delete(waiter))
      )

    return {
      record: (request) =>
        Effect.suspend(() => {
          kept.push(request)
          if (kept.length > capacity) {
            kept.shift()
          }
          const found = [...waiters].filter((waiter) => waiter.matches(request))
          return Effect.forEach(found, (waiter) => Deferred.succeed(waiter.found, request), { discard: true })
        }),
      all: Effect.sync(() => kept.slice()),
      await: (matches = () => true) =>
        Effect.suspend(() => {
          const found = kept.find(matches)
          return found !== undefined ? Effect.succeed(found) : closed ? Effect.interrupt : wait(matches)
        })
    }
  })
