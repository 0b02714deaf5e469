import * as Effect from "effect/Effect"
import { type Case, compared, type Size } from "../figure.js"
import { rounds, runWatched } from "../measure.js"
import { real } from "../real.js"

const amount = (size: Size) => size === "full" ? { rounds: 3, turns: 64 } : { rounds: 1, turns: 16 }

export const manyTurns: Case = {
  name: "manyTurns",
  about: "64 turns at once on one real app-server against 64 runs of `@openai/codex-sdk`, which starts a process for " +
    "each: from the start of the first process to the last answer of 20 words, 20 ms apart, and the most memory that " +
    "the program and all it started had at once. Resident memory counts what processes share once for each of them, " +
    "proportional memory once in all.",
  run: (size) =>
    Effect.scoped(Effect.gen(function*() {
      const { rounds: count, turns } = amount(size)
      const params = { ...(yield* real), turns, prompt: "words 20 20" }
      const samples = yield* rounds(count, {
        official: runWatched({ file: "officialTurns", params }),
        sdk: runWatched({ file: "manyTurns", params })
      })
      const figure = (key: string, what: string, unit: string, bound?: number) =>
        compared({
          name: `manyTurns.${key}`,
          what: `${turns} turns at once: ${what}`,
          unit,
          key,
          of: samples("sdk"),
          against: { what: "@openai/codex-sdk", samples: samples("official") },
          ...(bound === undefined ? {} : { goal: { of: "ratio", at: "most", bound } })
        })
      return [
        figure("rss", "resident memory", "MB", 1 / 20),
        figure("pss", "proportional memory", "MB"),
        figure("seconds", "time", "s", 1 / 3)
      ]
    }))
}
