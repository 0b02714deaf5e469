import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { TypeId } from "./typeId.js"

/**
 * A transport could not be opened, or a frame could not be handed to the other side.
 *
 * @since 0.1.0
 * @category errors
 */
export class TransportError extends Schema.TaggedError<TransportError>("@effect-codex/sdk/CodexError/TransportError")(
  "TransportError",
  {
    /**
     * `Open`: it never opened; `Unauthorized`: it never opened, because the other side refused the token or missed one;
     * `Write`: writing failed; `Closed`: it has ended.
     */
    reason: Schema.Literal("Open", "Unauthorized", "Write", "Closed"),
    detail: Schema.String,
    cause: Schema.optional(Schema.Defect)
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return this.detail
  }
}

/**
 * No codex binary was found. `tried` lists every place that was looked at, in order, with what was wrong there; `fix`
 * is the command that would provide one.
 *
 * @since 0.1.0
 * @category errors
 */
export class BinaryNotFound extends Schema.TaggedError<BinaryNotFound>("@effect-codex/sdk/CodexError/BinaryNotFound")(
  "BinaryNotFound",
  {
    tried: Schema.Array(Schema.Struct({ place: Schema.String, problem: Schema.String })),
    fix: Schema.String
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return [
      "No codex binary was found. Looked at:",
      ...this.tried.map(({ place, problem }) => `  - ${place}: ${problem}`),
      `To fix it, run: ${this.fix}`
    ].join("\n")
  }
}

/**
 * The connection to the app-server is over. Everything that was open on it fails with this one error, and every later
 * call fails with it at once; what is wanted after it needs a new Layer, or one that is supervised (see `Supervision`).
 *
 * @since 0.1.0
 * @category errors
 */
export class ConnectionClosed
  extends Schema.TaggedError<ConnectionClosed>("@effect-codex/sdk/CodexError/ConnectionClosed")(
    "ConnectionClosed",
    {
      /**
       * `Exited`: the process ended; `EndOfStream`: the other side closed; `Failed`: reading or writing failed;
       * `RouterFailed`: a defect of the SDK; `LayerClosed`: this program closed the Layer; `CrashLoop`: its supervision
       * has given it up, as the `CrashLoop` in `cause` says.
       */
      reason: Schema.Literal("Exited", "EndOfStream", "Failed", "RouterFailed", "LayerClosed", "CrashLoop"),
      exitCode: Schema.NullOr(Schema.Number),
      signal: Schema.NullOr(Schema.String),
      /** The last lines of the server's stderr, bounded, secrets redacted. */
      stderrTail: Schema.String,
      cause: Schema.optional(Schema.Defect)
    }
  )
{
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    const { lastWords } = this
    return `The connection to the codex app-server is closed: ${this.#what()}.${
      lastWords.length === 0 ? "" : `\nIts last words on stderr (\`stderrTail\` has more):\n${lastWords.join("\n")}`
    }`
  }
  /**
   * The last lines of `stderrTail`, at most five, that say something: none of them is empty or of a stack trace.
   *
   * @since 0.1.0
   */
  get lastWords(): ReadonlyArray<string> {
    return this.stderrTail.split("\n").filter((line) => line.trim() !== "" && !ofTrace.test(line)).slice(-5)
  }
  #why(): string {
    return this.cause instanceof Error ? `, because: ${this.cause.message}` : ""
  }
  #what(): string {
    switch (this.reason) {
      case "Exited":
        return this.signal === null
          ? `its process exited with status ${this.exitCode ?? "unknown"}`
          : `its process was ended by ${this.signal}`
      case "EndOfStream":
        return `the server closed its end${this.#why()}`
      case "Failed":
        return `reading from or writing to it failed${this.#why()}`
      case "RouterFailed":
        return `the router of this SDK failed (please report it)${this.#why()}`
      case "LayerClosed":
        return "its Layer was closed by this program"
      case "CrashLoop":
        return "it is not restarted any more (see cause)"
    }
  }
}

/** A line of a stack trace, of Rust or of Node.js: after what happened, it would be all that is shown. */
const ofTrace = /^\s*(\d+: |at |stack backtrace:)/i

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
