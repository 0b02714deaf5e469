/**
 * What the SDK costs, against the least there can be and against others, measured in one run: `npm run bench` builds,
 * prints the tables and writes them into `docs/performance.md`. `-- --quick` takes a look in less than a minute,
 * `-- --json` prints one object, `-- --only CASE` runs some of the cases.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { cases } from "./internal/cases/index.js"
import { options } from "./internal/options.js"
import * as Report from "./internal/report.js"

const program = Effect.gen(function*() {
  const { json, only, size } = yield* options(cases.map(({ name }) => name))
  const chosen = cases.filter(({ name }) => only.length === 0 || only.includes(name))
  const sections: Array<string> = []
  const all = yield* Effect.forEach(chosen, (one) =>
    Effect.gen(function*() {
      const figures = yield* one.run(size)
      const section = Report.section(one, figures)
      sections.push(section)
      if (!json) {
        yield* Console.log(`${section}\n`)
      }
      return figures
    }))
  if (json) {
    yield* Console.log(JSON.stringify(Report.json(all.flat()), null, 2))
  }
})

program.pipe(NodeRuntime.runMain)
