/** How long it takes on the real app-server from the start of a turn to its first delta. */
import { Codex } from "@effect-codex/sdk"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { params, report } from "./probe.js"
import { layer, type RealParams } from "./realParams.js"
import { FirstDeltas, type FirstDeltasParams } from "./waiting.js"

const given = params<RealParams & FirstDeltasParams>()

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const thread = yield* codex.startThread({ sandbox: "read-only" })
  const waited = new FirstDeltas(given)
  while (waited.more) {
    yield* Effect.scoped(Effect.gen(function*() {
      waited.begin()
      const turn = yield* thread.startTurn(waited.prompt)
      yield* Stream.runForEach(turn.textDeltas, () => Effect.sync(() => waited.delta()))
    }))
  }
  report(waited.sample)
  return yield* Effect.never
})

program.pipe(Effect.provide(layer(given)), NodeRuntime.runMain)
