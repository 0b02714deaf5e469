import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as MutableHashMap from "effect/MutableHashMap"
import * as Option from "effect/Option"
import * as RcMap from "effect/RcMap"
import * as Scope from "effect/Scope"
import { AppServer } from "../../AppServer.js"
import { Codex } from "../../Codex.js"
import type { GetError, Options, Service } from "../../CodexPool.js"

/**
 * Where the app-server of a key stands. One that is of no use any more loses its place, and the next one gets another:
 * so what is still to be done about the one before cannot touch it.
 */
class Place<K> {
  readonly key: K
  /** The opening that has the place, since the same one is used again after an app-server was idle for too long. */
  opening: object | undefined
  constructor(key: K) {
    this.key = key
  }
}

/** @internal */
export const make = <K, E, R>(
  { capacity = Number.POSITIVE_INFINITY, idleTimeToLive, lookup }: Options<K, E, R>
): Effect.Effect<Service<K, E>, never, R | Scope.Scope> =>
  Effect.gen(function*() {
    // The map ends its entries one after the other, and the end of an app-server may take seconds.
    const all = yield* Scope.make(ExecutionStrategy.parallel)
    const places = MutableHashMap.empty<K, Place<K>>()

    const placeOf = (key: K): Place<K> => {
      const known = Option.getOrUndefined(MutableHashMap.get(places, key))
      const place = known ?? new Place(key)
      MutableHashMap.set(places, key, place)
      return place
    }
    const clear = (place: Place<K>) => {
      if (Option.contains(MutableHashMap.get(places, place.key), place)) {
        MutableHashMap.remove(places, place.key)
      }
    }
    const drop = (place: Place<K>) =>
      Effect.suspend(() => {
        clear(place)
        return RcMap.invalidate(servers, place)
      })

    const open = (place: Place<K>) =>
      Effect.gen(function*() {
        const opening = {}
        place.opening = opening
        yield* Effect.addFinalizer(() => Effect.sync(() => place.opening === opening ? clear(place) : undefined))
        const scope = yield* Effect.acquireRelease(
          Scope.fork(all, ExecutionStrategy.sequential),
          (scope) => Scope.close(scope, Exit.void)
        )
        const context = yield* Layer.buildWithScope(lookup(place.key), scope)
        yield* Context.get(context, AppServer).closed.pipe(
          Effect.flatMap(({ reason }) => reason === "LayerClosed" ? Effect.void : drop(place)),
          Effect.interruptible,
          Effect.forkScoped
        )
        return context
      })

    const servers: RcMap.RcMap<Place<K>, Context.Context<Codex | AppServer>, GetError<E>> = yield* RcMap.make({
      lookup: open,
      idleTimeToLive,
      capacity
    })
    yield* Effect.addFinalizer((exit) => Scope.close(all, exit))

    // The map keeps what has failed for as long as what has not.
    const get = (key: K) =>
      Effect.suspend(() => {
        const place = placeOf(key)
        return Effect.tapErrorCause(
          RcMap.get(servers, place),
          (cause) => Cause.isInterruptedOnly(cause) ? Effect.void : drop(place)
        )
      })

    return {
      get: (key) => Effect.map(get(key), Context.get(Codex)),
      layer: (key) => Layer.scopedContext(get(key))
    }
  })
