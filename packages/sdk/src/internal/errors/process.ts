import * as Schema from "effect/Schema"
import { TypeId } from "./typeId.js"

/**
 * More output waited for its reader than was allowed. What waited was delivered first; the command itself goes on, and
 * its exit code is not affected.
 *
 * @since 0.1.0
 * @category errors
 */
export class OutputOverflow extends Schema.TaggedError<OutputOverflow>("@effect-codex/sdk/CodexError/OutputOverflow")(
  "OutputOverflow",
  {
    stream: Schema.Literal("stdout", "stderr"),
    /** The capacity that was exceeded, in bytes. */
    capacity: Schema.Number
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return `More than ${this.capacity} bytes of ${this.stream} waited for a slow reader. Read faster, or raise \`bufferBytes\`.`
  }
}
