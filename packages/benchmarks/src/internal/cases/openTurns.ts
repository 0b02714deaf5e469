import * as Effect from "effect/Effect"
import { type Case, compared, type Figure, type Size } from "../figure.js"
import { type ProbeFailed, rounds, run } from "../measure.js"

const amount = (size: Size) =>
  size === "full" ? { rounds: 5, deltas: 200_000, warmUp: 50_000 } : { rounds: 1, deltas: 50_000, warmUp: 20_000 }

const measure = (size: Size, active: number): Effect.Effect<ReadonlyArray<Figure>, ProbeFailed> =>
  Effect.gen(function*() {
    const { rounds: count, ...amounts } = amount(size)
    const probe = (turns: number) => run({ file: "fullPath", params: { turns, active, ...amounts } })
    const few = active
    const samples = yield* rounds(count, {
      few: probe(few),
      ...(size === "full" ? { 100: probe(100), 1_000: probe(1_000) } : {}),
      10_000: probe(10_000)
    })
    const of = active === 1 ? "one of them is told of" : `${active} of them are told of in turn`
    const open = size === "full" ? (["100", "1000", "10000"] as const) : (["10000"] as const)
    return open.map((turns) =>
      compared({
        name: `openTurns.${active}.${turns}`,
        what: `${Number(turns).toLocaleString("en-US")} open turns, ${of}`,
        unit: "µs of CPU a message",
        key: "cpuPerMessage",
        of: samples(turns),
        against: { what: few === 1 ? "one open turn" : `${few} open turns`, samples: samples("few") },
        ...(turns === "10000" ? { goal: { of: "ratio", at: "most", bound: 1.15 } } : {})
      })
    )
  })

export const openTurns: Case = {
  name: "openTurns",
  about:
    "CPU time a message by how many turns are open, each with a reader of its events. The deltas go to a fixed number " +
    "of them, one or 64 in turn, so that what differs is only how much the connection knows.",
  run: (size) =>
    Effect.map(
      Effect.forEach(size === "full" ? [1, 64] : [1], (active) => measure(size, active)),
      (all) => all.flat()
    )
}
