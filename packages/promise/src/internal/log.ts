import * as Cause from "effect/Cause"
import * as HashMap from "effect/HashMap"
import * as Inspectable from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import type { CodexOptions, LogEntry } from "../Codex.js"

/**
 * Where what is logged goes: to a function of the program, with everything that is for debugging; or warnings and errors
 * to stderr, since stdout is the program's own.
 *
 * @internal
 */
export const layer = (log: CodexOptions["log"]): Layer.Layer<never> =>
  Layer.merge(
    Logger.replace(Logger.defaultLogger, Logger.map(entries, log ?? toStderr)),
    Logger.minimumLogLevel(log === undefined ? LogLevel.Warning : LogLevel.Debug)
  )

const entries = Logger.make<unknown, LogEntry>(({ annotations, cause, logLevel, message }) => ({
  level: LogLevel.greaterThanEqual(logLevel, LogLevel.Error)
    ? "error"
    : LogLevel.greaterThanEqual(logLevel, LogLevel.Warning)
    ? "warning"
    : LogLevel.greaterThanEqual(logLevel, LogLevel.Info)
    ? "info"
    : "debug",
  message: (Array.isArray(message) ? message : [message]).map((part) => Inspectable.toStringUnknown(part)).join(" "),
  annotations: Object.fromEntries(HashMap.toEntries(annotations)),
  cause: Cause.isEmpty(cause) ? undefined : Cause.pretty(cause, { renderErrorCause: true })
}))

const toStderr = ({ annotations, cause, level, message }: LogEntry): void => {
  const about = Object.entries(annotations).map(([name, value]) => ` ${name}=${Inspectable.toStringUnknown(value)}`)
  process.stderr.write(`codex ${level}: ${message}${about.join("")}${cause === undefined ? "" : `\n${cause}`}\n`)
}
