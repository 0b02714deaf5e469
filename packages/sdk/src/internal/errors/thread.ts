import * as Server from "@effect-codex/protocol/Server"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { TurnResult } from "../../TurnResult.js"
import { RequestFailed } from "./request.js"
import { TypeId } from "./typeId.js"

/**
 * The server found no such thread where it had to be: turns need a thread that is loaded, resuming and the like one
 * that is stored, `unarchive` one in the archive. An id that cannot be a thread's is not found either.
 *
 * @since 0.1.0
 * @category errors
 */
export class ThreadNotFound extends Schema.TaggedError<ThreadNotFound>("@effect-codex/sdk/CodexError/ThreadNotFound")(
  "ThreadNotFound",
  {
    threadId: Schema.String,
    /** The refusal itself, with the method and the server's own words. */
    cause: RequestFailed
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    const { method, serverMessage } = this.cause
    const found = `${method} found no thread ${this.threadId} (${serverMessage}).`
    return method === "thread/resume" || method === "thread/fork"
      ? `${found} A thread is stored with its first turn; \`codex.threads()\` lists those that are.`
      : `${found} A thread takes turns while it is loaded, which \`codex.resumeThread\` does.`
  }
}

/**
 * The thread is in the archive, where it cannot be resumed, forked or changed.
 *
 * @since 0.1.0
 * @category errors
 */
export class ThreadArchived extends Schema.TaggedError<ThreadArchived>("@effect-codex/sdk/CodexError/ThreadArchived")(
  "ThreadArchived",
  {
    threadId: Schema.String,
    /** The refusal itself, with the method and the server's own words. */
    cause: RequestFailed
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return `${this.cause.method} was refused, since thread ${this.threadId} is archived. Take it out with \`unarchive\`.`
  }
}

/**
 * Agents below a thread were told to stop, and did not end within the grace; they may still be at work on the server.
 *
 * @since 0.1.0
 * @category errors
 */
export class AgentsStillActive
  extends Schema.TaggedError<AgentsStillActive>("@effect-codex/sdk/CodexError/AgentsStillActive")(
    "AgentsStillActive",
    {
      /** The thread whose agents they are. */
      threadId: Schema.String,
      /** The ids of their threads. */
      agentIds: Schema.Array(Schema.String),
      grace: Schema.DurationFromSelf
    }
  )
{
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return `The agents ${
      this.agentIds.join(", ")
    } below thread ${this.threadId} were told to stop, and did not end within ${
      Duration.format(this.grace)
    }. Ask again, or raise \`interruptGrace\`.`
  }
}

/**
 * The goal was pursued and is not complete. `goal` is what the server said of it last, `turns` what was done for it.
 *
 * @since 0.1.0
 * @category errors
 */
export class GoalUnfinished extends Schema.TaggedError<GoalUnfinished>("@effect-codex/sdk/CodexError/GoalUnfinished")(
  "GoalUnfinished",
  {
    threadId: Schema.String,
    /**
     * `Blocked`: the agent cannot go on, or a turn failed; `Paused`, `Cleared`: somebody else did so; `BudgetLimited`:
     * it has used its tokens; `UsageLimited`: the account has used its own; `Interrupted`: a turn was, after which the
     * server does not go on; `NotContinued`: the server began no further turn; `Other`: a status of a newer server.
     */
    reason: Schema.Literal(
      "Blocked",
      "Paused",
      "Cleared",
      "BudgetLimited",
      "UsageLimited",
      "Interrupted",
      "NotContinued",
      "Other"
    ),
    goal: Server.ThreadGoal,
    turns: Schema.Array(TurnResult),
    /** What the last turn failed with, where it failed. */
    error: Schema.NullOr(Server.TurnError)
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    const why = this.error === null ? "" : ` (${this.error.message})`
    return `The goal of thread ${this.threadId} is not complete: ${this.#what()}${why}. To go on with it, run it again; \`turns\` holds what was done.`
  }
  #what(): string {
    switch (this.reason) {
      case "Blocked":
        return "the agent is blocked"
      case "Paused":
        return "it was paused"
      case "Cleared":
        return "it was cleared"
      case "BudgetLimited":
        return "its token budget is used up"
      case "UsageLimited":
        return "the usage limit of the account is reached"
      case "Interrupted":
        return "a turn of it was interrupted"
      case "NotContinued":
        return "the server began no further turn"
      case "Other":
        return `its status is "${this.goal.status}"`
    }
  }
}

/**
 * A realtime session is over, or was never opened. The thread itself goes on; open another session on it.
 *
 * @since 0.1.0
 * @category errors
 */
export class RealtimeClosed extends Schema.TaggedError<RealtimeClosed>("@effect-codex/sdk/CodexError/RealtimeClosed")(
  "RealtimeClosed",
  {
    threadId: Schema.String,
    /**
     * In the server's words: `requested` by this program or by whoever opened another session on the thread,
     * `transport_closed` from the other side, `error`.
     */
    reason: Schema.String,
    /** What went wrong, where the reason is `error`. */
    serverMessage: Schema.NullOr(Schema.String)
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    const why = this.serverMessage === null ? this.reason : `${this.reason}: ${this.serverMessage}`
    return `The realtime session on thread ${this.threadId} is closed (${why}). Open another one with \`thread.realtime\`.`
  }
}
