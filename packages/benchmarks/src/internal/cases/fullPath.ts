import * as Effect from "effect/Effect"
import { type Case, compared, type Figure, type Size } from "../figure.js"
import { type Probe, type ProbeFailed, type Rounds, rounds } from "../measure.js"

const amount = (size: Size) =>
  size === "full" ? { rounds: 7, deltas: 200_000, warmUp: 50_000 } : { rounds: 3, deltas: 50_000, warmUp: 20_000 }

const floor = "the floor"

const measure = (size: Size, turns: number): Effect.Effect<ReadonlyArray<Figure>, ProbeFailed> => {
  const { rounds: count, ...amounts } = amount(size)
  const probe = (file: string, more: object = {}): Probe => ({ file, params: { turns, ...amounts, ...more } })
  const of = turns === 1 ? "one turn" : `${turns} turns`
  const contenders = {
    floor: probe("floor"),
    sdk: probe("fullPath"),
    sdkByEvent: probe("fullPath", { read: "event" }),
    vscode: probe("vscode"),
    naive: probe("naive")
  }
  const figures = (samples: Rounds<keyof typeof contenders>): ReadonlyArray<Figure> => {
    const figure = (
      name: Exclude<keyof typeof contenders, "floor">,
      what: string,
      key: "messagesPerSecond" | "messagesPerCpuSecond",
      goal: boolean
    ) =>
      compared({
        name: `fullPath.${name}.${turns}${key === "messagesPerSecond" ? "" : ".cpu"}`,
        what: `${of}: ${what}`,
        unit: key === "messagesPerSecond" ? "messages/s" : "messages/s of CPU",
        key,
        of: samples(name),
        against: { what: floor, samples: samples("floor") },
        ...(goal ? { goal: { of: "ratio", at: "least", bound: 0.8 } } : {})
      })
    return [
      figure("sdk", "`Turn.events`, chunk by chunk", "messagesPerSecond", true),
      figure("sdk", "the same, by CPU time", "messagesPerCpuSecond", true),
      figure("sdkByEvent", "`Turn.events`, an Effect an event", "messagesPerSecond", false),
      figure("sdkByEvent", "the same, by CPU time", "messagesPerCpuSecond", false),
      figure("vscode", "vscode-jsonrpc", "messagesPerSecond", false),
      figure("vscode", "the same, by CPU time", "messagesPerCpuSecond", false),
      figure("naive", "a naive Effect pipeline", "messagesPerSecond", false),
      figure("naive", "the same, by CPU time", "messagesPerCpuSecond", false)
    ]
  }
  return Effect.map(rounds(count, contenders), figures)
}

export const fullPath: Case = {
  name: "fullPath",
  about: "Bytes to typed events out of `Turn.events`: 200,000 deltas of about 190 bytes from the stdout of a child " +
    "process, of one turn and of 64 that alternate, after 50,000 that are not counted. The floor splits that stdout by " +
    "line and parses each, nothing else.",
  run: (size) => Effect.map(Effect.forEach([1, 64], (turns) => measure(size, turns)), (all) => all.flat())
}
