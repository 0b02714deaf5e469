import * as Server from "@effect-codex/protocol/Server"
import * as Schema from "effect/Schema"
import { TurnResult } from "../../TurnResult.js"
import { TypeId } from "./typeId.js"

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
