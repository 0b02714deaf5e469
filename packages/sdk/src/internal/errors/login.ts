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
