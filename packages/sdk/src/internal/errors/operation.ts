import * as Schema from "effect/Schema"
import { TypeId } from "./typeId.js"

/**
 * A login has ended without success. Start another one to try again.
 *
 * @since 0.1.0
 * @category errors
 */
export class LoginFailed extends Schema.TaggedError<LoginFailed>("@effect-codex/sdk/CodexError/LoginFailed")(
  "LoginFailed",
  {
    /** Who was to be logged in to: the account (`null`), or an MCP server by its name. */
    server: Schema.NullOr(Schema.String),
    /** `null` where the server is too old to name the logins of MCP servers. */
    loginId: Schema.NullOr(Schema.String),
    /** `Cancelled` by this program, or `Failed`: denied, out of time, replaced by another login. */
    reason: Schema.Literal("Cancelled", "Failed"),
    /** The server's own words, where it has any. */
    serverMessage: Schema.NullOr(Schema.String)
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    const login = this.server === null ? "The login" : `The login to MCP server ${this.server}`
    return this.reason === "Cancelled"
      ? `${login} was cancelled by this program.`
      : `${login} failed: ${this.serverMessage ?? "the server does not say why"}. Start another one to try again.`
  }
}

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
