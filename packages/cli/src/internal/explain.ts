import * as CodexError from "@effect-codex/sdk/CodexError"
import * as ValidationError from "@effect/cli/ValidationError"
import type { PlatformError } from "@effect/platform/Error"
import * as Duration from "effect/Duration"
import { exitCode, type Explanation, Failure } from "./failure.js"
import * as Format from "./format.js"

/**
 * What can go wrong in a command, apart from what the command line says of itself.
 *
 * @internal
 */
export type CommandError = CodexError.CodexError | PlatformError | Failure

const failed = (what: string, fix?: string): Explanation => ({ what, fix, code: exitCode.failed })

const unavailable = (what: string, fix?: string): Explanation => ({ what, fix, code: exitCode.unavailable })

const doctor = "`effect-codex doctor` looks for the cause."

/**
 * What happened and what to do about it, in the words of the command line.
 *
 * @internal
 */
export const explain = (error: CommandError): Explanation => {
  switch (error._tag) {
    case "Failure":
      return error
    case "BinaryNotFound":
      return unavailable(
        ["No codex was found. Looked at:", ...error.tried.map(({ place, problem }) => `  ${place}: ${problem}`)].join(
          "\n"
        ),
        `Run \`${error.fix}\`, or give the path of a codex with --binary.`
      )
    case "TransportError":
      return isTagged(error.cause, "TranscriptError")
        ? { what: `The transcript cannot be written: ${error.cause.message}`, code: exitCode.usage }
        : unavailable(`Codex could not be started: ${error.detail}`, doctor)
    case "ConnectionClosed":
      return isTagged(error.cause, "TranscriptMismatch") || isTagged(error.cause, "TranscriptEnded")
        ? failed(error.cause.message)
        : unavailable(
          `Codex ended in the middle of it: ${howClosed(error)}.${lastWords(error)}`,
          doctor
        )
    case "CrashLoop":
      return unavailable("Codex ended again and again.", doctor)
    case "TurnFailed":
      return failed(
        `The turn failed: ${error.error.message}${inBrackets(error.error.additionalDetails)}`,
        turnFix(error)
      )
    case "TurnInterrupted":
      return failed(
        error.partial.status === "inProgress"
          ? "Nothing more is heard of the turn."
          : "The turn was interrupted, not by this program."
      )
    case "TurnStalled":
      return failed(`Nothing was heard of the turn for ${Duration.format(error.stallTimeout)}; it was stopped.`)
    case "LimitExceeded":
      return limitExceeded(error)
    case "TurnActive":
      return failed("The thread has a turn under way.", "Wait until it has ended.")
    case "TurnNotActive":
      return failed("The turn has ended already.")
    case "TurnNotSteerable":
      return failed("This turn takes no input while it runs.", "Wait until it has ended.")
    case "InterruptTimeout":
      return failed(`The turn was told to stop, and did not within ${Duration.format(error.grace)}.`)
    case "EventOverflow":
      return failed(
        `The output was read too slowly: more than ${Format.count(error.capacity, "event")} waited.`,
        "Read it faster, or into a file."
      )
    case "StructuredOutputError":
      return { what: error.message, code: exitCode.notJson }
    case "ThreadNotFound":
      return failed(
        `There is no thread ${error.threadId}.`,
        "`effect-codex threads` lists those that there are; `--archived` those that were put away."
      )
    case "ThreadArchived":
      return failed(
        `Thread ${error.threadId} is in the archive.`,
        `\`effect-codex threads unarchive ${error.threadId}\` takes it out.`
      )
    case "LoginFailed":
      return failed(
        error.reason === "Cancelled"
          ? "The login was cancelled."
          : `The login failed: ${error.serverMessage ?? "codex does not say why"}.`,
        "Run `effect-codex login` again, or `effect-codex login --device` where no browser comes back to this machine."
      )
    case "UnsupportedByServer":
      return failed(
        `This codex${error.serverVersion === null ? "" : ` (${error.serverVersion})`} does not know ${error.method}, ` +
          `which came with ${error.since}.`,
        "Use a newer one: `npm install -g @openai/codex`, or --binary."
      )
    case "RequestFailed":
      return failed(
        `Codex refused ${error.method}: ${error.serverMessage}`,
        error.reason === "Overloaded" ? "Try again in a while." : undefined
      )
    case "RequestTimeout":
      return unavailable(
        `Codex did not answer ${error.method} within ${Duration.format(error.timeout)}.`,
        doctor
      )
    case "InvalidParams":
      return { what: `Codex does not take this: ${error.issue}`, code: exitCode.usage }
    case "UndecodableResult":
      return failed(
        `What codex answered to ${error.method} is not understood: ${error.issue}`,
        "Most likely its release is one that effect-codex does not know: `effect-codex doctor` says which it is."
      )
    case "TooManyRequests":
    case "ExperimentalApiRequired":
    case "GoalUnfinished":
    case "AgentsStillActive":
    case "OutputOverflow":
    case "RealtimeClosed":
    case "AnswerRefused":
    case "Passed":
      return failed(error.message)
    case "BadArgument":
    case "SystemError":
      return failed(error.message)
  }
}

