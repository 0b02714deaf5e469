import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { existsSync } from "node:fs"
import * as path from "node:path"
import * as ScriptedModel from "../src/ScriptedModel.js"
import * as TemporaryCodexHome from "../src/TemporaryCodexHome.js"
import * as RawAppServer from "./rawAppServer.js"
import { at, paramsOf } from "./rawAppServer.js"

const homeOn = (
  script: ScriptedModel.Script,
  overrides?: { readonly [key: string]: ScriptedModel.ConfigValue }
) => TemporaryCodexHome.layer(overrides).pipe(Layer.provideMerge(ScriptedModel.layer(script)))

// The server's scope is inside the home's, so that the process has ended when its home is removed.
const onHome = (...args: Parameters<typeof homeOn>) =>
<A, E>(
  effect: Effect.Effect<A, E, Scope.Scope | ScriptedModel.ScriptedModel | TemporaryCodexHome.TemporaryCodexHome>
) => Effect.provide(Effect.scoped(effect), homeOn(...args))

const runTurn = (text: string) =>
  Effect.gen(function*() {
    const server = yield* RawAppServer.start
    yield* server.startTurn(yield* server.startThread, text)
    return yield* server.until("turn/completed")
  })

const turnOf = (messages: ReadonlyArray<RawAppServer.Message>) => at(paramsOf(messages, "turn/completed")[0], "turn")

const itemsOf = (messages: ReadonlyArray<RawAppServer.Message>, type: string) =>
  paramsOf(messages, "item/completed").map((params) => at(params, "item")).filter((item) => at(item, "type") === type)

