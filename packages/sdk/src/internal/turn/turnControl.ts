import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { RequestError } from "../../CodexError.js"
import * as Bounded from "../connection/bounded.js"
import type { Connection } from "../connection/connection.js"
import * as Race from "../connection/race.js"
import { uninterrupted } from "../connection/uninterrupted.js"
import { latestTurns } from "./latestTurns.js"
import type { TurnEntry, TurnExit } from "./turnEntry.js"
import * as Turns from "./turns.js"

/** Asks until the server accepts: a turn that was accepted and has not begun yet is no active turn to it. */
const askToStop = (connection: Connection, threadId: string, turnId: () => string): Effect.Effect<void> => {
  const grace = connection.config.interruptGrace
  return Effect.suspend(() => connection.exchange("turn/interrupt", { threadId, turnId: turnId() }, { timeout: grace }))
    .pipe(
      Effect.retry({ while: (error) => error._tag === "RequestFailed", schedule: Schedule.spaced("50 millis") }),
      Effect.timeout(grace),
      Effect.ignore
    )
}

/**
 * Stops a turn that nobody waits for: the answer that names it came after the deadline of its start. A start that is
 * under way on the thread may join it, so that is let finish first.
 *
 * @internal
 */
export const stopUnowned = (connection: Connection, threadId: string, turnId: string): Effect.Effect<void> =>
  Effect.acquireUseRelease(
    Effect.sync(() => connection.registry.retainThread(threadId)),
    (thread) =>
      thread.starting.withPermits(1)(
        Effect.suspend(() =>
          connection.registry.turn(turnId)?.role === "open"
            ? Effect.void
            : askToStop(connection, threadId, () => turnId)
        )
      ),
    (thread) => Effect.sync(() => connection.registry.releaseThread(thread))
  )

/**
 * The turn that the server has under way on a thread, where it was not heard of here.
 *
 * @internal
 */
export const activeTurnOf = (
  connection: Connection,
  threadId: string
): Effect.Effect<string | undefined, RequestError> =>
  Effect.map(
    latestTurns(connection, threadId, "notLoaded"),
    (turns) => turns.find(({ status }) => status === "inProgress")?.id
  )

/**
 * Stops what runs on a thread, where the id that the server takes an interruption for was not heard.
 *
 * @internal
 */
export const stopActive = (connection: Connection, threadId: string): Effect.Effect<void> =>
  activeTurnOf(connection, threadId).pipe(
    Effect.flatMap(Option.fromNullable),
    Effect.retry(Schedule.spaced("50 millis")),
    Effect.flatMap((turnId) => askToStop(connection, threadId, () => turnId)),
    Effect.timeout(connection.config.interruptGrace),
    Effect.ignore
  )

/**
 * Asks the server to stop a turn and waits for its end, within the grace. What counts is the end, not the answer: old
 * servers never answer for a turn that has ended meanwhile.
 *
 * @internal
 */
export const stop = (connection: Connection, entry: TurnEntry): Effect.Effect<Option.Option<TurnExit>> =>
  Effect.suspend(() => {
    if (entry.exit !== undefined) {
      return Effect.succeedSome(entry.exit)
    }
    // Before the reviewer's turn has begun there is no id by which a review could be stopped.
    const ask = (entry.review ? Deferred.await(entry.beginning) : Effect.void).pipe(
      Effect.zipRight(askToStop(connection, entry.thread.id, () => entry.stopId)),
      Effect.zipRight(Effect.never)
    )
    return Effect.exit(Deferred.await(entry.done)).pipe(
      Race.first(ask),
      Bounded.timeoutOption(connection.config.interruptGrace)
    )
  })

/**
 * Asks again, once the turn has begun, where the server refused because it had not.
 *
 * @internal
 */
export const onceBegun =
  (connection: Connection, entry: TurnEntry) =>
  <A>(ask: Effect.Effect<A, RequestError>): Effect.Effect<A, RequestError> =>
    Effect.suspend(() =>
      entry.begun ? ask : Effect.catchTag(ask, "RequestFailed", (refusal) =>
        Deferred.await(entry.beginning).pipe(
          Bounded.timeoutFail({ duration: connection.config.requestTimeout, onTimeout: () => refusal }),
          Effect.zipRight(ask)
        ))
    )

/**
 * What closing the scope of a turn does: a turn that is still open is stopped, and one that does not stop within the
 * grace is not waited for any more.
 *
 * @internal
 */
export const release = (connection: Connection, entry: TurnEntry): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (!entry.owned || entry.exit !== undefined) {
      return Effect.void
    }
    return uninterrupted(stop(connection, entry)).pipe(
      Effect.flatMap(Option.match({
        onSome: () => Effect.void,
        onNone: () => abandon(connection, entry)
      }))
    )
  })

/**
 * What closing the connection does: the starts that are under way are let finish, within the grace, and every turn
 * that was started here is stopped.
 *
 * @internal
 */
export const releaseAll = (connection: Connection): Effect.Effect<void> => {
  const { config, registry } = connection
  const stopOpen = Effect.suspend(() =>
    Effect.forEach(registry.openTurns, (entry) => release(connection, entry), {
      concurrency: "unbounded",
      discard: true
    })
  )
  const finishStarts = Effect.suspend(() =>
    Effect.forEach(registry.startingThreads, (thread) => thread.starting.withPermits(1)(Effect.void), {
      concurrency: "unbounded",
      discard: true
    })
  ).pipe(Effect.timeoutOption(config.interruptGrace), uninterrupted)

  const prepare = Effect.suspend(() =>
    Effect.forEach(registry.closing, (effect) => effect, { concurrency: "unbounded", discard: true })
  )

  return prepare.pipe(Effect.zipRight(stopOpen), Effect.zipRight(finishStarts), Effect.zipRight(stopOpen))
}

const abandon = (connection: Connection, entry: TurnEntry): Effect.Effect<void> =>
  Effect.suspend(() => {
    Turns.abandon(connection.registry, entry)
    Turns.over(connection.registry, entry)
    return Effect.logWarning("the server did not confirm the interruption of a turn within the grace").pipe(
      Effect.annotateLogs({ threadId: entry.thread.id, turnId: entry.id })
    )
  })
