/**
 * Every error of the SDK. Each is a tagged value whose fields a program can act on; `message` says what happened and
 * what to do next.
 *
 * @since 0.1.0
 */
import * as Server from "@effect-codex/protocol/Server"
import * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { TurnResult } from "./TurnResult.js"

/**
 * @since 0.1.0
 * @category type ids
 */
export const TypeId: unique symbol = Symbol.for("@effect-codex/sdk/CodexError")

/**
 * @since 0.1.0
 * @category type ids
 */
export type TypeId = typeof TypeId

/**
 * Tells an error of the SDK from any other value.
 *
 * @since 0.1.0
 * @category guards
 */
export const isCodexError = (u: unknown): u is CodexError => Predicate.hasProperty(u, TypeId)

/**
 * A transport could not be opened, or a frame could not be handed to the other side.
 *
 * @since 0.1.0
 * @category errors
 */
export class TransportError extends Schema.TaggedError<TransportError>("@effect-codex/sdk/CodexError/TransportError")(
  "TransportError",
  {
    /** `Open`: it never opened; `Write`: writing failed; `Closed`: it had ended before. */
    reason: Schema.Literal("Open", "Write", "Closed"),
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
 * call fails with it at once; what is wanted after it needs a new Layer.
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
       * `RouterFailed`: a defect of the SDK; `LayerClosed`: this program closed the Layer.
       */
      reason: Schema.Literal("Exited", "EndOfStream", "Failed", "RouterFailed", "LayerClosed"),
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
    const lastWords = this.stderrTail.trimEnd().split("\n").slice(-5).join("\n")
    return `The connection to the codex app-server is closed: ${this.#what()}.${
      lastWords === "" ? "" : `\nIts last words on stderr (\`stderrTail\` has more):\n${lastWords}`
    }`
  }
  #what(): string {
    switch (this.reason) {
      case "Exited":
        return this.signal === null
          ? `its process exited with status ${this.exitCode ?? "unknown"}`
          : `its process was ended by ${this.signal}`
      case "EndOfStream":
        return "the server closed its end"
      case "Failed":
        return "reading from or writing to it failed (see cause)"
      case "RouterFailed":
        return "the router of this SDK failed (see cause; please report it)"
      case "LayerClosed":
        return "its Layer was closed by this program"
    }
  }
}

/**
 * The server answered a request with an error.
 *
 * @since 0.1.0
 * @category errors
 */
export class RequestFailed extends Schema.TaggedError<RequestFailed>("@effect-codex/sdk/CodexError/RequestFailed")(
  "RequestFailed",
  {
    method: Schema.String,
    /** The kind of failure, from `code`. The server says `InvalidRequest` (-32600) for most things. */
    reason: Schema.Literal(
      "Overloaded",
      "InvalidRequest",
      "MethodNotFound",
      "InvalidParams",
      "InternalError",
      "ParseError",
      "Other"
    ),
    /** The JSON-RPC error code. */
    code: Schema.Number,
    /** The server's own words. */
    serverMessage: Schema.String,
    /** What the server attached, untouched. */
    data: Schema.Unknown
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    const advice = this.reason === "Overloaded" ? " Try again later, for example with `Retry.overloaded`." : ""
    return `The server refused ${this.method} (${this.code}): ${this.serverMessage}${advice}`
  }
}

/**
 * No answer came within the deadline of the request. A late answer is dropped and counted.
 *
 * @since 0.1.0
 * @category errors
 */
export class RequestTimeout extends Schema.TaggedError<RequestTimeout>("@effect-codex/sdk/CodexError/RequestTimeout")(
  "RequestTimeout",
  { method: Schema.String, timeout: Schema.DurationFromSelf }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return `No answer to ${this.method} came within ${
      Duration.format(this.timeout)
    }. Where more time is right, raise its \`timeout\`, or \`requestTimeout\` of \`CodexConfig\`.`
  }
}

/**
 * The params of a request do not fit its schema; nothing was sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidParams extends Schema.TaggedError<InvalidParams>("@effect-codex/sdk/CodexError/InvalidParams")(
  "InvalidParams",
  {
    method: Schema.String,
    /** What does not fit and where, one line a problem. */
    issue: Schema.String
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return `The params of ${this.method} were not sent, since they do not fit its schema:\n${this.issue}`
  }
}

/**
 * The request uses fields that need the `experimentalApi` capability, and this connection was opened without it;
 * nothing was sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class ExperimentalApiRequired
  extends Schema.TaggedError<ExperimentalApiRequired>("@effect-codex/sdk/CodexError/ExperimentalApiRequired")(
    "ExperimentalApiRequired",
    {
      method: Schema.String,
      /** The experimental fields that were given, as paths; empty where the whole method is experimental. */
      fields: Schema.Array(Schema.String)
    }
  )
{
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    const what = this.fields.length === 0 ? this.method : `${this.fields.join(", ")} of ${this.method}`
    return `${what} needs the experimental API, and was not sent. Use a \`layerExperimental\`.`
  }
}

