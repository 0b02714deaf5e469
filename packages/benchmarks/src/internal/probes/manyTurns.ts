/** Turns at once on one app-server, from its start to the last result. */
import { Codex } from "@effect-codex/sdk"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import { params, report } from "./probe.js"
import { layer, type RealParams } from "./realParams.js"

const given = params<RealParams & { readonly turns: number; readonly prompt: string }>()

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const one = Effect.flatMap(codex.startThread({ sandbox: "read-only" }), (thread) => thread.run(given.prompt))
  return yield* Effect.replicateEffect(one, given.turns, { concurrency: "unbounded" })
})

const began = performance.now()
program.pipe(
  Effect.provide(layer(given)),
  Effect.flatMap((results) =>
    Effect.sync(() =>
      report({
        seconds: (performance.now() - began) / 1_000,
        turns: results.filter(({ finalResponse }) => finalResponse !== null).length
      })
    )
  ),
  NodeRuntime.runMain
)
