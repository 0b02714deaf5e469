import * as Schema from "effect/Schema"
import { TypeId } from "./typeId.js"

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
