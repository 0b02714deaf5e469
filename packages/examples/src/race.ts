/**
 * Two models are asked the same, and the first answer is taken: the turn of the other one is stopped on the server.
 */
import { Codex } from "@effect-codex/sdk"
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const threads = yield* Effect.forEach(
    ["model-careful", "model-quick"],
    (model) => Effect.map(codex.startThread({ model, sandbox: "read-only" }), (thread) => ({ model, thread }))
  )

  const winner = yield* Effect.raceAll(
    threads.map(({ model, thread }) =>
      Effect.map(thread.run("Is 91 a prime number?"), ({ finalResponse }) => `${model}: ${finalResponse}`)
    )
  )
  yield* Console.log(winner)

  // The race is over only when the loser has stopped, so this is how both have ended.
  yield* Effect.forEach(
    threads,
    ({ model, thread }) => thread.turns().pipe(Stream.runForEach(({ status }) => Console.log(`${model}: ${status}`)))
  )
})

// Without a script it would be `NodeCodex.layer()`, and the models be some of `codex.models()`.
const bothBegun = Effect.runSync(Effect.makeLatch())
const script: ScriptedModel.Script = ({ model }) =>
  model === "model-quick"
    ? ScriptedModel.text([bothBegun.await, "No: ", "7 times 13."])
    : ScriptedModel.text(["Let ", "me ", "think", bothBegun.open, ScriptedModel.hang])

program.pipe(Effect.provide(CodexTest.layer({ script })), NodeRuntime.runMain)
