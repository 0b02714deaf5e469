import * as Codex from "@effect-codex/sdk/Codex"
import { LimitExceeded } from "@effect-codex/sdk/CodexError"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { assertIdle, codexTest, statusesOf } from "./harness.js"

const tokens = (inputTokens: number, outputTokens: number) => ScriptedModel.withUsage({ inputTokens, outputTokens })

const listing = ScriptedModel.toolCall({ name: "exec_command", arguments: { cmd: "echo hi" } })

const script: ScriptedModel.Script = (request) => {
  switch (request.userText) {
    case "never stop":
      return tokens(100, 10)(listing)
    case "look twice":
      return request.toolOutputs.length < 2 ? tokens(100, 10)(listing) : tokens(1_000, 30)(ScriptedModel.text("Twice."))
    case "say nothing":
      return ScriptedModel.text(["Well, ", ScriptedModel.hang])
    default:
      return tokens(500, 5)(ScriptedModel.echo(request))
  }
}

const startThread = Effect.flatMap(Codex.Codex, (codex) => codex.startThread())

layer(codexTest({ script }), { excludeTestServices: true })("a turn that passes", (it) => {
  it.effect("`maxTokens` is interrupted, over all its requests, and the next has as many of its own", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      yield* thread.run("hello")
      const error = yield* Effect.flip(thread.run("never stop", { maxTokens: 300 }))
      assert.instanceOf(error, LimitExceeded)
      assert.deepStrictEqual([error.limit, error.allowed], ["maxTokens", 300])
      assert.strictEqual(error.partial.status, "interrupted")
      assert.isAtLeast(error.partial.turnUsage?.totalTokens ?? 0, 330)
      assert.isAtLeast(error.partial.items.filter(({ type }) => type === "commandExecution").length, 2)
      assert.strictEqual((yield* thread.run("hello again", { maxTokens: 505 })).status, "completed")
      assert.deepStrictEqual(yield* statusesOf(thread), ["completed", "interrupted", "completed"])
      yield* assertIdle
    }))

  it.effect("`maxItems` is interrupted", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const error = yield* Effect.flip(thread.run("never stop", { maxItems: 2 }))
      assert.instanceOf(error, LimitExceeded)
      assert.deepStrictEqual([error.limit, error.allowed], ["maxItems", 2])
      assert.isAtLeast(error.partial.items.filter(({ type }) => type !== "userMessage").length, 3)
      assert.deepStrictEqual(yield* statusesOf(thread), ["interrupted"])
      yield* assertIdle
    }))

  it.effect("`maxDuration` is interrupted, with what it had said so far", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const error = yield* Effect.flip(thread.run("say nothing", { maxDuration: "1 second" }))
      assert.instanceOf(error, LimitExceeded)
      assert.deepStrictEqual([error.limit, error.allowed], ["maxDuration", Duration.seconds(1)])
      assert.deepStrictEqual(
        error.partial.unfinished.map((item) => item.type === "agentMessage" ? item.text : item.type),
        ["Well, "]
      )
      assert.deepStrictEqual(yield* statusesOf(thread), ["interrupted"])
      yield* assertIdle
    }))

  it.effect("a limit ends its stream after the last event", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const tags: Array<string> = []
      const error = yield* thread.stream("never stop", { maxItems: 1 }).pipe(
        Stream.runForEach(({ _tag }) => Effect.sync(() => tags.push(_tag))),
        Effect.flip
      )
      assert.instanceOf(error, LimitExceeded)
      assert.deepStrictEqual([tags.at(0), tags.at(-1)], ["TurnStarted", "TurnCompleted"])
      yield* assertIdle
    }))
})

layer(codexTest({ script }), { excludeTestServices: true })("the usage of a turn", (it) => {
  const total = (inputTokens: number, outputTokens: number) => ({
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens
  })

  it.effect("is that of all its requests, of a second turn, of a compaction and of a fork", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      assert.deepInclude((yield* thread.run("look twice")).turnUsage, total(1_200, 50))
      const second = yield* thread.run("hello")
      assert.deepInclude(second.turnUsage, total(500, 5))
      assert.deepInclude(second.usage?.total, total(1_700, 55))
      assert.deepInclude((yield* thread.compact).turnUsage, total(500, 5))
      assert.deepInclude((yield* thread.run("hello")).turnUsage, total(500, 5))
      const codex = yield* Codex.Codex
      const fork = yield* codex.forkThread(thread.id)
      assert.deepInclude((yield* fork.run("hello")).turnUsage, total(500, 5))
      yield* thread.unsubscribe
      const resumed = yield* codex.resumeThread(thread.id)
      assert.deepInclude((yield* resumed.run("look twice")).turnUsage, total(1_200, 50))
    }))
})
