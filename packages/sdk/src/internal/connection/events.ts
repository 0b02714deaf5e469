import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { identity } from "effect/Function"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as AppServer from "../../AppServer.js"
import type { ConnectionClosed, EventsError } from "../../CodexError.js"
import { Delivery, type Policy } from "../../Delivery.js"
import type { ConnectionEvent, Lagged, ServerEvent, ThreadEvent } from "../../TurnEvent.js"
import * as EventQueue from "../delivery/eventQueue.js"
import type { Connection } from "./connection.js"

type Queue<Event> = EventQueue.EventQueue<Event, EventsError>

type Events = Pick<Connection, "registry">

/**
 * The streams of what the server tells on its own.
 *
 * @internal
 */
export const make = (events: Events): Pick<AppServer.Service, "events" | "connectionEvents" | "threadEvents"> => {
  const listenAs = (outsideThreads: boolean) =>
    withPolicy(events, (policy) => listen(events, outsideThreads, undefined, policy))
  return {
    events: listenAs(false),
    // These listeners are offered only what belongs to no thread, which is what ConnectionEvent is made of.
    connectionEvents: listenAs(true) as Stream.Stream<ConnectionEvent, EventsError>,
    threadEvents: (threadId) => withPolicy(events, (policy) => listenToThread(events, threadId, policy))
  }
}

/** Runs a stream with the policy that its reader has chosen, or else that of the connection. */
const withPolicy = <Event>(
  { registry }: Events,
  listen: (
    policy: Policy
  ) => Effect.Effect<Stream.Stream<Event, EventsError>, ConnectionClosed, Scope.Scope>
): Stream.Stream<Event, EventsError> =>
  Stream.unwrapScoped(Effect.flatMap(Delivery, (policy = registry.delivery.policy) => listen(policy)))

const listenToThread = (events: Events, threadId: string, policy: Policy) =>
  subscribe<ThreadEvent>(events, { policy }, (queue) => {
    const thread = events.registry.retainThread(threadId)
    thread.subscribers.add(queue)
    return () => {
      thread.subscribers.delete(queue)
      events.registry.releaseThread(thread)
    }
  })

/**
 * Everything that the server tells from this moment on and that is accepted, or what belongs to no thread, until the
 * scope closes. The stream has one reader.
 *
 * @internal
 */
export const listen = (
  events: Events,
  outsideThreads: boolean,
  accepts?: (event: ServerEvent) => boolean,
  policy: Policy = "coalesce"
) =>
  subscribe<ServerEvent>(events, { accepts, policy }, (queue) => {
    const listener = { queue, outsideThreads }
    events.registry.listen(listener)
    return () => events.registry.unlisten(listener)
  })

const subscribe = <Event extends ServerEvent>(
  { registry }: Events,
  options: Pick<EventQueue.Options<Event | Lagged>, "accepts" | "policy">,
  add: (queue: Queue<Event | Lagged>) => () => void
): Effect.Effect<Stream.Stream<Event | Lagged, EventsError>, ConnectionClosed, Scope.Scope> =>
  Effect.zipRight(
    registry.ensureOpen,
    Effect.acquireRelease(
      Effect.sync(() => {
        const over = registry.closed
        const queue = EventQueue.make<Event | Lagged, ConnectionClosed>({
          ...registry.delivery,
          ...options,
          lagged: identity
        })
        if (over !== undefined) {
          // It has ended since it was asked, and tells nobody any more.
          queue.end(Exit.fail(over))
        }
        return { queue, remove: add(queue) }
      }),
      ({ remove }) => Effect.sync(remove)
    )
  ).pipe(Effect.map(({ queue }) => EventQueue.toStream(queue)))
