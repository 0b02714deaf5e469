import * as Sdk from "@effect-codex/sdk/CodexError"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Errors from "../CodexError.js"
import { type CallSite, placedAt } from "./callSite.js"

/** The errors that the methods of this package can fail with. */
const classes: {
  readonly [tag: string]: (new(tag: string, message: string, fields: Fields) => Errors.CodexError) | undefined
} = {
  ConnectionClosed: Errors.ConnectionClosed,
  CrashLoop: Errors.CrashLoop,
  TransportError: Errors.TransportError,
  BinaryNotFound: Errors.BinaryNotFound,
  RequestFailed: Errors.RequestFailed,
  RequestTimeout: Errors.RequestTimeout,
  TooManyRequests: Errors.TooManyRequests,
  InvalidParams: Errors.InvalidParams,
  ExperimentalApiRequired: Errors.ExperimentalApiRequired,
  UnsupportedByServer: Errors.UnsupportedByServer,
  UndecodableResult: Errors.UndecodableResult,
  ThreadNotFound: Errors.ThreadNotFound,
  ThreadArchived: Errors.ThreadArchived,
  TurnFailed: Errors.TurnFailed,
  TurnInterrupted: Errors.TurnInterrupted,
  TurnStalled: Errors.TurnStalled,
  TurnActive: Errors.TurnActive,
  TurnNotActive: Errors.TurnNotActive,
  TurnNotSteerable: Errors.TurnNotSteerable,
  InterruptTimeout: Errors.InterruptTimeout,
  EventOverflow: Errors.EventOverflow,
  LimitExceeded: Errors.LimitExceeded,
  StructuredOutputError: Errors.StructuredOutputError,
  GoalUnfinished: Errors.GoalUnfinished
}

interface Fields {
  readonly [name: string]: unknown
}

const closedHere = ["its Layer was closed by this program", "this program closed it"] as const

/** What messages say of the world of Effect, and what it is here. */
const words: { readonly [tag: string]: ReadonlyArray<readonly [there: string, here: string]> | undefined } = {
  ConnectionClosed: [closedHere],
  CrashLoop: [closedHere, ["its Schedule goes no further", "its schedule goes no further"]],
  ExperimentalApiRequired: [[
    "Use a `layerExperimental`.",
    "Give `Codex.start` the option `experimentalApi: true`, or `Codex.fromRuntime` a runtime of a `layerExperimental`."
  ]],
  InvalidParams: [["maxDuration: expected a duration above 0", "maxDurationMs: expected a number above 0"]],
  LimitExceeded: [["`maxDuration`", "`maxDurationMs`"]],
  RequestFailed: [[", for example with `Retry.overloaded`", ""]],
  RequestTimeout: [
    ["`timeout`", "`timeoutMs`"],
    ["`requestTimeout` of `CodexConfig`", "`requestTimeoutMs` of `Codex.start`"]
  ],
  ThreadNotFound: [["`codex.threads()`", "`codex.list()`"]],
  TooManyRequests: [
    [", for example with a `concurrency`", ""],
    ["`maxPendingRequests` of `CodexConfig`", "`maxPendingRequests` of `Codex.start`"]
  ],
  TurnStalled: [["raise `stallTimeout`", "raise `stallTimeoutMs`"]]
}

const inWords = (tag: string, text: string): string =>
  (words[tag] ?? []).reduce((text, [there, here]) => text.replace(there, here), text)

const fieldsOf = (error: Sdk.CodexError): Fields =>
  Object.fromEntries(
    // `cause` is not enumerable, as in every Error.
    [...Object.entries(error).filter(([name]) => name !== "_tag"), ["cause", error.cause] as const].map(
      ([name, value]) => field(error._tag, name, value)
    )
  )

const field = (tag: string, name: string, value: unknown): readonly [name: string, value: unknown] => {
  if (tag === "LimitExceeded" && name === "limit" && value === "maxDuration") {
    return [name, "maxDurationMs"]
  }
  if (Duration.isDuration(value)) {
    return [name === "allowed" ? name : `${name}Ms`, Duration.toMillis(value)]
  }
  if (tag === "InvalidParams" && name === "issue") {
    return [name, inWords(tag, String(value))]
  }
  return [name, Sdk.isCodexError(value) ? ofSdk(value) : value]
}

/**
 * An error of the SDK as one of this package.
 *
 * @internal
 */
export const ofSdk = (error: Sdk.CodexError, extra: Fields = {}): Errors.CodexError => {
  const { _tag: tag, message } = error
  const Class = classes[tag] ?? Errors.CodexError
  return Reflect.construct(Class, [tag, inWords(tag, message), { ...fieldsOf(error), ...extra }])
}

/**
 * What `close()` ends everything with.
 *
 * @internal
 */
export const closedByProgram = (): Errors.CodexError =>
  ofSdk(new Sdk.ConnectionClosed({ reason: "LayerClosed", exitCode: null, signal: null, stderrTail: "" }))

/**
 * Why a call was ended from outside.
 *
 * @internal
 */
export type Ending =
  | { readonly _tag: "Signal"; readonly reason: unknown }
  | { readonly _tag: "Close" }

/**
 * What a call rejects with that was ended while it had no turn under way.
 *
 * @internal
 */
export const ended = (ending: Ending): Errors.CodexError =>
  ending._tag === "Signal"
    ? new Errors.Aborted("Aborted", "The call was aborted by its signal, and no turn of its own was under way.", {
      cause: ending.reason
    })
    : closedByProgram()

/**
 * What a call rejects with: an error of this package, or a defect as it is.
 *
 * @internal
 */
export const ofCause = (cause: Cause.Cause<unknown>, at: CallSite, ending: Ending | undefined): unknown => {
  const [error] = Cause.failures(cause)
  if (Sdk.isCodexError(error)) {
    const why = ending === undefined || error._tag !== "TurnInterrupted"
      ? {}
      : { cause: ending._tag === "Signal" ? ending.reason : placedAt(closedByProgram(), at) }
    return placedAt(ofSdk(error, why), at)
  }
  if (Cause.isInterruptedOnly(cause)) {
    return placedAt(ended(ending ?? { _tag: "Close" }), at)
  }
  return Cause.squash(cause)
}
