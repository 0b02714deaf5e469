/**
 * Every error of the SDK. Each is a tagged value whose fields a program can act on; `message` says what happened and
 * what to do next.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"
import type { BinaryNotFound, ConnectionClosed, CrashLoop, TransportError } from "./internal/errors/connection.js"
import type { AnswerRefused, LoginFailed, OutputOverflow, Passed } from "./internal/errors/operation.js"
import type {
  ExperimentalApiRequired,
  InvalidParams,
  RequestFailed,
  RequestTimeout,
  TooManyRequests,
  UndecodableResult,
  UnsupportedByServer
} from "./internal/errors/request.js"
import type {
  AgentsStillActive,
  GoalUnfinished,
  RealtimeClosed,
  ThreadArchived,
  ThreadNotFound
} from "./internal/errors/thread.js"
import type {
  EventOverflow,
  InterruptTimeout,
  LimitExceeded,
  StructuredOutputError,
  TurnActive,
  TurnFailed,
  TurnInterrupted,
  TurnNotActive,
  TurnNotSteerable,
  TurnStalled
} from "./internal/errors/turn.js"
import { TypeId } from "./internal/errors/typeId.js"

export { TypeId } from "./internal/errors/typeId.js"

export { BinaryNotFound, ConnectionClosed, CrashLoop, TransportError } from "./internal/errors/connection.js"

export {
  ExperimentalApiRequired,
  InvalidParams,
  RequestFailed,
  RequestTimeout,
  TooManyRequests,
  UndecodableResult,
  UnsupportedByServer
} from "./internal/errors/request.js"

export { AnswerRefused, LoginFailed, OutputOverflow, Passed } from "./internal/errors/operation.js"

export {
  AgentsStillActive,
  GoalUnfinished,
  RealtimeClosed,
  ThreadArchived,
  ThreadNotFound
} from "./internal/errors/thread.js"

export {
  EventOverflow,
  InterruptTimeout,
  LimitExceeded,
  StructuredOutputError,
  TurnActive,
  TurnFailed,
  TurnInterrupted,
  TurnNotActive,
  TurnNotSteerable,
  TurnStalled
} from "./internal/errors/turn.js"

/**
 * Tells an error of the SDK from any other value.
 *
 * @since 0.1.0
 * @category guards
 */
export const isCodexError = (u: unknown): u is CodexError => Predicate.hasProperty(u, TypeId)

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
  | TooManyRequests
  | InvalidParams
  | ExperimentalApiRequired
  | UnsupportedByServer
  | UndecodableResult

/**
 * What resuming a thread, or having it work, fails with where the server does not have it, or has it in the archive.
 *
 * @since 0.1.0
 * @category models
 */
export type ThreadError = RequestError | ThreadNotFound | ThreadArchived

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
export type TurnError = TurnFailed | TurnInterrupted | TurnStalled | ConnectionClosed

/**
 * @since 0.1.0
 * @category models
 */
export type CodexError =
  | RequestError
  | ThreadNotFound
  | ThreadArchived
  | TransportError
  | BinaryNotFound
  | TurnError
  | TurnActive
  | TurnNotActive
  | TurnNotSteerable
  | InterruptTimeout
  | LimitExceeded
  | StructuredOutputError
  | EventOverflow
  | GoalUnfinished
  | AgentsStillActive
  | OutputOverflow
  | LoginFailed
  | RealtimeClosed
  | AnswerRefused
  | Passed
  | CrashLoop
