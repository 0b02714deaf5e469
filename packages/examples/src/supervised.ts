/**
 * An app-server that is started again when it crashes: the turn that ran fails, and its thread goes on with the next.
 */
import { ProcessTransport } from "@effect-codex/node"
import { Codex, Supervision } from "@effect-codex/sdk"
import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const { state } = yield* Supervision.Supervision
  yield* state.changes.pipe(Stream.runForEach(({ _tag }) => Console.log(`- ${_tag}`)), Effect.fork)

  const thread = yield* codex.startThread()
  yield* thread.run("My name is Ada.")
  // It ends the app-server, as a crash would.
  yield* thread.shellCommand("kill -9 $PPID").pipe(
    Effect.catchTag("ConnectionClosed", ({ signal }) => Console.log(`The turn failed: ${signal}.`))
  )
  const { finalResponse } = yield* thread.run("Who am I?")
  yield* Console.log(finalResponse)
})

// Elsewhere it would be `NodeCodex.layerSupervised()`.
const CodexLive = Layer.unwrapEffect(
  Effect.map(
    TemporaryCodexHome.TemporaryCodexHome,
    ({ codexHome, cwd }) => Codex.layerSupervised(ProcessTransport.layer({ codexHome, cwd }))
  )
).pipe(
  Layer.provide(TemporaryCodexHome.layer()),
  Layer.provide(
    ScriptedModel.layer(({ input }) =>
      ScriptedModel.text(JSON.stringify(input).includes("My name is Ada.") ? "You are Ada." : "I do not know.")
    )
  )
)

program.pipe(Effect.provide(CodexLive), NodeRuntime.runMain)
