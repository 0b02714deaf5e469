import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ThreadError } from "../../CodexError.js"
import type * as Review from "../../Review.js"
import type { Thread } from "../../Thread.js"
import type { Connection, Handle } from "../connection/connection.js"
import * as Request from "../connection/request.js"
import { exchangeStart } from "../turn/startTurn.js"
import * as Turn from "../turn/turn.js"
import * as TurnControl from "../turn/turnControl.js"
import * as TurnEntry from "../turn/turnEntry.js"
import * as TurnGate from "../turn/turnGate.js"
import type { Claim } from "../turn/turns.js"
import type { ThreadEntry } from "./threadEntry.js"

/** @internal */
export const make = ({ current }: Handle, threadId: string): Pick<Thread, "review" | "startReview"> => {
  return {
    review: (target, options) =>
      current.pipe(
        Effect.flatMap((connection) => startReview(connection, threadId, target, options)),
        Effect.tap(({ entry }) => TurnEntry.keepOnly(entry, [])),
        Effect.flatMap(({ entry }) => entry.done),
        Effect.scoped
      ),
    startReview: (target, options) =>
      Effect.flatMap(
        current,
        (connection) =>
          Effect.map(startReview(connection, threadId, target, options), (claim) => Turn.make(connection, claim))
      )
  }
}

/**
 * Starts a review for the scope. Asked for during a turn it would interrupt that one, so it waits like any other start.
 *
 * The server answers with one turn, which the items and the completion of the review carry, and has the reviewer run
 * another, of which it tells only that it has begun, and which alone it takes an interruption for.
 */
const startReview = (
  connection: Connection,
  threadId: string,
  target: Review.Target,
  options?: Review.Options
): Effect.Effect<Claim, ThreadError, Scope.Scope> =>
  Effect.flatMap(
    Request.encode("review/start", { threadId, target }, connection.experimentalApi),
    (params) =>
      TurnGate.claimScoped(connection, threadId, (thread, restore) =>
        TurnGate.whenIdle(
          connection,
          thread,
          restore,
          reviewing(
            thread,
            exchangeStart(connection, thread, {
              method: "review/start",
              params,
              timeout: options?.timeout,
              stopLate: TurnControl.stopActive
            })
          )
        ))
  )

const reviewing = <A, E>(thread: ThreadEntry, start: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      thread.reviewing = true
    }),
    () => start,
    () =>
      Effect.sync(() => {
        thread.reviewing = false
      })
  )
