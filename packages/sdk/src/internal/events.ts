import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as AppServer from "../AppServer.js"
import { type ConnectionClosed, EventOverflow } from "../CodexError.js"
import type { ConnectionEvent, ServerEvent, ThreadEvent } from "../TurnEvent.js"
import type { Connection } from "./connection.js"
import * as Notification from "./notification.js"
import * as TurnQueue from "./turnQueue.js"

/**
 * The streams of what the server tells on its own.
 *
 * @internal
 */
export const make = (
  { config, registry }: Pick<Connection, "config" | "registry">
): Pick<AppServer.Service, "events" | "connectionEvents" | "threadEvents"> => {
  const queueOf = <Event extends ServerEvent>() =>
    TurnQueue.make<Event, ConnectionClosed | EventOverflow>({
      capacity: config.eventCapacity,
      merge: Notification.merge,
      onOverflow: (capacity) => new EventOverflow({ capacity })
    })

  const subscription = <Event extends ServerEvent>(
    subscribe: (queue: TurnQueue.TurnQueue<Event, ConnectionClosed | EventOverflow>) => () => void
  ): Stream.Stream<Event, ConnectionClosed | EventOverflow> =>
    Stream.unwrapScoped(
      Effect.zipRight(
        registry.ensureOpen,
        Effect.acquireRelease(
          Effect.sync(() => {
            const queue = queueOf<Event>()
            return { queue, unsubscribe: subscribe(queue) }
          }),
          ({ unsubscribe }) => Effect.sync(unsubscribe)
        )
      ).pipe(Effect.map(({ queue }) => TurnQueue.toStream(queue)))
    )

  const ofConnection = (keep: "everything" | "outside threads") =>
    subscription<ServerEvent>((queue) => {
      const listener = { queue, outsideThreads: keep === "outside threads" }
      registry.listen(listener)
      return () => registry.unlisten(listener)
    })

  return {
    events: ofConnection("everything"),
    // The router offers to these listeners only what carries no thread, which is what ConnectionEvent is made of.
    connectionEvents: ofConnection("outside threads") as Stream.Stream<
      ConnectionEvent,
      ConnectionClosed | EventOverflow
    >,
    threadEvents: (threadId) =>
      subscription<ThreadEvent>((queue) => {
        const thread = registry.retainThread(threadId)
        thread.subscribers.add(queue)
        return () => {
          thread.subscribers.delete(queue)
          registry.releaseThread(thread)
        }
      })
  }
}
