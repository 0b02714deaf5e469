import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { ConnectionClosed, EventsError } from "../../CodexError.js"
import type { MethodOf, Of, Undecodable } from "../../TurnEvent.js"
import type { Connection } from "../connection/connection.js"
import * as EventQueue from "../delivery/eventQueue.js"
import type { Key, Receiver } from "./operationTable.js"

export type { Key, Receiver } from "./operationTable.js"

type OperationEvent = { readonly [M in MethodOf<"operation">]: Of<M> }[MethodOf<"operation">]

/**
 * What the server tells of one operation: the notifications that carry its key. One that does not decode comes as
 * `Undecodable`, since it may be the end that is waited for.
 *
 * @internal
 */
export type Event<K extends Key> =
  | (OperationEvent extends infer E ? E extends unknown ? K extends keyof E ? E
      : never
    : never
    : never)
  | Undecodable

/** @internal */
export type Events<K extends Key> = Stream.Stream<Event<K>, EventsError>

/**
 * An id for an operation that this program names. It is random, since all connections to a server share the ids of
 * search sessions, and hear of each other's.
 *
 * @internal
 */
export const makeId: Effect.Effect<string> = Effect.sync(() => globalThis.crypto.randomUUID())

/**
 * Hands what the server tells of an operation to the receiver, synchronously, until the scope closes. For an operation
 * whose id this program chooses: call it before the request is sent.
 *
 * @internal
 */
export const receive = <K extends Key>(
  { registry }: Connection,
  key: K,
  id: string,
  receiver: Receiver<Event<K>>
): Effect.Effect<void, ConnectionClosed, Scope.Scope> =>
  Effect.zipRight(
    registry.ensureOpen,
    Effect.acquireRelease(
      Effect.sync(() => {
        registry.operations.add(key, id, receiver)
        if (registry.closed !== undefined) {
          // It has ended since it was asked, and tells nobody any more.
          receiver.end(Exit.fail(registry.closed))
        }
      }),
      () => Effect.sync(() => registry.operations.remove(key, id))
    )
  )

/**
 * What the server tells of an operation, kept from now on until the scope closes. For an operation whose id this
 * program chooses: call it before the request is sent. The stream has one reader.
 *
 * @internal
 */
export const claim = <K extends Key>(
  connection: Connection,
  key: K,
  id: string
): Effect.Effect<Events<K>, ConnectionClosed, Scope.Scope> =>
  Effect.suspend(() => {
    const queue = EventQueue.make<Event<K>, EventsError>({ capacity: connection.config.eventCapacity })
    return Effect.as(receive(connection, key, id, queue), EventQueue.toStream(queue))
  })

/**
 * The same for an operation that the server names in its answer. `ask` sends the request and has the router call
 * `claim` with the id (`onResult` of the exchange), before it looks at the next frame; what came before the answer
 * comes first. Where the answer names no operation, there is nothing to hear. Where the request is given up, its
 * operation goes on, and ending it is the caller's affair (`onLateResult`).
 *
 * @example
 *     const { answer, events } = yield* Operations.claimAnswered(connection, "loginId", (claim) =>
 *       connection.request("account/login/start", params, {
 *         onResult: (result) => {
 *           const loginId = stringAt(result, ["loginId"])
 *           if (loginId !== undefined) claim(loginId)
 *         }
 *       }))
 *
 * @internal
 */
export const claimAnswered = <K extends Key, A, E, R>(
  { config, registry }: Connection,
  key: K,
  ask: (claim: (id: string) => void) => Effect.Effect<A, E, R>
): Effect.Effect<{ readonly answer: A; readonly events: Events<K> }, E | ConnectionClosed, R | Scope.Scope> =>
  Effect.gen(function*() {
    yield* registry.ensureOpen
    const { operations } = registry
    let events: Events<K> = Stream.empty
    let claimed: string | undefined
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        if (claimed !== undefined) {
          operations.remove(key, claimed)
        }
      })
    )
    const answer = yield* Effect.acquireUseRelease(
      Effect.sync(() => operations.expect(key)),
      () =>
        ask((id) => {
          const queue = operations.takeEarly(key, id) ?? EventQueue.make({ capacity: config.eventCapacity })
          operations.add(key, id, queue)
          claimed = id
          // The table keeps what it hears by the key, and these are the notifications that carry it.
          events = EventQueue.toStream(queue) as Events<K>
        }),
      () => Effect.sync(() => operations.unexpect(key))
    )
    return { answer, events }
  })
