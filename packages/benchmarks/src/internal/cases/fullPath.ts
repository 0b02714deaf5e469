import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as AiSdk from "../aiSdk.js"
import { type Case, compared, type Figure, isMissing, missing, type Size } from "../figure.js"
import { type ProbeFailed, rounds, run } from "../measure.js"

const amount = (size: Size) =>
  size === "full" ? { rounds: 5, deltas: 200_000, warmUp: 50_000 } : { rounds: 1, deltas: 30_000, warmUp: 20_000 }

const aiSdkName = "ai-sdk-provider-codex-cli, app-server mode"

const aiSdkProbe = (module: string, params: object) =>
  run({ file: "aiSdk", params: { ...params, module }, flags: ["--no-warnings"] })

/** Where it is. It asks for a newer Node.js, so it is tried before it is measured. */
const triedAiSdk = Effect.tap(
  AiSdk.installed,
  (module) => aiSdkProbe(module, { turns: 1, deltas: 1_000, warmUp: 1_000 })
)

const measure = (size: Size, turns: number): Effect.Effect<ReadonlyArray<Figure>, ProbeFailed> =>
  Effect.gen(function*() {
    const { rounds: count, ...amounts } = amount(size)
    const probe = (file: string, more: object = {}) => run({ file, params: { turns, ...amounts, ...more } })
    const of = turns === 1 ? "one turn" : `${turns} turns`
    const full = size === "full"
    const aiSdk = full ? yield* Effect.either(triedAiSdk) : undefined
    const samples = yield* rounds(count, {
      floor: probe("floor"),
      folded: probe("fullPath", { read: "folded" }),
      byChunk: probe("fullPath", { read: "byChunk" }),
      vscode: probe("vscode"),
      ...(full || turns === 1 ? { naive: probe("naive") } : {}),
      ...(full ? { byEvent: probe("fullPath", { read: "byEvent" }) } : {}),
      ...(aiSdk !== undefined && Either.isRight(aiSdk) ? { aiSdk: aiSdkProbe(aiSdk.right, { turns, ...amounts }) } : {})
    })
    const both = (name: "folded" | "byChunk" | "byEvent" | "vscode" | "naive" | "aiSdk", what: string) => {
      const against = { what: "the floor", samples: samples("floor") }
      const goal = name === "folded" || name === "byChunk"
        ? { goal: { of: "ratio", at: "least", bound: 0.8 } as const }
        : {}
      const wall = { name: `fullPath.${turns}.${name}`, what: `${of}: ${what}`, unit: "messages/s" }
      const cpu = { name: `${wall.name}.cpu`, what: `${of}: the same, by CPU time`, unit: "messages/s of CPU" }
      return [
        compared({ ...wall, key: "messagesPerSecond", of: samples(name), against, ...goal }),
        compared({ ...cpu, key: "messagesPerCpuSecond", of: samples(name), against, ...goal })
      ]
    }
    return [
      ...both("folded", "`Turn.events`, folded by chunk"),
      ...both("byChunk", "`Turn.events`, an Effect a chunk"),
      ...both("byEvent", "`Turn.events`, an Effect an event"),
      ...both("vscode", "vscode-jsonrpc"),
      ...(aiSdk !== undefined && Either.isLeft(aiSdk)
        ? [missing(`fullPath.${turns}.aiSdk`, `${of}: ${aiSdkName}`, aiSdk.left.problem)]
        : both("aiSdk", aiSdkName)),
      ...both("naive", "a naive Effect pipeline")
    ].filter((figure) => full || !isMissing(figure))
  })

export const fullPath: Case = {
  name: "fullPath",
  about: "Bytes to typed events out of `Turn.events`: 200,000 deltas of about 190 bytes from the stdout of a child " +
    "process, of one turn and of 64 that alternate, after 50,000 that are not counted. The floor splits that stdout by " +
    "line and parses each, nothing else.",
  run: (size) => Effect.map(Effect.forEach([1, 64], (turns) => measure(size, turns)), (all) => all.flat())
}
