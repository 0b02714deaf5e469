import * as Effect from "effect/Effect"
import { alone, type Case, compared, isMissing, type Size } from "../figure.js"
import { rounds, run } from "../measure.js"

const flood = 50

const amount = (size: Size) => size === "full" ? { rounds: 3, deltas: 20_000 } : { rounds: 1, deltas: 1_000 }

export const unread: Case = {
  name: "unread",
  about:
    "A million deltas of one turn that is subscribed to and not read (`coalesce`), 50 a millisecond in a write of " +
    "their own, and one delta a millisecond that goes to eight other turns in turn: what the heap holds of the flood at " +
    "its end, after a collection, and how long those took from the server's write to their reader. Without the flood " +
    "everything else is the same. Afterwards the flood is read, and every character has to be there.",
  run: (size) =>
    Effect.gen(function*() {
      const { deltas, rounds: count } = amount(size)
      const probe = (params: object) =>
        run({ file: "unread", params: { deltas, pause: 1, ...params }, flags: ["--expose-gc"] })
      const samples = yield* rounds(count, {
        unread: probe({ flood }),
        ...(size === "full" ? { read: probe({ flood, read: true }) } : {}),
        quiet: probe({ flood: 0 })
      })
      const against = { what: "without the flood", samples: samples("quiet") }
      const million = (deltas * flood).toLocaleString("en-US")
      const delay = { unit: "µs", key: "p99", against }
      return [
        alone({
          name: "unread.heap",
          what: `heap for ${million} unread deltas`,
          unit: "MB",
          key: "heap",
          of: samples("unread"),
          goal: { of: "value", at: "most", bound: 64 }
        }),
        compared({
          ...delay,
          name: "unread.p99",
          what: "p99 delay of the other turns",
          of: samples("unread"),
          goal: { of: "ratio", at: "most", bound: 1.2 }
        }),
        compared({
          ...delay,
          name: "unread.read.p99",
          what: "the same, the flood read as it comes",
          of: samples("read")
        }),
        compared({ ...delay, name: "unread.median", what: "median delay", key: "median", of: samples("unread") })
      ].filter((figure) => size === "full" || !isMissing(figure))
    })
}