/** The transcripts are known by name, so that a command that has none does not load them. */
const isTagged = (cause: unknown, tag: string): cause is Error =>
  cause instanceof Error && "_tag" in cause && cause._tag === tag

const turnFix = ({ error }: CodexError.TurnFailed): string | undefined => {
  switch (error.codexErrorInfo) {
    case "unauthorized":
      return "Log in with `effect-codex login`."
    case "usageLimitExceeded":
      return "The account has nothing left for now; `effect-codex login status` shows until when."
    case "contextWindowExceeded":
      return "The thread is too long for the model: start a new one, without --resume."
    case "serverOverloaded":
      return "Try again in a while."
    default:
      return undefined
  }
}

const limitExceeded = ({ allowed, limit }: CodexError.LimitExceeded): Explanation => {
  const option = { maxDuration: "--max-duration", maxTokens: "--max-tokens", maxItems: "--max-items" }[limit]
  return {
    what: `The turn was stopped, since it passed ${option} ${
      Duration.isDuration(allowed) ? Duration.format(allowed) : allowed
    }.`,
    fix: "Raise the limit, or go on from here with --resume last.",
    code: exitCode.limit
  }
}

const howClosed = ({ exitCode: status, reason, signal }: CodexError.ConnectionClosed): string => {
  switch (reason) {
    case "Exited":
      return signal === null ? `its process exited with status ${status ?? "unknown"}` : `it was ended by ${signal}`
    case "EndOfStream":
      return "it closed the connection"
    case "Failed":
      return "reading from it or writing to it failed"
    case "RouterFailed":
      return "effect-codex has a defect, please report it"
    case "LayerClosed":
      return "this program closed the connection"
    case "CrashLoop":
      return "it ended again and again"
  }
}

const lastWords = ({ lastWords }: CodexError.ConnectionClosed): string =>
  lastWords.length === 0 ? "" : `\nIts last words:\n${lastWords.map((line) => `  ${line}`).join("\n")}`

const inBrackets = (details: string | null | undefined) => details == null || details === "" ? "" : ` (${details})`

/**
 * The same for stderr: what happened, then what to do.
 *
 * @internal
 */
export const render = ({ fix, what }: Explanation, style: Format.Style): string =>
  `${style.red("error")} ${Format.printable(what)}${
    fix === undefined ? "" : `\n${style.dim("  →")} ${Format.printable(fix)}`
  }`

/**
 * Whether an error is one that `explain` knows.
 *
 * @internal
 */
export const isCommandError = (error: unknown): error is CommandError =>
  error instanceof Failure || CodexError.isCodexError(error) ||
  (typeof error === "object" && error !== null && "_tag" in error &&
    (error._tag === "BadArgument" || error._tag === "SystemError"))

/** @internal */
export const isValidationError = ValidationError.isValidationError
