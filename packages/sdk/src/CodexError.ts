/**
 * Every error of the SDK. Each is a tagged value whose fields a program can act on; `message` says what happened and
 * what to do next.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const TypeId = "@effect-codex/sdk/CodexError"

/**
 * @since 0.1.0
 * @category type ids
 */
export type TypeId = typeof TypeId

/**
 * A frame could not be handed to the other side, or the transport could not be opened.
 *
 * @since 0.1.0
 * @category errors
 */
export class TransportError extends Schema.TaggedError<TransportError>(`${TypeId}/TransportError`)("TransportError", {
  reason: Schema.Literal("Open", "Write", "Closed"),
  detail: Schema.String,
  cause: Schema.optional(Schema.Defect)
}) {
  /** @since 0.1.0 */
  override get message(): string {
    return `${this.reason}: ${this.detail}`
  }
}

/**
 * No codex binary was found. `tried` lists every place that was looked at, in order, with what was wrong there; `fix`
 * is the command that would provide one.
 *
 * @since 0.1.0
 * @category errors
 */
export class BinaryNotFound extends Schema.TaggedError<BinaryNotFound>(`${TypeId}/BinaryNotFound`)("BinaryNotFound", {
  tried: Schema.Array(Schema.Struct({ place: Schema.String, problem: Schema.String })),
  fix: Schema.String
}) {
  /** @since 0.1.0 */
  override get message(): string {
    return [
      "No codex binary was found. Looked at:",
      ...this.tried.map(({ place, problem }) => `  - ${place}: ${problem}`),
      `To fix it, run: ${this.fix}`
    ].join("\n")
  }
}
