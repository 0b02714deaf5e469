/**
 * A realtime session: what the user says goes in, what the agent says comes out while it is being said. The other side
 * here is a small realtime API of this program, which echoes.
 */
import { Codex } from "@effect-codex/sdk"
import { CodexTest } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as EchoApi from "./realtime/echoApi.js"

const program = Effect.scoped(Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const thread = yield* codex.startThread()
  const session = yield* thread.realtime({ outputModality: "text" })

  const listening = yield* session.transcript.pipe(
    Stream.tap((said) =>
      said._tag === "ThreadRealtimeTranscriptDelta"
        ? Console.log(`${said.role}: ${said.delta}`)
        : Console.log(`${said.role} has said: ${said.text}`)
    ),
    Stream.takeUntil((said) => said._tag === "ThreadRealtimeTranscriptDone"),
    Stream.runDrain,
    Effect.fork
  )
  yield* session.appendText("hello there")
  yield* listening
}))

// With an account it would be `NodeCodex.layerExperimental()`.
const withEcho = Layer.unwrapScoped(
  Effect.map(EchoApi.serve, (url) =>
    CodexTest.layerExperimental({
      config: {
        experimental_realtime_ws_base_url: url,
        realtime: { version: "v2", type: "conversational" },
        model_providers: { scripted: { experimental_bearer_token: "none" } }
      }
    }))
)

program.pipe(Effect.provide(withEcho), NodeRuntime.runMain)
