import type { Codex } from "@effect-codex/sdk"
import { CodexTest } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { realpathSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import * as Live from "./live.js"
import { script } from "./model.js"

const help = `npm run quickstart               on a scripted model: no account, no network, no cost
npm run quickstart -- --live     on your account or key, with the defaults of your CODEX_HOME
npm run quickstart -- --help     this text`

const scriptedNote = "Running on a scripted model: no account, no network, no cost. " +
  "For the real thing: npm run quickstart -- --live\n"

class UnknownOption extends Data.TaggedError("UnknownOption")<{ readonly problem: string }> {
  override get message(): string {
    return `${this.problem}\n\n${help}`
  }
}

const options = Effect.try({
  try: () =>
    parseArgs({ options: { live: { type: "boolean", default: false }, help: { type: "boolean", default: false } } }),
  catch: (cause) => new UnknownOption({ problem: cause instanceof Error ? cause.message : String(cause) })
})

const scripted = CodexTest.layer({ script })

type Program<E> = (
  options: { readonly patience: Duration.DurationInput }
) => Effect.Effect<void, E, Codex.Codex>

const choose = Effect.fnUntraced(function*<E>(program: Program<E>) {
  const { values } = yield* options
  if (values.help) {
    yield* Console.log(help)
  } else if (values.live) {
    // A real model takes its time before the first word.
    yield* program({ patience: "10 seconds" }).pipe(Effect.provide(Live.layer))
  } else {
    yield* Console.log(scriptedNote)
    yield* program({ patience: "2 seconds" }).pipe(Effect.provide(scripted))
  }
})

/** Whoever read stdout has gone, as `head` does: there is nobody left to run for. */
const outputClosed = Effect.async<void>((resume) => {
  // For good: what is printed on the way out fails as well, and unheard that would end the process on the spot.
  process.stdout.on("error", () => resume(Effect.void))
})

const explain = (cause: Cause.Cause<{ readonly message: string }>): string =>
  cause.pipe(
    Cause.failures,
    (failures) => Array.from(failures, ({ message }) => message).join("\n") || Cause.pretty(cause)
  )

/** Whether the module of this `import.meta.url` is the program that was started. */
export const isMain = (url: string): boolean =>
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url)

/** Runs the program by the command line. Status 0, or 1 for a failure, or 130 for an interruption such as Ctrl-C. */
export const run = <E extends { readonly message: string }>(program: Program<E>): void =>
  choose(program).pipe(
    Effect.raceFirst(outputClosed),
    Effect.tapErrorCause((cause) => Cause.isInterruptedOnly(cause) ? Effect.void : Console.error(explain(cause))),
    NodeRuntime.runMain({
      disableErrorReporting: true,
      teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? 0 : Exit.isInterrupted(exit) ? 130 : 1)
    })
  )
