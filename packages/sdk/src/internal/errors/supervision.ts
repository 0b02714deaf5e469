import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { ConnectionClosed } from "./connection.js"
import { TypeId } from "./typeId.js"

/**
 * Supervision has given up: the app-server is not started again on this Layer.
 *
 * @since 0.1.0
 * @category errors
 */
export class CrashLoop extends Schema.TaggedError<CrashLoop>("@effect-codex/sdk/CodexError/CrashLoop")("CrashLoop", {
  /** `TooManyCrashes`: there were more within `window` than is allowed; `ScheduleEnded`: the Schedule goes no further. */
  reason: Schema.Literal("TooManyCrashes", "ScheduleEnded"),
  /** How often it crashed within the last `window`. */
  crashes: Schema.Number,
  window: Schema.DurationFromSelf,
  /** How it ended the last time. */
  last: ConnectionClosed
}) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    const why = this.reason === "ScheduleEnded"
      ? "its Schedule goes no further"
      : `it crashed ${this.crashes} times within ${Duration.format(this.window)}`
    return `The codex app-server is not restarted any more: ${why}. The last time: ${this.last.message}`
  }
}
