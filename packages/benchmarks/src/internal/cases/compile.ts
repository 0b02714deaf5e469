import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { type Case, compared, type Size } from "../figure.js"
import { built, ProbeFailed, rounds, run } from "../measure.js"

const amount = (size: Size) => size === "full" ? 5 : 1

const root = built("../../../../")

/** The project of a user: what is installed is read by its declarations, as it is published. */
const project = (name: string, file: string) => {
  const folder = `${root}packages/benchmarks/build/compile/`
  const config = {
    extends: `${root}tsconfig.base.json`,
    compilerOptions: {
      composite: false,
      declaration: false,
      declarationMap: false,
      incremental: false,
      noEmit: true,
      customConditions: [],
      plugins: [],
      typeRoots: [`${root}node_modules/@types`]
    },
    files: [file]
  }
  return Effect.try({
    try: () => {
      Fs.mkdirSync(folder, { recursive: true })
      Fs.writeFileSync(`${folder}${name}.json`, JSON.stringify(config))
      return `${folder}${name}.json`
    },
    catch: (cause) => new ProbeFailed({ probe: name, problem: String(cause) })
  })
}

export const compiling: Case = {
  name: "compile",
  about: "`tsc --noEmit` of the quickstart, which reads the declarations of all it imports, against a program that " +
    "imports `effect/Effect` and `effect/Stream` alone.",
  run: (size) =>
    Effect.gen(function*() {
      const quickstart = yield* project("quickstart", `${root}packages/examples/src/quickstart.ts`)
      const effect = yield* project("effect", `${root}packages/benchmarks/src/internal/probes/effectAlone.ts`)
      const samples = yield* rounds(amount(size), {
        ...(size === "full" ? { effect: run({ file: "compile", params: { project: effect } }) } : {}),
        quickstart: run({ file: "compile", params: { project: quickstart } })
      })
      const common = {
        unit: "s",
        of: samples("quickstart"),
        against: { what: "Effect alone", samples: samples("effect") }
      }
      return [
        compared({
          ...common,
          name: "compile",
          what: "`tsc --noEmit` of the quickstart",
          key: "seconds",
          goal: { of: "value", at: "most", bound: 3 }
        }),
        compared({ ...common, name: "compile.cpu", what: "the same, CPU time", key: "cpu" })
      ]
    })
}
