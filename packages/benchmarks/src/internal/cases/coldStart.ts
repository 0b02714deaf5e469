import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { type Case, compared, type Size } from "../figure.js"
import { built, execute, ProbeFailed, rounds, run } from "../measure.js"

const amount = (size: Size) => size === "full" ? 15 : 1

const folder = built("../../build/")

/** A module that imports the modules of Effect that the SDK loads until its first answer, and no other. */
const modulesOfEffect = Effect.gen(function*() {
  const hook = built("./probes/listModules.js")
  const output = yield* execute("listModules", ["--import", hook, built("./probes/coldStart.js")])
  const modules = output.split("\n").filter((line) => /\/node_modules\/(effect|@effect)\//.test(line))
  const text = modules.map((url) => `import ${JSON.stringify(url)}\n`).join("")
  return yield* Effect.try({
    try: () => {
      Fs.mkdirSync(folder, { recursive: true })
      Fs.writeFileSync(`${folder}effectModules.mjs`, text)
      return { count: modules.length, file: `${folder}effectModules.mjs` }
    },
    catch: (cause) => new ProbeFailed({ probe: "listModules", problem: String(cause) })
  })
})

export const coldStart: Case = {
  name: "coldStart",
  about:
    "From the start of a program to the answer to its first request: `NodeCodex.layer()` against a raw client that " +
    "imports the same modules of Effect. The server is the one of these benchmarks, whose own start is in both.",
  run: (size) =>
    Effect.gen(function*() {
      const { count, file } = yield* modulesOfEffect
      const samples = yield* rounds(amount(size), {
        raw: run({ file: "rawColdStart", params: { modules: file } }),
        sdk: run({ file: "coldStart" })
      })
      const against = { what: `raw, with ${count} modules of Effect`, samples: samples("raw") }
      return [
        compared({
          name: "coldStart",
          what: "cold start to the first answer",
          unit: "ms",
          key: "milliseconds",
          of: samples("sdk"),
          against,
          goal: { of: "ratio", at: "most", bound: 1.3 }
        }),
        compared({
          name: "coldStart.cpu",
          what: "the same, CPU time of the client",
          unit: "ms",
          key: "cpu",
          of: samples("sdk"),
          against
        })
      ]
    })
}
