import * as Effect from "effect/Effect"
import { type Case, compared, type Size } from "../figure.js"
import { rounds, run } from "../measure.js"
import { real } from "../real.js"

const amount = (size: Size) =>
  size === "full"
    ? { rounds: 7, turns: 30, warmUp: 10, settled: 300 }
    : { rounds: 1, turns: 10, warmUp: 5, settled: 20 }

export const firstDelta: Case = {
  name: "firstDelta",
  about: "From the start of a turn to its first delta, on the real app-server and a model that answers at once: the " +
    "median of 30 turns on one thread, after 10 others and after 300. The raw client is promises over the same pipes.",
  run: (size) =>
    Effect.scoped(Effect.gen(function*() {
      const { rounds: count, ...amounts } = amount(size)
      const params = { ...(yield* real), ...amounts }
      const samples = yield* rounds(count, {
        raw: run({ file: "rawFirstDelta", params }),
        sdk: run({ file: "firstDelta", params })
      })
      const figure = (key: "early" | "late", what: string) =>
        compared({
          name: `firstDelta.${key}`,
          what,
          unit: "ms",
          key,
          of: samples("sdk"),
          against: { what: "a raw client", samples: samples("raw") },
          goal: { of: "difference", at: "most", bound: 2 }
        })
      return [
        figure("early", "time to the first delta, early"),
        figure("late", "time to the first delta, late")
      ]
    }))
}