/**
 * The server's answer does not fit the schema of its method. `result` holds it, untouched.
 *
 * @since 0.1.0
 * @category errors
 */
export class UndecodableResult
  extends Schema.TaggedError<UndecodableResult>("@effect-codex/sdk/CodexError/UndecodableResult")(
    "UndecodableResult",
    { method: Schema.String, result: Schema.Unknown, issue: Schema.String }
  )
{
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return `The server's answer to ${this.method} does not fit its schema; \`result\` holds it as it came:\n${this.issue}`
  }
}

/**
 * The turn ended as failed. `error` is what the server said; `partial` is what it had come to.
 *
 * @since 0.1.0
 * @category errors
 */
export class TurnFailed extends Schema.TaggedError<TurnFailed>("@effect-codex/sdk/CodexError/TurnFailed")(
  "TurnFailed",
  {
    threadId: Schema.String,
    turnId: Schema.String,
    error: Server.TurnError,
    partial: TurnResult
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    const details = this.error.additionalDetails
    return `Turn ${this.turnId} failed: ${this.error.message}${
      typeof details === "string" && details !== "" ? ` (${details})` : ""
    }`
  }
}

/**
 * The turn was interrupted, by this program or by another client, or nothing more is heard of it (`partial.status` is
 * then `inProgress`). `partial` is what it had come to.
 *
 * @since 0.1.0
 * @category errors
 */
export class TurnInterrupted
  extends Schema.TaggedError<TurnInterrupted>("@effect-codex/sdk/CodexError/TurnInterrupted")(
    "TurnInterrupted",
    { threadId: Schema.String, turnId: Schema.String, partial: TurnResult }
  )
{
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return `Turn ${this.turnId} was interrupted; \`partial\` holds what it had come to.`
  }
}

/**
 * The thread has an active turn, and `whenActive: "fail"` asked not to wait for it.
 *
 * @since 0.1.0
 * @category errors
 */
export class TurnActive extends Schema.TaggedError<TurnActive>("@effect-codex/sdk/CodexError/TurnActive")(
  "TurnActive",
  { threadId: Schema.String, turnId: Schema.String }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return `Turn ${this.turnId} is active on thread ${this.threadId}. Use \`whenActive: "wait"\` or \`"join"\`.`
  }
}

/**
 * The turn was told to stop, and its end did not come within the grace; it may still run on the server.
 *
 * @since 0.1.0
 * @category errors
 */
export class InterruptTimeout
  extends Schema.TaggedError<InterruptTimeout>("@effect-codex/sdk/CodexError/InterruptTimeout")(
    "InterruptTimeout",
    { threadId: Schema.String, turnId: Schema.String, grace: Schema.DurationFromSelf }
  )
{
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return `Turn ${this.turnId} was told to stop, and did not end within ${
      Duration.format(this.grace)
    }. Its end still reaches \`result\`.`
  }
}

/**
 * A subscriber did not read fast enough and its queue is full of events that cannot be merged. What was queued was
 * delivered first; the turn itself goes on, and its `result` is not affected.
 *
 * @since 0.1.0
 * @category errors
 */
export class EventOverflow extends Schema.TaggedError<EventOverflow>("@effect-codex/sdk/CodexError/EventOverflow")(
  "EventOverflow",
  {
    /** The capacity that was exceeded, in events. */
    capacity: Schema.Number
  }
) {
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return `More than ${this.capacity} events waited for a slow reader. Read faster, or raise \`eventCapacity\`.`
  }
}

/**
 * What any request can fail with.
 *
 * @since 0.1.0
 * @category models
 */
export type RequestError =
  | ConnectionClosed
  | RequestFailed
  | RequestTimeout
  | InvalidParams
  | ExperimentalApiRequired
  | UndecodableResult

/**
 * What opening a connection can fail with, once its transport is open.
 *
 * @since 0.1.0
 * @category models
 */
export type HandshakeError = ConnectionClosed | RequestFailed | RequestTimeout | UndecodableResult

/**
 * How a stream of what the server tells on its own ends.
 *
 * @since 0.1.0
 * @category models
 */
export type EventsError = ConnectionClosed | EventOverflow

/**
 * How a turn can end other than by completing.
 *
 * @since 0.1.0
 * @category models
 */
export type TurnError = TurnFailed | TurnInterrupted | ConnectionClosed

/**
 * @since 0.1.0
 * @category models
 */
export type CodexError =
  | RequestError
  | TransportError
  | BinaryNotFound
  | TurnError
  | TurnActive
  | InterruptTimeout
  | EventOverflow
