import * as Schema from "effect/Schema"
import { TypeId } from "./typeId.js"

/**
 * An answer was not given to a question of the server, which stays as it was.
 *
 * @since 0.1.0
 * @category errors
 */
export class AnswerRefused extends Schema.TaggedError<AnswerRefused>("@effect-codex/sdk/CodexError/AnswerRefused")(
  "AnswerRefused",
  {
    requestId: Schema.Union(Schema.String, Schema.Number),
    /** `NotAllowed`: the question does not take this answer; `Closed`: it is not open any more. */
    reason: Schema.Literal("NotAllowed", "Closed"),
    detail: Schema.String
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return `Question ${this.requestId} does not take the answer: ${this.detail}`
  }
}

/**
 * A handler left its question to the next wider one (`ServerRequests.pass`). Nobody else meets it.
 *
 * @since 0.1.0
 * @category errors
 */
export class Passed extends Schema.TaggedError<Passed>("@effect-codex/sdk/CodexError/Passed")("Passed", {}) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return "The question was left to the next wider handlers."
  }
}
