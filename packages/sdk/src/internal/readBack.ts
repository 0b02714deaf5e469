import type { Turn } from "@effect-codex/protocol/Server"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { TurnEvent } from "../TurnEvent.js"
import type { Connection } from "./connection.js"
import type { TurnEntry } from "./turnEntry.js"
import { exitOf } from "./turnExit.js"
import * as Turns from "./turns.js"

/** How long a completion may lag behind what says that the turn is over; usually it is well under a millisecond. */
const grace = "1 second"

/**
 * Sees to the end of a turn that must be over, since its thread is idle or runs another one: where no completion
 * follows, the turn is read back from the server and ended by what that says.
 *
 * @internal
 */
export const readBack = (connection: Connection, entry: TurnEntry): Effect.Effect<void> =>
  Effect.exit(Deferred.await(entry.done)).pipe(
    Effect.timeoutOption(grace),
    Effect.flatMap(Option.match({
      onSome: () => Effect.void,
      onNone: () =>
        connection.request("thread/read", { threadId: entry.thread.id, includeTurns: true }).pipe(
          Effect.map(({ thread }) => thread.turns.find(({ id }) => id === entry.id)),
          Effect.flatMap((turn) =>
            turn === undefined || turn.status === "inProgress" ? Effect.void : end(connection, entry, turn)
          ),
          Effect.catchAll((error) => Effect.logWarning("a turn without a completion could not be read back", error)),
          Effect.annotateLogs({ threadId: entry.thread.id, turnId: entry.id })
        )
    }))
  )

const end = (connection: Connection, entry: TurnEntry, turn: Turn): Effect.Effect<void> =>
  Effect.zipRight(
    Effect.logWarning("the completion of a turn did not come, and was read back"),
    Effect.sync(() => {
      const completion: TurnEvent = { _tag: "TurnCompleted", threadId: entry.thread.id, turn }
      for (const queue of entry.subscribers) {
        queue.offer(completion)
      }
      Turns.end(connection.registry, entry, exitOf(entry, turn), completion)
    })
  )
