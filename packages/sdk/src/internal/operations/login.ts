import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type ConnectionClosed, type EventsError, LoginFailed } from "../../CodexError.js"
import { isRecord, stringAt } from "../connection/envelope.js"

/**
 * How a login ends, as whoever waits for it sees it.
 *
 * @internal
 */
export type Completion = Deferred.Deferred<void, LoginFailed | ConnectionClosed>

/**
 * What tells one login from others.
 *
 * @internal
 */
export interface Identity {
  readonly server: string | null
  readonly loginId: string | null
}

/** @internal */
export const cancelled = (identity: Identity): LoginFailed =>
  new LoginFailed({ ...identity, reason: "Cancelled", serverMessage: null })

/**
 * The end of a login, from the first that is said of it. It is read in the scope, so that nobody who waits for the end
 * takes it from another.
 *
 * @internal
 */
export const completion = (
  identity: Identity,
  options: {
    /** The params of the notification that ends the login, decodable or not. */
    readonly ends: Stream.Stream<unknown, EventsError>
    /** Whether this program has asked for the end. */
    readonly isCancelled: () => boolean
  }
): Effect.Effect<Completion, never, Scope.Scope> =>
  Effect.gen(function*() {
    const done: Completion = yield* Deferred.make<void, LoginFailed | ConnectionClosed>()
    yield* Stream.runHead(options.ends).pipe(
      Effect.flatMap(Option.match({
        onNone: () => Effect.void,
        onSome: (params) => {
          if (isRecord(params) && params["success"] === true) {
            return Deferred.succeed(done, undefined)
          }
          const serverMessage = stringAt(params, ["error"]) ?? null
          const reason = options.isCancelled() ? "Cancelled" : "Failed"
          return Deferred.fail(done, new LoginFailed({ ...identity, reason, serverMessage }))
        }
      })),
      Effect.catchTags({
        ConnectionClosed: (error) => Deferred.fail(done, error),
        // The ends of others that came before it was known which one is its own.
        EventOverflow: () =>
          Deferred.fail(done, new LoginFailed({ ...identity, reason: "Failed", serverMessage: null }))
      }),
      Effect.interruptible,
      Effect.forkScoped
    )
    return done
  })
