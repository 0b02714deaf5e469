import * as Effect from "effect/Effect"
import { type Case, compared, type Size } from "../figure.js"
import { rounds, run } from "../measure.js"

const amount = (size: Size) =>
  size === "full" ? { rounds: 5, deltas: 20_000, warmUp: 10_000 } : { rounds: 1, deltas: 4_000, warmUp: 4_000 }

export const oneByOne: Case = {
  name: "oneByOne",
  about:
    "The same with one write a message, as models do: 20,000 deltas of one turn, a fifth of a millisecond apart, " +
    "after 10,000 that are not counted. The raw callback is the floor's: a data event, a split, `JSON.parse`. What is " +
    "compared is the client's CPU time.",
  run: (size) =>
    Effect.gen(function*() {
      const { rounds: count, ...amounts } = amount(size)
      const probe = (file: string, more: object = {}) =>
        run({ file, params: { turns: 1, pause: 0.2, ...amounts, ...more } })
      const samples = yield* rounds(count, {
        raw: probe("floor"),
        byChunk: probe("fullPath", { read: "byChunk" }),
        ...(size === "full"
          ? { byEvent: probe("fullPath", { read: "byEvent" }), vscode: probe("vscode"), naive: probe("naive") }
          : {})
      })
      const figure = (name: "byChunk" | "byEvent" | "vscode" | "naive", what: string) =>
        compared({
          name: `oneByOne.${name}`,
          what,
          unit: "µs of CPU a message",
          key: "cpuPerMessage",
          of: samples(name),
          against: { what: "the raw callback", samples: samples("raw") },
          ...(name === "byChunk" ? { goal: { of: "ratio", at: "most", bound: 1.5 } } : {})
        })
      return [
        figure("byChunk", "`Turn.events`, an Effect a chunk"),
        ...(size === "full"
          ? [
            figure("byEvent", "`Turn.events`, an Effect an event"),
            figure("vscode", "vscode-jsonrpc"),
            figure("naive", "a naive Effect pipeline")
          ]
          : [])
      ]
    })
}
