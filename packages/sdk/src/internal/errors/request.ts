import { COMPARED_VERSIONS } from "@effect-codex/protocol/ProtocolVersion"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { TypeId } from "./typeId.js"

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
 * More requests wait for their answers than `maxPendingRequests` of `CodexConfig` allows; nothing was sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class TooManyRequests
  extends Schema.TaggedError<TooManyRequests>("@effect-codex/sdk/CodexError/TooManyRequests")(
    "TooManyRequests",
    {
      method: Schema.String,
      /** How many may wait at once. */
      maxPendingRequests: Schema.Number
    }
  )
{
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    return `${this.method} was not sent, since ${this.maxPendingRequests} requests wait for their answers already. Ask ` +
      "fewer at once, for example with a `concurrency`, or raise `maxPendingRequests` of `CodexConfig`."
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
 * The request uses what needs the `experimentalApi` capability, and this connection was opened without it. Nothing was
 * sent, unless `cause` has the refusal of an older server, to which more is experimental.
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
      fields: Schema.Array(Schema.String),
      cause: Schema.optional(RequestFailed)
    }
  )
{
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    const what = this.fields.length === 0 ? this.method : `${this.fields.join(", ")} of ${this.method}`
    const outcome = this.cause === undefined ? "was not sent" : "the server refused it"
    return `${what} needs the experimental API, and ${outcome}. Use a \`layerExperimental\`.`
  }
}

/**
 * The connected server does not know the method: it is of another version than the one this SDK was made for.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnsupportedByServer
  extends Schema.TaggedError<UnsupportedByServer>("@effect-codex/sdk/CodexError/UnsupportedByServer")(
    "UnsupportedByServer",
    {
      method: Schema.String,
      /**
       * The first release of codex that is known to have the method, one of `COMPARED_VERSIONS`. It may have come with
       * a release between that one and the one before it in the list.
       */
      since: Schema.String,
      /** The server's own version; `null` where its handshake does not tell. */
      serverVersion: Schema.NullOr(Schema.String),
      /** The refusal itself, with the server's own words. */
      cause: RequestFailed
    }
  )
{
  /** @since 0.1.0 */
  readonly [TypeId]: TypeId = TypeId
  /** @since 0.1.0 */
  override get message(): string {
    const server = this.serverVersion === null ? "The connected codex" : `The connected codex ${this.serverVersion}`
    const since = this.since === COMPARED_VERSIONS[0] ? `${this.since} or before` : this.since
    return `${server} does not know ${this.method}, which came with ${since}. Use a version of codex that has it.`
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