describe("the real app-server on a ScriptedModel", () => {
  it.live("streams the text's deltas in order and completes the turn with the scripted usage", () =>
    Effect.gen(function*() {
      const messages = yield* runTurn("hi")
      assert.deepStrictEqual(
        paramsOf(messages, "item/agentMessage/delta").map((params) => at(params, "delta")),
        ["Hel", "lo ", "you"]
      )
      assert.strictEqual(at(turnOf(messages), "status"), "completed")
      assert.deepStrictEqual(
        itemsOf(messages, "agentMessage").map((item) => [at(item, "text"), at(item, "phase")]),
        [["Hello you", "final_answer"]]
      )
      assert.deepInclude(at(paramsOf(messages, "thread/tokenUsage/updated").at(-1), "tokenUsage", "last"), {
        totalTokens: 150,
        inputTokens: 120,
        cachedInputTokens: 20,
        outputTokens: 30,
        reasoningOutputTokens: 10
      })
      const { requests } = yield* ScriptedModel.ScriptedModel
      assert.deepStrictEqual((yield* requests).map((request) => request.userText), ["hi"])
    }).pipe(onHome([
      ScriptedModel.text(["Hel", "lo ", "you"], { phase: "final_answer" }).pipe(
        ScriptedModel.withUsage({
          inputTokens: 120,
          cachedInputTokens: 20,
          outputTokens: 30,
          reasoningOutputTokens: 10
        })
      )
    ])))

  it.live("runs a scripted tool call and asks again with its output", () =>
    Effect.gen(function*() {
      const messages = yield* runTurn("run it")
      assert.deepStrictEqual(
        itemsOf(messages, "commandExecution").map((item) => [at(item, "id"), at(item, "exitCode")]),
        [["call_0_1", 0]]
      )
      assert.strictEqual(at(turnOf(messages), "status"), "completed")
      const model = yield* ScriptedModel.ScriptedModel
      const [first, second] = yield* model.requests
      assert.include(first?.tools ?? [], "exec_command")
      assert.isString(first?.threadId)
      assert.strictEqual(second?.threadId, first?.threadId)
      assert.strictEqual(second?.turnId, first?.turnId)
      assert.strictEqual(second?.userText, "run it")
      assert.strictEqual(second?.toolOutputs[0]?.callId, "call_0_1")
      assert.include(second?.toolOutputs[0]?.text, "hi")
    }).pipe(onHome((request) =>
      request.toolOutputs.length === 0
        ? ScriptedModel.reply(
          ScriptedModel.text("Let me see.", { phase: "commentary" }),
          ScriptedModel.toolCall({ name: "exec_command", arguments: { cmd: "echo hi" } })
        )
        : ScriptedModel.text("It said hi.")
    )))

  it.live("shows reasoning as an item of its own", () =>
    Effect.gen(function*() {
      const messages = yield* runTurn("think")
      assert.deepStrictEqual(
        paramsOf(messages, "item/reasoning/summaryTextDelta").map((params) => at(params, "delta")),
        ["Hm", "m."]
      )
      assert.deepStrictEqual(itemsOf(messages, "reasoning").map((item) => at(item, "summary")), [["Hmm."]])
    }).pipe(onHome([
      ScriptedModel.reply(ScriptedModel.reasoning(["Hm", "m."]), ScriptedModel.text("So."))
    ])))

  it.live("fails the turn with the scripted message, or by what its code means", () =>
    Effect.gen(function*() {
      const server = yield* RawAppServer.start
      const failed = (text: string) =>
        Effect.gen(function*() {
          yield* server.startTurn(yield* server.startThread, text)
          const turn = turnOf(yield* server.until("turn/completed"))
          assert.strictEqual(at(turn, "status"), "failed")
          return at(turn, "error")
        })
      assert.strictEqual(at(yield* failed("plain"), "message"), "out of ideas")
      assert.strictEqual(at(yield* failed("too long"), "codexErrorInfo"), "contextWindowExceeded")
      assert.deepStrictEqual(at(yield* failed("http"), "codexErrorInfo"), {
        httpConnectionFailed: { httpStatusCode: 503 }
      })
      assert.include(at(yield* failed("drop"), "message"), "stream disconnected before completion")
      assert.include(at(yield* failed("unknown"), "message"), "The scripted model has no reply")
    }).pipe(onHome({
      plain: ScriptedModel.fail({ message: "out of ideas" }),
      "too long": ScriptedModel.fail({ code: "context_length_exceeded", message: "" }),
      http: ScriptedModel.httpError(503, { error: { message: "down" } }),
      drop: ScriptedModel.text(["half", ScriptedModel.drop])
    })))

  it.live("interrupts a reply that hangs, and the model notices", () =>
    Effect.gen(function*() {
      const server = yield* RawAppServer.start
      const model = yield* ScriptedModel.ScriptedModel
      const threadId = yield* server.startThread
      const turnId = yield* server.startTurn(threadId, "wait")
      yield* server.until("item/agentMessage/delta")
      yield* server.request("turn/interrupt", { threadId, turnId })
      const messages = yield* server.until("turn/completed")
      assert.strictEqual(at(turnOf(messages), "status"), "interrupted")
      assert.strictEqual((yield* model.requests)[0]?.turnId, turnId)
    }).pipe(onHome([ScriptedModel.text(["so far", ScriptedModel.hang])])))

  it.live("runs many threads at once, each on what its user said", () =>
    Effect.gen(function*() {
      const server = yield* RawAppServer.start
      const texts = Array.from({ length: 8 }, (_, index) => `user ${index}`)
      const threads = yield* Effect.forEach(
        texts,
        (text) => Effect.map(server.startThread, (threadId) => ({ threadId, text }))
      )
      yield* Effect.forEach(threads, ({ text, threadId }) => server.startTurn(threadId, text), {
        concurrency: "unbounded"
      })
      const messages = yield* server.until("turn/completed", texts.length)
      for (const { text, threadId } of threads) {
        const deltas = paramsOf(messages, "item/agentMessage/delta").filter((params) =>
          at(params, "threadId") === threadId
        )
        assert.strictEqual(deltas.map((params) => at(params, "delta")).join(""), `You said: ${text}`)
      }
    }).pipe(onHome(ScriptedModel.echo)))

  it.live("spawns a sub-agent by a tool inside a namespace, which asks on a thread of its own", () =>
    Effect.gen(function*() {
      const server = yield* RawAppServer.start
      const model = yield* ScriptedModel.ScriptedModel
      const threadId = yield* server.startThread
      yield* server.startTurn(threadId, "delegate")
      yield* server.until("turn/completed", 2)
      const ofAgent = yield* model.awaitRequest((request) => request.userText === "sub task")
      assert.isString(ofAgent.threadId)
      assert.notStrictEqual(ofAgent.threadId, threadId)
      const [first] = yield* model.requests
      assert.include(first?.tools ?? [], "multi_agent_v1.spawn_agent")
    }).pipe(onHome({
      delegate: [
        ScriptedModel.toolCall({
          namespace: "multi_agent_v1",
          name: "spawn_agent",
          arguments: { message: "sub task" }
        }),
        ScriptedModel.text("delegated")
      ],
      "sub task": ScriptedModel.text("done")
    })))

  it.live("asks the model to compact a thread", () =>
    Effect.gen(function*() {
      const server = yield* RawAppServer.start
      const model = yield* ScriptedModel.ScriptedModel
      const threadId = yield* server.startThread
      yield* server.startTurn(threadId, "first")
      yield* server.until("turn/completed")
      yield* server.request("thread/compact/start", { threadId })
      const messages = yield* server.until("turn/completed")
      assert.lengthOf(itemsOf(messages, "contextCompaction"), 1)
      yield* server.startTurn(threadId, "second")
      yield* server.until("turn/completed")
      const last = yield* model.awaitRequest((request) => request.userText === "second")
      assert.strictEqual(last.index, 2)
      assert.include(JSON.stringify(last.input), "what was said")
    }).pipe(onHome([
      ScriptedModel.text("one"),
      ScriptedModel.text("what was said"),
      ScriptedModel.text("two")
    ])))

  it.live("takes the overrides of its config.toml", () =>
    Effect.gen(function*() {
      const server = yield* RawAppServer.start
      const result = yield* server.request("config/read", { includeLayers: false })
      assert.strictEqual(at(result, "config", "model"), "scripted-model")
      assert.strictEqual(at(result, "config", "model_reasoning_effort"), "low")
    }).pipe(onHome([], { model_reasoning_effort: "low" })))

  it.live("leaves nothing of its home behind", () =>
    Effect.gen(function*() {
      const { codexHome, cwd } = yield* Effect.gen(function*() {
        yield* runTurn("hi")
        return yield* TemporaryCodexHome.TemporaryCodexHome
      }).pipe(onHome(ScriptedModel.echo))
      assert.isFalse(existsSync(path.dirname(codexHome)))
      assert.strictEqual(path.dirname(codexHome), path.dirname(cwd))
    }))
})
