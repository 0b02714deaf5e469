import type { Turn } from "@effect-codex/protocol/Server"
import * as Exit from "effect/Exit"
import { TurnFailed, TurnInterrupted } from "../CodexError.js"
import type { TurnEvent } from "../TurnEvent.js"
import { stringAt } from "./envelope.js"
import type { TurnEntry, TurnExit } from "./turnEntry.js"

/** What a turn's end is told from. */
type Ended = Pick<Turn, "status"> & Partial<Turn>

/**
 * A completion ends its turn whatever it carries, so what cannot be decoded is read as far as it goes.
 *
 * @internal
 */
export const turnOf = (event: TurnEvent, params: unknown): Ended => {
  if (event._tag === "TurnCompleted") {
    return event.turn
  }
  const status = stringAt(params, ["turn", "status"]) ?? "unreadable"
  const message = stringAt(params, ["turn", "error", "message"])
  return message === undefined ? { status } : { status, error: { message } }
}

/**
 * How a turn ended, for those who wait for it.
 *
 * @internal
 */
export const exitOf = (entry: TurnEntry, turn: Ended): TurnExit => {
  const partial = entry.collector.result(turn)
  const ids = { threadId: entry.thread.id, turnId: entry.id }
  switch (turn.status) {
    case "completed":
      return Exit.succeed(partial)
    case "interrupted":
      return Exit.fail(new TurnInterrupted({ ...ids, partial }, { disableValidation: true }))
    default: {
      const error = turn.error ??
        { message: `the server ended the turn with status "${turn.status}" and no error` }
      return Exit.fail(new TurnFailed({ ...ids, error, partial }, { disableValidation: true }))
    }
  }
}
