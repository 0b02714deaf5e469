import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import { type RequestError, RequestTimeout, type TurnError } from "../CodexError.js"
import type { TurnResult } from "../TurnResult.js"
import type { Connection } from "./connection.js"
import type { ThreadEntry } from "./threadEntry.js"
import * as TurnEntry from "./turnEntry.js"
import * as TurnGate from "./turnGate.js"
import type * as Turns from "./turns.js"

/**
 * Compacts a thread, which the server does in a turn of its own. Asked for during a turn it would interrupt that one,
 * so it waits like any other start.
 *
 * @internal
 */
export const compact = (
  connection: Connection,
  threadId: string
): Effect.Effect<TurnResult, RequestError | TurnError> =>
  TurnGate.claimScoped(
    connection,
    threadId,
    (thread, restore) => TurnGate.whenIdle(connection, thread, restore, start(connection, thread))
  ).pipe(
    Effect.tap(({ entry }) => TurnEntry.keepOnly(entry, [])),
    Effect.flatMap(({ entry }) => Deferred.await(entry.done)),
    Effect.scoped
  )

const method = "thread/compact/start"

/** The answer does not name the turn, but while no other start is under way, the next turn to begin is the one. */
const start = (connection: Connection, thread: ThreadEntry): Effect.Effect<Turns.Claim, RequestError> =>
  TurnGate.claiming(connection, thread, (claim) => {
    const timeout = Duration.decode(connection.config.requestTimeout)
    const begun = Deferred.unsafeMake<Turns.Claim>(FiberId.none)
    thread.onBegun = (turn) => {
      thread.onBegun = undefined
      Deferred.unsafeDone(begun, Exit.succeed(claim(turn.id)))
    }
    return connection.exchange(method, { threadId: thread.id }).pipe(
      Effect.zipRight(Deferred.await(begun)),
      Effect.raceFirst(Effect.flatMap(connection.closed, Effect.fail)),
      Effect.timeoutFail({ duration: timeout, onTimeout: () => new RequestTimeout({ method, timeout }) }),
      Effect.ensuring(Effect.sync(() => thread.onBegun = undefined))
    )
  })
