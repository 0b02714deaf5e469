import { Codex, AppServer } from "@effect-codex/sdk"
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
const words = (s: string) => ScriptedModel.text(s.split(/(?<= )/), { delay: "25 millis" })
const t0 = Date.now()
const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const app = yield* AppServer.AppServer
  console.log(yield* app.request("account/read", {}))
  const thread = yield* codex.startThread({ ephemeral: true })
  yield* Effect.scoped(Effect.gen(function*() {
    const turn = yield* thread.startTurn("first")
    yield* Effect.forkScoped(Stream.runForEach(turn.events, (e) => Effect.sync(() => console.log(Date.now() - t0, e._tag, "delta" in e ? e.delta : "item" in e ? JSON.stringify(e.item).slice(0, 200) : ""))))
    yield* turn.textDeltas.pipe(Stream.take(5), Stream.runDrain)
    yield* turn.steer("please more briefly")
    console.log(Date.now() - t0, "steered")
    const r = yield* turn.result
    console.log(JSON.stringify(r))
  }))
  yield* Effect.scoped(Effect.gen(function*() {
    const turn = yield* thread.startTurn("second")
    yield* turn.textDeltas.pipe(Stream.take(5), Stream.runDrain)
    console.log(JSON.stringify(yield* turn.interrupt))
  }))
  console.log(yield* Effect.either(thread.read({ includeTurns: true })).pipe(Effect.map((r) => JSON.stringify(r))))
  const m = yield* ScriptedModel.ScriptedModel
  const rs = yield* m.requests
  console.log(rs.map((r) => [r.userText, JSON.stringify(r.input.slice(-3)).slice(0,600)]))
})
program.pipe(Effect.provide(CodexTest.layer({ script: (r) => words(r.userText.startsWith("please") ? "Ok, then, short it is." : "This is a long text that goes on and on with very many words in it until it is steered by someone or it ends of itself at last.") })), NodeRuntime.runMain)
