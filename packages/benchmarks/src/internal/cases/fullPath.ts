import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as AiSdk from "../aiSdk.js"
import { type Case, compared, type Figure, missing, type Size } from "../figure.js"
import { type ProbeFailed, rounds, run } from "../measure.js"

const amount = (size: Size) =>
  size === "full" ? { rounds: 5, deltas: 200_000, warmUp: 50_000 } : { rounds: 1, deltas: 50_000, warmUp: 20_000 }

const aiSdkName = "ai-sdk-provider-codex-cli, app-server mode"

const measure = (size: Size, turns: number): Effect.Effect<ReadonlyArray<Figure>, ProbeFailed> =>
  Effect.gen(function*() {
    const { rounds: count, ...amounts } = amount(size)
    const probe = (file: string, more: object = {}) => run({ file, params: { turns, ...amounts, ...more } })
    const of = turns === 1 ? "one turn" : `${turns} turns`
    const aiSdk = yield* Effect.either(AiSdk.installed)
    const aiSdkOnce = yield* Effect.either(Effect.flatMap(aiSdk, (module) => probe("aiSdk", { module, deltas: 1_000 })))
    const samples = yield* rounds(count, {
      floor: probe("floor"),
      sdk: probe("fullPath"),
      sdkByEvent: probe("fullPath", { read: "event" }),
      vscode: probe("vscode"),
      naive: probe("naive"),
      ...(Either.isRight(aiSdkOnce) ? { aiSdk: Effect.flatMap(aiSdk, (module) => probe("aiSdk", { module })) } : {})
    })
    const both = (name: "sdk" | "sdkByEvent" | "vscode" | "naive" | "aiSdk", what: string) => {
      const against = { what: "the floor", samples: samples("floor") }
      const goal = name === "sdk" ? { goal: { of: "ratio", at: "least", bound: 0.8 } as const } : {}
      const wall = { name: `fullPath.${turns}.${name}`, what: `${of}: ${what}`, unit: "messages/s" }
      const cpu = { name: `${wall.name}.cpu`, what: `${of}: the same, by CPU time`, unit: "messages/s of CPU" }
      return [
        compared({ ...wall, key: "messagesPerSecond", of: samples(name), against, ...goal }),
        compared({ ...cpu, key: "messagesPerCpuSecond", of: samples(name), against, ...goal })
      ]
    }
    return [
      ...both("sdk", "`Turn.events`, chunk by chunk"),
      ...both("sdkByEvent", "`Turn.events`, an Effect an event"),
      ...both("vscode", "vscode-jsonrpc"),
      ...Either.match(aiSdkOnce, {
        onLeft: ({ problem }) => [missing(`fullPath.${turns}.aiSdk`, `${of}: ${aiSdkName}`, problem)],
        onRight: () => both("aiSdk", aiSdkName)
      }),
      ...both("naive", "a naive Effect pipeline")
    ]
  })

export const fullPath: Case = {
  name: "fullPath",
  about: "Bytes to typed events out of `Turn.events`: 200,000 deltas of about 190 bytes from the stdout of a child " +
    "process, of one turn and of 64 that alternate, after 50,000 that are not counted. The floor splits that stdout by " +
    "line and parses each, nothing else.",
  run: (size) => Effect.map(Effect.forEach([1, 64], (turns) => measure(size, turns)), (all) => all.flat())
}
