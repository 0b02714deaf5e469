/**
 * What the SDK costs, against the least there can be and against others, measured in one run: `npm run bench` builds,
 * prints the tables and writes them into `docs/performance.md`. `-- --quick` takes a look in less than a minute on a
 * machine that does nothing else, `-- --json` prints one object, `-- --only CASE` runs some of the cases.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { cases } from "./internal/cases/index.js"
import { isMissing, missing } from "./internal/figure.js"
import { load, machine } from "./internal/machine.js"
import { options } from "./internal/options.js"
import * as Page from "./internal/page.js"
import * as Report from "./internal/report.js"

const program = Effect.gen(function*() {
  const { json, only, size } = yield* options(cases.map(({ name }) => name))
  const chosen = cases.filter(({ name }) => only.length === 0 || only.includes(name))
  const loadBefore = load()
  const sections = yield* Effect.forEach(chosen, (one) =>
    Effect.gen(function*() {
      // What fails says so in its table, and the others are measured all the same.
      const figures = yield* Effect.catchTag(
        one.run(size),
        "ProbeFailed",
        ({ message }) => Effect.succeed([missing(one.name, one.name, message)])
      )
      const text = Report.section(one, figures)
      yield* json ? Effect.void : Console.log(`${text}\n`)
      return { figures, text }
    }))
  const about = machine(loadBefore)
  if (sections.some(({ figures }) => figures.some(isMissing))) {
    yield* Effect.sync(() => {
      process.exitCode = 1
    })
  }
  if (json) {
    return yield* Console.log(JSON.stringify(Report.json(sections.flatMap(({ figures }) => figures)), null, 2))
  }
  yield* Console.log(about)
  if (size === "full" && only.length === 0) {
    yield* Page.write([about, ...sections.map(({ text }) => text)].join("\n\n"))
  }
})

program.pipe(
  Effect.onInterrupt(() =>
    Console.error("Interrupted: what was not printed was not measured, and nothing was written.")
  ),
  NodeRuntime.runMain({
    // A run that was interrupted is none that succeeded.
    teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? Number(process.exitCode ?? 0) : 1)
  })
)
