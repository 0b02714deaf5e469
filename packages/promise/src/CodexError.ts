/**
 * Every error of this package, each a class of its own: `error instanceof TurnFailed`. They have the fields of the
 * errors of `@effect-codex/sdk`; durations are numbers of milliseconds, and an error in a field is one of these classes.
 * The stack begins at the caller of the method that failed.
 *
 * @since 0.1.0
 */
import type * as Server from "@effect-codex/protocol/Server"
import type { TurnResult } from "@effect-codex/sdk/TurnResult"

/**
 * What all of them are. `_tag` is the name of the class, for `switch`.
 *
 * @since 0.1.0
 * @category errors
 */
export abstract class CodexError extends Error {
  readonly _tag: string

  /** They are made by this package, from a tag, a message and the fields. */
  constructor(tag: string, message: string, fields: { readonly [name: string]: unknown } = {}) {
    super(message)
    this._tag = tag
    const { cause, ...rest } = fields
    Object.assign(this, rest)
    Object.defineProperty(this, "name", { value: tag, configurable: true, writable: true })
    if (cause !== undefined) {
      Object.defineProperty(this, "cause", { value: cause, configurable: true, writable: true })
    }
  }

  /** The tag, the message and the fields; a `cause` only where it is one of these errors. */
  toJSON(): { readonly [name: string]: unknown } {
    return {
      ...Object.fromEntries(Object.entries(this)),
      message: this.message,
      ...(this.cause instanceof CodexError ? { cause: this.cause } : {})
    }
  }
}

/**
 * The `AbortSignal` of the call was aborted while no turn of its own was under way: before one was accepted, or where
 * there is none. `cause` is the reason of the signal. A turn that was under way is told by `TurnInterrupted`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Aborted extends CodexError {
  declare readonly _tag: "Aborted"
}

/**
 * The connection to the app-server is over: its process ended, or this program closed it. Everything that was open
 * fails with it, and so does every later call.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConnectionClosed extends CodexError {
  declare readonly _tag: "ConnectionClosed"
  /** `LayerClosed` is what `close()` brings about. */
  declare readonly reason: "Exited" | "EndOfStream" | "Failed" | "RouterFailed" | "LayerClosed" | "CrashLoop"
  declare readonly exitCode: number | null
  declare readonly signal: string | null
  /** The last lines of the server's stderr, bounded, secrets redacted. */
  declare readonly stderrTail: string
}

/**
 * An app-server that is supervised has crashed too often, and is not started again. It is the `cause` of a
 * `ConnectionClosed`.
 *
 * @since 0.1.0
 * @category errors
 */
export class CrashLoop extends CodexError {
  declare readonly _tag: "CrashLoop"
  declare readonly reason: "TooManyCrashes" | "ScheduleEnded"
  declare readonly crashes: number
  declare readonly windowMs: number
  declare readonly last: ConnectionClosed
}

/**
 * The process could not be started, or a frame could not be handed to it.
 *
 * @since 0.1.0
 * @category errors
 */
export class TransportError extends CodexError {
  declare readonly _tag: "TransportError"
  declare readonly reason: "Open" | "Unauthorized" | "Write" | "Closed"
  declare readonly detail: string
}

/**
 * No codex binary was found. `tried` lists every place that was looked at; `fix` is the command that provides one.
 *
 * @since 0.1.0
 * @category errors
 */
export class BinaryNotFound extends CodexError {
  declare readonly _tag: "BinaryNotFound"
  declare readonly tried: ReadonlyArray<{ readonly place: string; readonly problem: string }>
  declare readonly fix: string
}

/**
 * The server answered a request with an error.
 *
 * @since 0.1.0
 * @category errors
 */
export class RequestFailed extends CodexError {
  declare readonly _tag: "RequestFailed"
  declare readonly method: string
  declare readonly reason:
    | "Overloaded"
    | "InvalidRequest"
    | "MethodNotFound"
    | "InvalidParams"
    | "InternalError"
    | "ParseError"
    | "Other"
  /** The JSON-RPC error code. */
  declare readonly code: number
  /** The server's own words. */
  declare readonly serverMessage: string
  declare readonly data: unknown
}

/**
 * No answer came within the deadline of the request.
 *
 * @since 0.1.0
 * @category errors
 */
export class RequestTimeout extends CodexError {
  declare readonly _tag: "RequestTimeout"
  declare readonly method: string
  declare readonly timeoutMs: number
}

/**
 * More requests wait for their answers than `maxPendingRequests` allows; nothing was sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class TooManyRequests extends CodexError {
  declare readonly _tag: "TooManyRequests"
  declare readonly method: string
  /** How many may wait at once. */
  declare readonly maxPendingRequests: number
}

/**
 * What was given does not fit, a schema that a model cannot be held to included; nothing was sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidParams extends CodexError {
  declare readonly _tag: "InvalidParams"
  declare readonly method: string
  /** What does not fit and where, one line a problem. */
  declare readonly issue: string
}

/**
 * The call needs the experimental API: `Codex.start({ experimentalApi: true })`. Tools do.
 *
 * @since 0.1.0
 * @category errors
 */
export class ExperimentalApiRequired extends CodexError {
  declare readonly _tag: "ExperimentalApiRequired"
  declare readonly method: string
  /** The experimental fields that were given, as paths; empty where the whole method is experimental. */
  declare readonly fields: ReadonlyArray<string>
  declare readonly cause?: RequestFailed
}

/**
 * The connected server does not know the method: it is older than what this package was made for.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnsupportedByServer extends CodexError {
  declare readonly _tag: "UnsupportedByServer"
  declare readonly method: string
  /** The first release of codex that is known to have the method. */
  declare readonly since: string
  declare readonly serverVersion: string | null
  declare readonly cause: RequestFailed
}

