import * as Codex from "@effect-codex/sdk/Codex"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { assertIdle, codexTest, statusesOf } from "./harness.js"

const isCompaction = (request: ScriptedModel.ModelRequest) => /compaction/i.test(JSON.stringify(request.body))

const gate = Effect.unsafeMakeLatch()

const script = (request: ScriptedModel.ModelRequest) => {
  if (isCompaction(request)) {
    return JSON.stringify(request.input).includes("never summarised")
      ? ScriptedModel.hang
      : ScriptedModel.text("A summary.")
  }
  return request.userText === "slow" ? ScriptedModel.text(["wait", gate.await, "ed"]) : ScriptedModel.echo(request)
}

layer(codexTest({ script }), { excludeTestServices: true })("compacting a thread", (it) => {
  const startThread = Effect.flatMap(Codex.Codex, (codex) => codex.startThread())

  it.effect("is a turn of its own, after which the thread goes on", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      yield* thread.run("hello")
      const { items, status } = yield* thread.compact
      assert.strictEqual(status, "completed")
      assert.deepStrictEqual(items.map(({ type }) => type), ["contextCompaction"])
      assert.strictEqual((yield* thread.run("again")).finalResponse, "You said: again")
      yield* assertIdle
    }))

  it.effect("waits for the active turn, which the server would interrupt", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedModel.ScriptedModel
      const thread = yield* startThread
      const running = yield* Effect.fork(thread.run("slow"))
      yield* model.awaitRequest((request) => request.userText === "slow")
      const compacting = yield* Effect.fork(thread.compact)
      yield* Effect.yieldNow()
      yield* gate.open
      assert.strictEqual((yield* Fiber.join(running)).finalResponse, "waited")
      assert.strictEqual((yield* Fiber.join(compacting)).status, "completed")
      yield* assertIdle
    }))

  it.effect("stops on the server when it is interrupted", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedModel.ScriptedModel
      const thread = yield* startThread
      yield* thread.run("never summarised")
      const compacting = yield* Effect.fork(thread.compact)
      yield* model.awaitRequest((request) => isCompaction(request) && request.threadId === thread.id)
      yield* Fiber.interrupt(compacting)
      assert.strictEqual((yield* statusesOf(thread)).at(-1), "interrupted")
      assert.strictEqual((yield* thread.run("again")).finalResponse, "You said: again")
      yield* assertIdle
    }))
})
