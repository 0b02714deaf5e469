import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import type * as AppServer from "../../AppServer.js"
import { type RequestError, RequestTimeout, type ThreadError, type TurnError } from "../../CodexError.js"
import type { TurnResult } from "../../TurnResult.js"
import type { Connection } from "../connection/connection.js"
import * as Race from "../connection/race.js"
import * as Request from "../connection/request.js"
import type { ThreadEntry } from "../thread/threadEntry.js"
import * as TurnEntry from "./turnEntry.js"
import * as TurnGate from "./turnGate.js"
import type * as Turns from "./turns.js"

type Method = "thread/compact/start" | "thread/shellCommand"

/**
 * Something that the server does in a turn of its own. Asked for during a turn it would interrupt that one or become
 * part of it, so it waits like any other start.
 *
 * @internal
 */
export const ownTurn = <M extends Method>(
  connection: Connection,
  method: M,
  params: AppServer.Params<M>
): Effect.Effect<TurnResult, ThreadError | TurnError> =>
  Effect.flatMap(Request.encode(method, params, connection.experimentalApi), (encoded) =>
    TurnGate.claimScoped(
      connection,
      params.threadId,
      (thread, restore) => TurnGate.whenIdle(connection, thread, restore, start(connection, thread, method, encoded))
    )).pipe(
      Effect.tap(({ entry }) => TurnEntry.keepOnly(entry, [])),
      Effect.flatMap(({ entry }) => Deferred.await(entry.done)),
      Effect.scoped
    )

/** The answer does not name the turn, but while no other start is under way, the next turn to begin is the one. */
const start = (
  connection: Connection,
  thread: ThreadEntry,
  method: Method,
  params: unknown
): Effect.Effect<Turns.Claim, RequestError> =>
  TurnGate.claiming(connection, thread, { method, params }, (claim) => {
    const timeout = Duration.decode(connection.config.requestTimeout)
    const begun = Deferred.unsafeMake<Turns.Claim>(FiberId.none)
    thread.onBegun = (turn) => {
      thread.onBegun = undefined
      Deferred.unsafeDone(begun, Exit.succeed(claim(turn.id)))
    }
    return connection.exchange(method, params).pipe(
      Effect.zipRight(Deferred.await(begun)),
      Race.first(Effect.flatMap(connection.closed, Effect.fail)),
      Effect.timeoutFail({ duration: timeout, onTimeout: () => new RequestTimeout({ method, timeout }) }),
      Effect.ensuring(Effect.sync(() => thread.onBegun = undefined))
    )
  })
