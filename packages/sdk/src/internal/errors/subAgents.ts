import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { TypeId } from "./typeId.js"

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
