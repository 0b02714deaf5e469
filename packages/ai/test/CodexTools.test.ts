import { CodexTools } from "@effect-codex/ai"
import * as Codex from "@effect-codex/sdk/Codex"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { assertIdle, codexTest } from "./support/codex.js"
import { Desk, DeskLive, found, script } from "./support/desk.js"

const run = (text: string) =>
  Effect.gen(function*() {
    const codex = yield* Codex.Codex
    const thread = yield* codex.startThread({ tools: yield* CodexTools.fromToolkit(Desk) })
    const { finalResponse, items } = yield* thread.run(text)
    yield* assertIdle
    return {
      finalResponse,
      calls: items.flatMap((item) => item.type === "dynamicToolCall" ? [[item.tool, item.success]] : [])
    }
  }).pipe(Effect.provide(DeskLive))

layer(codexTest(script), { excludeTestServices: true })("a toolkit given to a thread", (it) => {
  it.effect("has its calls answered by its handlers, decoded and encoded as its Schemas say", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* run("ticket 1"), { finalResponse: `I heard: ${found}`, calls: [["ticket", true]] })
    }))

  it.effect("tells the model of a failure as its Schema encodes it, whatever the failure mode", () =>
    Effect.gen(function*() {
      const heard = `I heard: {"id":2,"_tag":"NotFound"}`
      assert.deepStrictEqual(yield* run("ticket 2"), { finalResponse: heard, calls: [["ticket", false]] })
      assert.deepStrictEqual(yield* run("strict_ticket 2"), { finalResponse: heard, calls: [["strict_ticket", false]] })
    }))

  it.effect("tells the model of a defect in plain words", () =>
    Effect.gen(function*() {
      const { calls, finalResponse } = yield* run("close_all")
      assert.deepStrictEqual(calls, [["close_all", false]])
      assert.include(finalResponse, "failed, for a reason that is not yours")
      assert.notInclude(finalResponse, "secret")
    }))

  it.effect("tells the model of arguments that do not fit", () =>
    Effect.gen(function*() {
      const { calls, finalResponse } = yield* run("ticket")
      assert.deepStrictEqual(calls, [["ticket", false]])
      assert.include(finalResponse, "- id: is missing")
    }))
})
