import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { type Service as StdioService, Stdio } from "../Stdio.js"
import * as CommandLine from "./commandLine.js"
import { command, pages } from "./commands.js"
import { explain, render } from "./explain.js"
import { exitCode } from "./failure.js"
import * as Format from "./format.js"
import * as Help from "./help.js"
import * as Options from "./options.js"
import { version } from "./version.js"

/**
 * Runs a command line to its exit code.
 *
 * @internal
 */
export const run = (args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const stdio = yield* Stdio
    const style = Format.styleOf(stdio.stderr.isTTY, stdio.env)
    const complain = (text: string) => Effect.ignore(stdio.stderr.write(`${text}\n`))

    const page = Help.asked(args, pages)
    if (page !== undefined) {
      const columns = stdio.stdout.isTTY ? yield* stdio.stdout.columns : 80
      const text = Help.render(page, pages, Format.styleOf(stdio.stdout.isTTY, stdio.env), columns)
      return yield* Effect.match(stdio.stdout.write(text), {
        onFailure: (): number => exitCode.outputClosed,
        onSuccess: () => exitCode.done
      })
    }

    return yield* execute(["node", "effect-codex", ...CommandLine.prepare(args, pages)]).pipe(
      Effect.as<number>(exitCode.done),
      Effect.catchAll((error) => {
        if (ValidationError.isValidationError(error)) {
          return Effect.as(
            complain(`${style.dim("  →")} \`effect-codex --help\` shows how it is used.`),
            exitCode.usage
          )
        }
        switch (error._tag) {
          case "Ended":
            return Effect.succeed(error.code)
          case "OutputClosed":
            return Effect.succeed(exitCode.outputClosed)
          default: {
            const explanation = explain(error)
            return Effect.as(complain(render(explanation, style)), explanation.code)
          }
        }
      }),
      Effect.catchAllDefect((defect) =>
        Effect.as(
          complain(render({
            what: `effect-codex has a defect: ${defect instanceof Error ? defect.message : String(defect)}`,
            fix: "Please report it, with what you ran.",
            code: exitCode.failed
          }, style)),
          exitCode.failed
        )
      ),
      Effect.provide(CliConfig.layer({ isCaseSensitive: true, showBuiltIns: false })),
      withConsole(stdio),
      Effect.provide(loggerOf(stdio, style)),
      Logger.withMinimumLogLevel(LogLevel.Warning)
    )
  })

const execute = Command.run(command, { name: "effect-codex", version, executable: "effect-codex" })

const ansi = /\p{Cc}\[[0-9;]*m/gu

/** The parser prints by the console, in colours whoever reads. */
const withConsole = (stdio: StdioService) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Console.consoleWith((console) => {
    const print = (output: StdioService["stdout"], start = "") => (...args: ReadonlyArray<unknown>) => {
      const text = start + args.map(String).join(" ").replaceAll(Options.verbatim, "").trim()
      const shown = Format.styleOf(output.isTTY, stdio.env) === Format.plain ? text.replace(ansi, "") : text
      return Effect.ignore(output.write(`${shown}\n`))
    }
    return Effect.withConsole(self, {
      ...console,
      log: print(stdio.stdout),
      error: print(stdio.stderr, `${Format.styleOf(stdio.stderr.isTTY, stdio.env).red("error")} `)
    })
  })

/** What the SDK warns of, in a line of stderr. */
const loggerOf = (stdio: StdioService, style: Format.Style) => {
  const start = stdio.stderr.isTTY ? "\r\u001b[2K" : ""
  const logger = Logger.make<unknown, string>(({ cause: _, logLevel, message }) => {
    const text = (Array.isArray(message) ? message : [message]).map(String).join(" ")
    return `${start}${style.yellow(logLevel.label.toLowerCase())} ${Format.printable(text)}`
  })
  return Logger.replace(Logger.defaultLogger, Logger.withConsoleError(logger))
}
