/**
 * The outcome of a turn.
 *
 * @since 0.1.0
 */
import * as Server from "@effect-codex/protocol/Server"
import * as Schema from "effect/Schema"

/**
 * The outcome of a turn, whole when it completed and partial when it failed or was interrupted.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnResult {
  readonly id: string
  readonly threadId: string
  /**
   * `completed`, `interrupted` or `failed`; `inProgress` where the end was not heard of. A newer server may say something
   * else.
   */
  readonly status: Server.TurnStatus
  /**
   * The text of the last agent message of phase `final_answer`, else of the last one without a phase. `null` where
   * there is neither; an empty answer stays an empty string. Commentary never counts.
   */
  readonly finalResponse: string | null
  /** Every item that completed, in the order it completed. */
  readonly items: ReadonlyArray<Server.ThreadItem>
  /**
   * The items that began and did not complete, agent messages with their text so far: what a turn that was interrupted
   * was at, or a message that was cut short by steering.
   */
  readonly unfinished: ReadonlyArray<Server.ThreadItem>
  /**
   * The last token usage that the server reported during the turn. Its `total` counts the whole thread so far, its
   * `last` only the last request to the model, of which a turn makes one after each tool call.
   */
  readonly usage: Server.ThreadTokenUsage | null
  /**
   * What this turn has used, over all its requests to the model, those of a compaction on the way included: told from
   * how far the thread's totals have moved, since the server reports no more. `totalTokens` is input and output; cached
   * tokens are part of the input, reasoning of the output. `null` where the server reported nothing. What a turn that
   * this program joined had used before is not in it, unless this program had started it.
   */
  readonly turnUsage: Server.TokenUsageBreakdown | null
  /** Unix time in seconds, as the server measured it. */
  readonly startedAt: number | null
  /** Unix time in seconds, as the server measured it. */
  readonly completedAt: number | null
  /** How long the turn took on the server, in milliseconds. */
  readonly durationMs: number | null
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const TurnResult: Schema.Schema<TurnResult> = Schema.Struct({
  id: Schema.String,
  threadId: Schema.String,
  status: Schema.String,
  finalResponse: Schema.NullOr(Schema.String),
  items: Schema.Array(Server.ThreadItem),
  unfinished: Schema.Array(Server.ThreadItem),
  usage: Schema.NullOr(Server.ThreadTokenUsage),
  turnUsage: Schema.NullOr(Server.TokenUsageBreakdown),
  startedAt: Schema.NullOr(Schema.Number),
  completedAt: Schema.NullOr(Schema.Number),
  durationMs: Schema.NullOr(Schema.Number)
}).annotations({ identifier: "TurnResult" })
