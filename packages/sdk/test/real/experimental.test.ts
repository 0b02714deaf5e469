import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { assertIdle, codexTest, codexTestExperimental } from "./harness.js"

const tool = { name: "lookup", description: "Looks a word up.", inputSchema: { type: "object", properties: {} } }

layer(codexTest(), { excludeTestServices: true })("without the experimental API", (it) => {
  it.effect("an experimental field is refused before anything is sent, by its name", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const { stats } = yield* AppServer
      const { messagesIn } = yield* stats
      const error = yield* Effect.flip(codex.startThread({ dynamicTools: [tool] }))
      assert.strictEqual(error._tag, "ExperimentalApiRequired")
      assert.deepInclude(error, { method: "thread/start", fields: ["dynamicTools"] })
      assert.include(error.message, "dynamicTools")
      assert.strictEqual((yield* stats).messagesIn, messagesIn)
      yield* assertIdle
    }))

  it.effect("an experimental field of a turn is refused as well", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const thread = yield* codex.startThread()
      const error = yield* Effect.flip(thread.run("hello", { additionalContext: {} }))
      assert.strictEqual(error._tag, "ExperimentalApiRequired")
      assert.deepInclude(error, { method: "turn/start", fields: ["additionalContext"] })
      assert.strictEqual((yield* thread.run("hello")).finalResponse, "You said: hello")
      yield* assertIdle
    }))
})

layer(codexTestExperimental(), { excludeTestServices: true })("with the experimental API", (it) => {
  it.effect("an experimental field is sent", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const thread = yield* codex.startThread({ dynamicTools: [tool] })
      assert.strictEqual((yield* thread.run("hello")).finalResponse, "You said: hello")
      yield* assertIdle
    }))

  it.effect("an experimental method is answered", () =>
    Effect.gen(function*() {
      const { request } = yield* AppServer
      const { data } = yield* request("collaborationMode/list", {})
      assert.isNotEmpty(data)
      yield* assertIdle
    }))
})