/**
 * The server's answer is not what its method answers. `result` holds it, untouched.
 *
 * @since 0.1.0
 * @category errors
 */
export class UndecodableResult extends CodexError {
  declare readonly _tag: "UndecodableResult"
  declare readonly method: string
  declare readonly result: unknown
  declare readonly issue: string
}

/**
 * The server has no such thread, or does not have it loaded.
 *
 * @since 0.1.0
 * @category errors
 */
export class ThreadNotFound extends CodexError {
  declare readonly _tag: "ThreadNotFound"
  declare readonly threadId: string
  declare readonly cause: RequestFailed
}

/**
 * The thread is in the archive, where it cannot be resumed, forked or changed.
 *
 * @since 0.1.0
 * @category errors
 */
export class ThreadArchived extends CodexError {
  declare readonly _tag: "ThreadArchived"
  declare readonly threadId: string
  declare readonly cause: RequestFailed
}

/**
 * The turn ended as failed. `error` is what the server said; `partial` is what it had come to.
 *
 * @since 0.1.0
 * @category errors
 */
export class TurnFailed extends CodexError {
  declare readonly _tag: "TurnFailed"
  declare readonly threadId: string
  declare readonly turnId: string
  declare readonly error: Server.TurnError
  declare readonly partial: TurnResult
}

/**
 * The turn was interrupted: by the signal of its call, whose reason is then the `cause`; by `close()`, with a
 * `ConnectionClosed` for its `cause`; by `turn.interrupt()` or by another client, without one. `partial` is what it had
 * come to; its `status` is `inProgress` where the server did not confirm the interruption within `interruptGraceMs`.
 *
 * @since 0.1.0
 * @category errors
 */
export class TurnInterrupted extends CodexError {
  declare readonly _tag: "TurnInterrupted"
  declare readonly threadId: string
  declare readonly turnId: string
  declare readonly partial: TurnResult
}

/**
 * Nothing was heard of the turn for longer than its `stallTimeoutMs`, and it was interrupted.
 *
 * @since 0.1.0
 * @category errors
 */
export class TurnStalled extends CodexError {
  declare readonly _tag: "TurnStalled"
  declare readonly threadId: string
  declare readonly turnId: string
  declare readonly stallTimeoutMs: number
  declare readonly partial: TurnResult
}

/**
 * The thread has an active turn, and `whenActive: "fail"` asked not to wait for it.
 *
 * @since 0.1.0
 * @category errors
 */
export class TurnActive extends CodexError {
  declare readonly _tag: "TurnActive"
  declare readonly threadId: string
  declare readonly turnId: string
}

/**
 * The turn that was to be steered is not active any more. The input reached nobody.
 *
 * @since 0.1.0
 * @category errors
 */
export class TurnNotActive extends CodexError {
  declare readonly _tag: "TurnNotActive"
  declare readonly threadId: string
  declare readonly turnId: string
  declare readonly activeTurnId: string | null
  declare readonly cause: RequestFailed
}

/**
 * The active turn takes no input, since it is a review or compacts the thread. The input reached nobody.
 *
 * @since 0.1.0
 * @category errors
 */
export class TurnNotSteerable extends CodexError {
  declare readonly _tag: "TurnNotSteerable"
  declare readonly threadId: string
  declare readonly turnId: string | null
  declare readonly turnKind: Server.NonSteerableTurnKind
  declare readonly cause: RequestFailed
}

/**
 * The turn was told to stop by `turn.interrupt()`, and did not end within the grace.
 *
 * @since 0.1.0
 * @category errors
 */
export class InterruptTimeout extends CodexError {
  declare readonly _tag: "InterruptTimeout"
  declare readonly threadId: string
  declare readonly turnId: string
  declare readonly graceMs: number
}

/**
 * A reader of events was too slow, and its queue is full of what cannot be merged. The turn itself goes on.
 *
 * @since 0.1.0
 * @category errors
 */
export class EventOverflow extends CodexError {
  declare readonly _tag: "EventOverflow"
  declare readonly capacity: number
}

/**
 * The turn passed a limit that it was given and was interrupted. `partial` is what it had come to.
 *
 * @since 0.1.0
 * @category errors
 */
export class LimitExceeded extends CodexError {
  declare readonly _tag: "LimitExceeded"
  declare readonly limit: "maxDurationMs" | "maxTokens" | "maxItems"
  declare readonly allowed: number
  declare readonly threadId: string
  declare readonly turnId: string
  declare readonly partial: TurnResult
}

/**
 * The turn completed, and its final response is not what the schema asked for.
 *
 * @since 0.1.0
 * @category errors
 */
export class StructuredOutputError extends CodexError {
  declare readonly _tag: "StructuredOutputError"
  /** The final response as it came; `null` where there was none. */
  declare readonly text: string | null
  /** What does not fit and where, one line a problem. */
  declare readonly issues: ReadonlyArray<string>
  declare readonly result: TurnResult
}

/**
 * The goal was pursued and is not complete. `turns` is what was done for it.
 *
 * @since 0.1.0
 * @category errors
 */
export class GoalUnfinished extends CodexError {
  declare readonly _tag: "GoalUnfinished"
  declare readonly threadId: string
  declare readonly reason:
    | "Blocked"
    | "Paused"
    | "Cleared"
    | "BudgetLimited"
    | "UsageLimited"
    | "Interrupted"
    | "NotContinued"
    | "Other"
  declare readonly goal: Server.ThreadGoal
  declare readonly turns: ReadonlyArray<TurnResult>
  declare readonly error: Server.TurnError | null
}
