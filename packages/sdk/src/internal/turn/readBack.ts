import type { Turn } from "@effect-codex/protocol/Server"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { RequestError } from "../../CodexError.js"
import type { TurnEvent } from "../../TurnEvent.js"
import type { Connection } from "../connection/connection.js"
import { latestTurns } from "./latestTurns.js"
import type { TurnEntry } from "./turnEntry.js"
import { exitOf } from "./turnExit.js"
import * as Turns from "./turns.js"

/** How long a completion may lag behind what says that the turn is over; usually it is well under a millisecond. */
const grace = "1 second"

/**
 * Sees to the end of a turn that must be over, since its thread is idle or runs another one: where no completion
 * follows, the turn is read back from the server and ended by what that says.
 */
const readBack = (connection: Connection, entry: TurnEntry): Effect.Effect<void> =>
  Effect.exit(Deferred.await(entry.done)).pipe(
    Effect.timeoutOption(grace),
    Effect.flatMap(Option.match({
      onSome: () => Effect.void,
      onNone: () => check(connection, entry)
    })),
    Effect.annotateLogs({ threadId: entry.thread.id, turnId: entry.id })
  )

/**
 * The same for whatever number of signs that a turn must be over: one look at a time, and another one where there was a
 * sign meanwhile.
 *
 * @internal
 */
export const makeReadBack = (connection: Connection): (entry: TurnEntry) => void => {
  /** The turns that are looked for, and whether there was another sign meanwhile. */
  const looking = new Map<TurnEntry, boolean>()
  const look = (entry: TurnEntry): Effect.Effect<void> =>
    Effect.suspend(() => {
      looking.set(entry, false)
      return readBack(connection, entry)
    }).pipe(
      Effect.zipRight(
        Effect.suspend(() => looking.get(entry) === true && entry.exit === undefined ? look(entry) : Effect.void)
      )
    )
  return (entry) => {
    const isLooking = looking.has(entry)
    looking.set(entry, isLooking)
    if (!isLooking) {
      connection.fork(Effect.ensuring(look(entry), Effect.sync(() => looking.delete(entry))))
    }
  }
}

/**
 * Asks the server about a turn, within the grace of an interruption, and ends it where it is over. Some threads have no
 * history that could be read, and some turns no place in it; but no turn is under way on a thread that is not active.
 *
 * @internal
 */
export const check = (connection: Connection, entry: TurnEntry): Effect.Effect<void> =>
  find(connection, entry).pipe(
    Effect.flatMap((found) =>
      found === undefined
        ? Effect.flatMap(
          isActive(connection, entry),
          (active) => active ? Effect.void : end(connection, entry, unrecorded(entry))
        )
        : found.status === "inProgress"
        ? Effect.void
        : end(connection, entry, found)
    ),
    Effect.timeout(connection.config.interruptGrace),
    Effect.catchAll((error) => Effect.logWarning("a turn could not be read back", error))
  )

/** The turn as the server has recorded it. */
const find = (connection: Connection, entry: TurnEntry): Effect.Effect<Turn | undefined, RequestError> =>
  Effect.map(
    latestTurns(connection, entry.thread.id, "full"),
    (turns) => turns.find(({ id }) => id === entry.id)
  )

const isActive = (connection: Connection, entry: TurnEntry): Effect.Effect<boolean, RequestError> =>
  connection.request("thread/read", { threadId: entry.thread.id }).pipe(
    Effect.map(({ thread }) => thread.status.type === "active"),
    // A thread that the server does not know runs nothing.
    Effect.catchTag("RequestFailed", (error) => error.reason === "InvalidRequest" ? Effect.succeed(false) : error)
  )

/** What was heard of a turn says how it ended, as far as it was heard to its last word; else nobody knows. */
const unrecorded = ({ collector, id }: TurnEntry): Turn | undefined => {
  if (collector.error !== undefined) {
    return { id, items: [], status: "failed", error: collector.error }
  }
  const { finalResponse, items, unfinished } = collector.result({ status: "completed" })
  const last = items[items.length - 1]
  return unfinished.length === 0 && last?.type === "agentMessage" && last.text === finalResponse
    ? { id, items: [], status: "completed" }
    : undefined
}

const end = (connection: Connection, entry: TurnEntry, turn: Turn | undefined): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (entry.exit !== undefined) {
      return Effect.void
    }
    if (turn === undefined) {
      Turns.abandon(connection.registry, entry)
      Turns.over(connection.registry, entry)
      return Effect.logWarning("a turn is over, and neither its completion nor how it ended was told")
    }
    const completion: TurnEvent = { _tag: "TurnCompleted", threadId: entry.thread.id, turn }
    for (const queue of entry.subscribers) {
      queue.offer(completion)
    }
    Turns.end(connection.registry, entry, exitOf(entry, turn), completion)
    return Effect.logWarning("the completion of a turn did not come, and was read back")
  })
