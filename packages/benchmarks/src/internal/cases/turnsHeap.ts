import * as Effect from "effect/Effect"
import { against, type Case, type Size } from "../figure.js"
import { rounds, run } from "../measure.js"

const amount = (size: Size) =>
  size === "full" ? { rounds: 1, few: 1_000, many: 100_000 } : { rounds: 1, few: 500, many: 1_500 }

export const turnsHeap: Case = {
  name: "turnsHeap",
  about:
    "The heap after 100,000 turns against after 1,000, each after a collection and in one process: eight turns at a " +
    "time, ten on each thread, which is then unsubscribed from.",
  run: (size) =>
    Effect.gen(function*() {
      const { rounds: count, ...params } = amount(size)
      const samples = yield* rounds(count, { sdk: run({ file: "turnsHeap", params, flags: ["--expose-gc"] }) })
      const many = params.many.toLocaleString("en-US")
      return [
        against({
          name: "turnsHeap",
          what: `heap after ${many} turns`,
          unit: "MB",
          key: "many",
          of: samples("sdk"),
          baseline: { what: `after ${params.few.toLocaleString("en-US")}`, key: "few" },
          goal: { of: "ratio", at: "most", bound: 1.05 }
        })
      ]
    })
}
