import type { Turn } from "@effect-codex/protocol/Server"
import * as Exit from "effect/Exit"
import { TurnFailed, TurnInterrupted, TurnStalled } from "../../CodexError.js"
import type { TurnEvent } from "../../TurnEvent.js"
import { stringAt } from "../connection/envelope.js"
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
  switch (turn.status) {
    case "completed":
      return Exit.succeed(entry.collector.result(turn))
    case "interrupted":
      return interrupted(entry, turn)
    default: {
      const error = turn.error ?? { message: `the server ended the turn with status "${turn.status}" and no error` }
      return Exit.fail(new TurnFailed({ ...partialOf(entry, turn), error }, unchecked))
    }
  }
}

/**
 * The end of a turn that was interrupted, or of which nothing more is heard.
 *
 * @internal
 */
export const interrupted = (entry: TurnEntry, turn: Ended): TurnExit =>
  Exit.fail(
    entry.silence === undefined
      ? new TurnInterrupted(partialOf(entry, turn), unchecked)
      : new TurnStalled({ ...partialOf(entry, turn), stallTimeout: entry.silence }, unchecked)
  )

const partialOf = (entry: TurnEntry, turn: Ended) => ({
  threadId: entry.thread.id,
  turnId: entry.id,
  partial: entry.collector.result(turn)
})

// What is in it was decoded already, and a newer server's items must not make an error of the error.
const unchecked = { disableValidation: true }
