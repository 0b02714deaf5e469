import * as Effect from "effect/Effect"
import { type Case, compared, type Figure, type Size } from "../figure.js"
import { type ProbeFailed, rounds, run } from "../measure.js"

const amount = (size: Size) =>
  size === "full" ? { rounds: 3, deltas: 200_000, warmUp: 50_000 } : { rounds: 1, deltas: 30_000, warmUp: 20_000 }

const measure = (size: Size, active: number): Effect.Effect<ReadonlyArray<Figure>, ProbeFailed> =>
  Effect.gen(function*() {
    const { rounds: count, ...amounts } = amount(size)
    const probe = (turns: number) => run({ file: "fullPath", params: { turns, active, read: "byChunk", ...amounts } })
    const open = size === "full" ? [100, 1_000, 10_000] : [500]
    const samples = yield* rounds(
      count,
      Object.fromEntries([active, ...open].map((turns) => [String(turns), probe(turns)]))
    )
    const fewest = active === 1 ? "one open turn" : `${active} open turns`
    return open.map((turns) =>
      compared({
        name: `openTurns.${active}.${turns}`,
        what: `${turns.toLocaleString("en-US")} open turns, ${active === 1 ? "one is" : `${active} are`} told of`,
        unit: "µs of CPU a message",
        key: "cpuPerMessage",
        of: samples(String(turns)),
        against: { what: fewest, samples: samples(String(active)) },
        ...(turns === open.at(-1) ? { goal: { of: "ratio", at: "most", bound: 1.15 } } : {})
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
