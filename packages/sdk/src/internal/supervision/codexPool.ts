import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as RcMap from "effect/RcMap"
import * as Scope from "effect/Scope"
import { AppServer } from "../../AppServer.js"
import { Codex } from "../../Codex.js"
import type { GetError, Options, Service } from "../../CodexPool.js"

/** @internal */
export const make = <K, E, R>(
  { capacity = Number.POSITIVE_INFINITY, idleTimeToLive, lookup }: Options<K, E, R>
): Effect.Effect<Service<K, E>, never, R | Scope.Scope> =>
  Effect.gen(function*() {
    // The map ends its entries one after the other, and the end of an app-server may take seconds.
    const all = yield* Scope.make(ExecutionStrategy.parallel)

    const open = (key: K) =>
      Effect.gen(function*() {
        const scope = yield* Effect.acquireRelease(
          Scope.fork(all, ExecutionStrategy.sequential),
          (scope) => Scope.close(scope, Exit.void)
        )
        const context = yield* Layer.buildWithScope(lookup(key), scope)
        yield* Context.get(context, AppServer).closed.pipe(
          Effect.flatMap(({ reason }) => reason === "LayerClosed" ? Effect.void : RcMap.invalidate(servers, key)),
          Effect.forkScoped
        )
        return context
      })

    const servers: RcMap.RcMap<K, Context.Context<Codex | AppServer>, GetError<E>> = yield* RcMap.make({
      lookup: open,
      idleTimeToLive,
      capacity
    })
    yield* Effect.addFinalizer((exit) => Scope.close(all, exit))

    // The map keeps what has failed for as long as what has not.
    const get = (key: K) =>
      Effect.tapErrorCause(
        RcMap.get(servers, key),
        (cause) => Cause.isInterruptedOnly(cause) ? Effect.void : RcMap.invalidate(servers, key)
      )

    return {
      get: (key) => Effect.map(get(key), Context.get(Codex)),
      layer: (key) => Layer.scopedContext(get(key))
    }
  })
