import type * as Server from "@effect-codex/protocol/Server"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { EventsError, RequestError } from "../../CodexError.js"
import * as SubAgents from "../../SubAgents.js"
import type { ServerEvent } from "../../TurnEvent.js"
import type { Connection, Handle } from "../connection/connection.js"
import * as Events from "../connection/events.js"
import { parentOf } from "./parentOf.js"

/**
 * A thread as the server has it. What it refuses to read has gone since it was heard of.
 *
 * @internal
 */
export const read = (
  connection: Handle,
  threadId: string
): Effect.Effect<Option.Option<Server.Thread>, RequestError> =>
  connection.request("thread/read", { threadId }).pipe(
    Effect.map(({ thread }) => Option.some(thread)),
    Effect.catchTag("RequestFailed", () => Effect.succeedNone)
  )

type Threads = HashMap.HashMap<string, Server.Thread>

/**
 * The threads below a thread, first as they are read, then again after each change. The server does not tell that the
 * thread of an agent has started: it is known by the item of the agent that has spawned it.
 *
 * @internal
 */
export const changes = (
  connection: Connection,
  threadId: string,
  tree: SubAgents.SubAgents["tree"]
): Stream.Stream<Iterable<Server.Thread>, RequestError | EventsError> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    // Heard from before the tree is asked for, so that nothing is missed between the two.
    const events = yield* Events.listen(connection, false, isRelevant)
    const first: Threads = HashMap.fromIterable(SubAgents.flatten(yield* tree).map(({ id, info }) => [id, info]))
    const later = events.pipe(
      Stream.mapAccumEffect(first, (threads, event) =>
        Effect.map(
          next(connection, threadId, threads, event),
          (changed) => [changed, changed === threads ? Option.none<Threads>() : Option.some(changed)]
        )),
      Stream.filterMap((changed) => changed)
    )
    return Stream.map(Stream.concat(Stream.make(first), later), HashMap.values)
  }))

const relevant: ReadonlySet<ServerEvent["_tag"]> = new Set([
  "ItemCompleted",
  "ItemStarted",
  "ThreadClosed",
  "ThreadDeleted",
  "ThreadStarted",
  "ThreadStatusChanged"
])

const isRelevant = (event: ServerEvent): boolean => relevant.has(event._tag)

const next = (
  connection: Connection,
  threadId: string,
  threads: Threads,
  event: ServerEvent
): Effect.Effect<Threads, RequestError> => {
  const isBelow = (id: string | null | undefined) =>
    typeof id === "string" && (id === threadId || HashMap.has(threads, id))
  const withStatus = (id: string, status: Server.ThreadStatus) =>
    Effect.succeed(
      Option.match(HashMap.get(threads, id), {
        onNone: () => threads,
        onSome: (thread) => withThread(threads, { ...thread, status })
      })
    )
  switch (event._tag) {
    case "ThreadStatusChanged":
      return withStatus(event.threadId, event.status)
    case "ThreadClosed":
      return withStatus(event.threadId, { type: "notLoaded" })
    case "ThreadDeleted":
      return Effect.succeed(HashMap.has(threads, event.threadId) ? HashMap.remove(threads, event.threadId) : threads)
    case "ThreadStarted":
      return Effect.succeed(
        isBelow(parentOf(event.thread)) ? withThread(threads, event.thread) : threads
      )
    case "ItemCompleted":
    case "ItemStarted":
      return isBelow(event.threadId)
        ? Effect.reduce(
          spawnedBy(event.item).filter((id) => !isBelow(id)),
          threads,
          (all, id) =>
            Effect.map(
              read(connection, id),
              Option.match({ onNone: () => all, onSome: (thread) => withThread(all, thread) })
            )
        )
        : Effect.succeed(threads)
    default:
      return Effect.succeed(threads)
  }
}

/** The same map where it has the thread just so: what has been said already is no change. */
const withThread = (threads: Threads, thread: Server.Thread): Threads =>
  Option.exists(HashMap.get(threads, thread.id), (known) => JSON.stringify(known) === JSON.stringify(thread))
    ? threads
    : HashMap.set(threads, thread.id, thread)

const spawnedBy = (item: Server.ThreadItem): ReadonlyArray<string> => {
  switch (item.type) {
    case "collabAgentToolCall":
      return item.receiverThreadIds
    case "subAgentActivity":
      return [item.agentThreadId]
    default:
      return []
  }
}
