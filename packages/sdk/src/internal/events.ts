import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as AppServer from "../AppServer.js"
import type { ConnectionClosed, EventsError } from "../CodexError.js"
import type { ConnectionEvent, ServerEvent, ThreadEvent } from "../TurnEvent.js"
import type { Connection } from "./connection.js"
import * as TurnQueue from "./turnQueue.js"

type EventQueue<Event> = TurnQueue.TurnQueue<Event, EventsError>

type Events = Pick<Connection, "config" | "registry">

/**
 * The streams of what the server tells on its own.
 *
 * @internal
 */
export const make = (events: Events): Pick<AppServer.Service, "events" | "connectionEvents" | "threadEvents"> => ({
  events: Stream.unwrapScoped(listen(events, false)),
  // These listeners are offered only what belongs to no thread, which is what ConnectionEvent is made of.
  connectionEvents: Stream.unwrapScoped(listen(events, true)) as Stream.Stream<ConnectionEvent, EventsError>,
  threadEvents: (threadId) => Stream.unwrapScoped(listenToThread(events, threadId))
})

const listenToThread = (events: Events, threadId: string) =>
  subscribe<ThreadEvent>(events, (queue) => {
    const thread = events.registry.retainThread(threadId)
    thread.subscribers.add(queue)
    return () => {
      thread.subscribers.delete(queue)
      events.registry.releaseThread(thread)
    }
  })

const listen = (events: Events, outsideThreads: boolean) =>
  subscribe<ServerEvent>(events, (queue) => {
    const listener = { queue, outsideThreads }
    events.registry.listen(listener)
    return () => events.registry.unlisten(listener)
  })

const subscribe = <Event extends ServerEvent>(
  { config, registry }: Events,
  add: (queue: EventQueue<Event>) => () => void
): Effect.Effect<Stream.Stream<Event, EventsError>, ConnectionClosed, Scope.Scope> =>
  Effect.zipRight(
    registry.ensureOpen,
    Effect.acquireRelease(
      Effect.sync(() => {
        const over = registry.closed
        const queue: EventQueue<Event> = TurnQueue.make({ capacity: config.eventCapacity })
        if (over !== undefined) {
          // It has ended since it was asked, and tells nobody any more.
          queue.end(Exit.fail(over))
        }
        return { queue, remove: add(queue) }
      }),
      ({ remove }) => Effect.sync(remove)
    )
  ).pipe(Effect.map(({ queue }) => TurnQueue.toStream(queue)))
