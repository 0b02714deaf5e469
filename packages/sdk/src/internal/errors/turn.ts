import * as Server from "@effect-codex/protocol/Server"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { TurnResult } from "../../TurnResult.js"
import { RequestFailed } from "./request.js"
import { TypeId } from "./typeId.js"

/**
 * The turn ended as failed. `error` is what the server said; `partial` is what it had come to.
 *
 * @since 0.1.0
 * @category errors
 */
export class TurnFailed extends Schema.TaggedError<TurnFailed>("@effect-codex/sdk/CodexError/TurnFailed")(
  "TurnFailed",
  {
    threadId: Schema.String,
    turnId: Schema.String,
    error: Server.TurnError,
    partial: TurnResult
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    const details = this.error.additionalDetails
    return `Turn ${this.turnId} failed: ${this.error.message}${
      typeof details === "string" && details !== "" ? ` (${details})` : ""
    }`
  }
}

/**
 * The turn was interrupted, by this program or by another client, or nothing more is heard of it (`partial.status` is
 * then `inProgress`). `partial` is what it had come to.
 *
 * @since 0.1.0
 * @category errors
 */
export class TurnInterrupted
  extends Schema.TaggedError<TurnInterrupted>("@effect-codex/sdk/CodexError/TurnInterrupted")(
    "TurnInterrupted",
    { threadId: Schema.String, turnId: Schema.String, partial: TurnResult }
  )
{
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return `Turn ${this.turnId} was interrupted; \`partial\` holds what it had come to.`
  }
}

/**
 * Nothing was heard of the turn for longer than its `stallTimeout`, while no question of the server was open, and the
 * server did not say that it had ended. It was interrupted. `partial` is what it had come to; its `status` is
 * `inProgress` where the server did not confirm the interruption within `interruptGrace`.
 *
 * @since 0.1.0
 * @category errors
 */
export class TurnStalled extends Schema.TaggedError<TurnStalled>("@effect-codex/sdk/CodexError/TurnStalled")(
  "TurnStalled",
  {
    threadId: Schema.String,
    turnId: Schema.String,
    /** How long the turn was allowed to be silent. */
    stallTimeout: Schema.DurationFromSelf,
    partial: TurnResult
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return `Turn ${this.turnId} was interrupted, since nothing was heard of it for ${
      Duration.format(this.stallTimeout)
    }. \`partial\` holds what it had come to; raise \`stallTimeout\` where it may be silent for longer.`
  }
}

/**
 * The thread has an active turn, and `whenActive: "fail"` asked not to wait for it.
 *
 * @since 0.1.0
 * @category errors
 */
export class TurnActive extends Schema.TaggedError<TurnActive>("@effect-codex/sdk/CodexError/TurnActive")(
  "TurnActive",
  { threadId: Schema.String, turnId: Schema.String }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return `Turn ${this.turnId} is active on thread ${this.threadId}. Use \`whenActive: "wait"\` or \`"join"\`.`
  }
}

/**
 * The turn that was to be steered is not active: it has ended, or its thread is not loaded any more. The input reached
 * nobody.
 *
 * @since 0.1.0
 * @category errors
 */
export class TurnNotActive extends Schema.TaggedError<TurnNotActive>("@effect-codex/sdk/CodexError/TurnNotActive")(
  "TurnNotActive",
  {
    threadId: Schema.String,
    turnId: Schema.String,
    /** The turn that is active in its place; `null` where none is, as far as is known. */
    activeTurnId: Schema.NullOr(Schema.String),
    /** The refusal itself, with the server's own words. */
    cause: RequestFailed
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    const instead = this.activeTurnId === null ? "no other is either" : `${this.activeTurnId} is`
    return `Turn ${this.turnId} is not active, ${instead}. Give the input to a new turn, or with \`whenActive: "join"\`.`
  }
}

