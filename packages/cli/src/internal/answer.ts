import type * as Server from "@effect-codex/protocol/Server"
import type { TurnEvent } from "@effect-codex/sdk/TurnEvent"

/**
 * What a turn has come to, told from its events.
 *
 * @internal
 */
export interface Answer {
  readonly turnId: string | null
  readonly status: string
  /** The last message that is the final answer, or else the last one without a phase. */
  readonly finalResponse: string | null
  readonly isFinal: boolean
  readonly usage: Server.ThreadTokenUsage | null
  readonly durationMs: number | null
}

/** @internal */
export const none: Answer = {
  turnId: null,
  status: "inProgress",
  finalResponse: null,
  isFinal: false,
  usage: null,
  durationMs: null
}

/** @internal */
export const step = (self: Answer, event: TurnEvent): Answer => {
  switch (event._tag) {
    case "TurnStarted":
      return { ...self, turnId: event.turn.id }
    case "TurnCompleted":
      return {
        ...self,
        turnId: event.turn.id,
        status: event.turn.status,
        durationMs: event.turn.durationMs ?? null
      }
    case "ThreadTokenUsageUpdated":
      return { ...self, usage: event.tokenUsage }
    case "ItemCompleted": {
      if (event.item.type !== "agentMessage") {
        return self
      }
      const { phase, text } = event.item
      return phase === "final_answer"
        ? { ...self, finalResponse: text, isFinal: true }
        : phase == null && !self.isFinal
        ? { ...self, finalResponse: text }
        : self
    }
    default:
      return self
  }
}
