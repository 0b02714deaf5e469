import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { type RequestError, RequestTimeout, type TurnError } from "../CodexError.js"
import type { TurnResult } from "../TurnResult.js"
import type { Connection } from "./connection.js"
import { threadEvents } from "./events.js"
import type { ThreadEntry } from "./threadEntry.js"
import * as TurnControl from "./turnControl.js"
import * as TurnGate from "./turnGate.js"
import * as Turns from "./turns.js"

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
    Effect.flatMap(({ entry }) => Deferred.await(entry.done)),
    Effect.scoped
  )

const method = "thread/compact/start"

/** The answer does not name the turn, but while no other start is under way, the next turn to start is the one. */
const start = (connection: Connection, thread: ThreadEntry): Effect.Effect<Turns.Claim, RequestError> => {
  const { registry } = connection
  const timeout = Duration.decode(connection.config.requestTimeout)
  return Effect.gen(function*() {
    const started = yield* threadEvents(connection, thread.id)
    yield* connection.exchange(method, { threadId: thread.id })
    const event = yield* started.pipe(
      Stream.filter((event) => event._tag === "TurnStarted"),
      Stream.runHead,
      // The queue holds thousands of events and is read at once.
      Effect.catchTag("EventOverflow", Effect.die),
      Effect.timeoutFail({ duration: timeout, onTimeout: () => new RequestTimeout({ method, timeout }) })
    )
    return yield* Option.match(event, {
      onNone: () => new RequestTimeout({ method, timeout }),
      onSome: ({ turn }) => Effect.succeed(Turns.claim(registry, thread, turn.id))
    })
  }).pipe(
    Effect.scoped,
    TurnControl.uninterrupted,
    (claim) =>
      Effect.acquireUseRelease(
        Effect.sync(() => Turns.expect(thread)),
        () => claim,
        () => Effect.sync(() => Turns.unexpect(registry, thread))
      )
  )
}