/**
 * The active turn takes no input, since it is a review or compacts the thread. The input reached nobody.
 *
 * @since 0.1.0
 * @category errors
 */
export class TurnNotSteerable
  extends Schema.TaggedError<TurnNotSteerable>("@effect-codex/sdk/CodexError/TurnNotSteerable")(
    "TurnNotSteerable",
    {
      threadId: Schema.String,
      /** The turn that takes no input; `null` where the server does not tell and this connection has not seen it. */
      turnId: Schema.NullOr(Schema.String),
      turnKind: Server.NonSteerableTurnKind,
      /** The refusal itself, with the server's own words. */
      cause: RequestFailed
    }
  )
{
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return `The active turn of thread ${this.threadId} (${this.turnKind}) takes no input. Start a turn after it has ended.`
  }
}

/**
 * The turn was told to stop, and its end did not come within the grace; it may still run on the server.
 *
 * @since 0.1.0
 * @category errors
 */
export class InterruptTimeout
  extends Schema.TaggedError<InterruptTimeout>("@effect-codex/sdk/CodexError/InterruptTimeout")(
    "InterruptTimeout",
    { threadId: Schema.String, turnId: Schema.String, grace: Schema.DurationFromSelf }
  )
{
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return `Turn ${this.turnId} was told to stop, and did not end within ${
      Duration.format(this.grace)
    }. Its end still reaches \`result\`.`
  }
}

/**
 * A subscriber did not read fast enough and its queue is full of events that cannot be merged. What was queued was
 * delivered first; the turn itself goes on, and its `result` is not affected.
 *
 * @since 0.1.0
 * @category errors
 */
export class EventOverflow extends Schema.TaggedError<EventOverflow>("@effect-codex/sdk/CodexError/EventOverflow")(
  "EventOverflow",
  {
    /** The capacity that was exceeded, in events. */
    capacity: Schema.Number
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return `More than ${this.capacity} events waited for a slow reader. Read faster, or raise \`eventCapacity\`.`
  }
}

/**
 * The turn passed a limit that it was given and was interrupted. `partial` is what it had come to; its `status` is
 * `inProgress` where the server did not confirm the interruption within `interruptGrace`.
 *
 * @since 0.1.0
 * @category errors
 */
export class LimitExceeded extends Schema.TaggedError<LimitExceeded>("@effect-codex/sdk/CodexError/LimitExceeded")(
  "LimitExceeded",
  {
    limit: Schema.Literal("maxDuration", "maxTokens", "maxItems"),
    /** What the turn was allowed: a duration for `maxDuration`, else a count. */
    allowed: Schema.Union(Schema.Number, Schema.DurationFromSelf),
    threadId: Schema.String,
    turnId: Schema.String,
    partial: TurnResult
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    const allowed = Duration.isDuration(this.allowed) ? Duration.format(this.allowed) : this.allowed
    return `Turn ${this.turnId} was interrupted, since it passed its \`${this.limit}\` of ${allowed}. ` +
      "`partial` holds what it had come to; raise the limit where more is right."
  }
}

/**
 * The turn completed, and its final response is not what the schema asked for. A turn that the model is asked again in
 * is what `repair` is for.
 *
 * @since 0.1.0
 * @category errors
 */
export class StructuredOutputError
  extends Schema.TaggedError<StructuredOutputError>("@effect-codex/sdk/CodexError/StructuredOutputError")(
    "StructuredOutputError",
    {
      /** The final response as it came; `null` where there was none. */
      text: Schema.NullOr(Schema.String),
      /** What does not fit and where, one line a problem. */
      issues: Schema.Array(Schema.String),
      /** The turn that gave it: the last one, where the model was asked again. */
      result: TurnResult
    }
  )
{
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return [
      `The final response of turn ${this.result.id} does not fit the schema; \`text\` holds it as it came:`,
      ...this.issues.map((issue) => `  - ${issue}`)
    ].join("\n")
  }
}
