import { NodeCodex } from "@effect-codex/node"
import { Codex } from "@effect-codex/sdk"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const thread = yield* codex.startThread()
  const { finalResponse } = yield* thread.run("Say hello.")
  yield* Console.log(finalResponse)
})

program.pipe(Effect.provide(NodeCodex.layer()), NodeRuntime.runMain)
