import * as Effect from "effect/Effect"
import { against, type Case, type Size } from "../figure.js"
import { rounds, run } from "../measure.js"

const amount = (size: Size) =>
  size === "full" ? { rounds: 1, few: 1_000, many: 100_000 } : { rounds: 1, few: 500, many: 1_500 }

export const turnsHeap: Case = {
  name: "turnsHeap",
  about:
    "The heap after 100,000 turns against after 1,000, each after a collection and in one process: eight turns at a " +
    "time, ten on each thread, which is then unsubscribed from. What V8 compiles on the way is in the heap too, and is left " +
    "out where the code is interpreted.",
  run: (size) =>
    Effect.gen(function*() {
      const { rounds: count, ...params } = amount(size)
      const probe = (...flags: ReadonlyArray<string>) =>
        run({ file: "turnsHeap", params, flags: ["--expose-gc", ...flags] })
      const samples = yield* rounds(count, { compiled: probe(), interpreted: probe("--no-opt", "--no-sparkplug") })
      const many = params.many.toLocaleString("en-US")
      const figure = (name: "compiled" | "interpreted", what: string) =>
        against({
          name: `turnsHeap.${name}`,
          what,
          unit: "MB",
          key: "many",
          of: samples(name),
          baseline: { what: `after ${params.few.toLocaleString("en-US")}`, key: "few" },
          goal: { of: "ratio", at: "most", bound: 1.05 }
        })
      return [
        figure("compiled", `heap after ${many} turns`),
        figure("interpreted", "the same, without compiled code")
      ]
    })
}
