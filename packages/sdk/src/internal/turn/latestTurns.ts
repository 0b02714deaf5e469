import type { Turn } from "@effect-codex/protocol/Server"
import * as Effect from "effect/Effect"
import type { RequestError } from "../../CodexError.js"
import type { Connection } from "../connection/connection.js"

/** What is looked for is the last turn, or the last but few where other clients go on with the thread. */
const limit = 8

/**
 * The turns that the server has recorded last on a thread. Ephemeral threads have no history, and others none before
 * their first turn has begun.
 *
 * @internal
 */
export const latestTurns = (
  { request }: Connection,
  threadId: string,
  itemsView: "full" | "notLoaded"
): Effect.Effect<ReadonlyArray<Turn>, RequestError> => {
  // Older servers list turns only with the experimental API.
  const readAll = Effect.map(request("thread/read", { threadId, includeTurns: true }), ({ thread }) => thread.turns)
  return request("thread/turns/list", { threadId, limit, itemsView }).pipe(
    Effect.map(({ data }) => data),
    Effect.catchTags({
      RequestFailed: () => readAll,
      UnsupportedByServer: () => readAll,
      ExperimentalApiRequired: () => readAll
    }),
    Effect.catchTag("RequestFailed", () => Effect.succeed([]))
  )
}
