import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as ScriptedModel from "../src/ScriptedModel.js"
import { allDeltas, allEvents, deltas, open, say, toolOutput, userMessage } from "./utils.js"

const build = (script: ScriptedModel.Script, options?: { readonly maxRequests?: number }) =>
  Effect.map(Layer.build(ScriptedModel.layer(script, options)), Context.get(ScriptedModel.ScriptedModel))

const typesOf = (events: ReadonlyArray<{ readonly type: string }>) => events.map((event) => event.type)

const failureMessage = (events: ReadonlyArray<{ readonly type: string }>) => {
  const last = events.at(-1)
  assert.strictEqual(last?.type, "response.failed")
  return JSON.stringify(last)
}

describe("ScriptedModel replies", () => {
  it.scoped("send every string of a text as one delta, in order, between the item's start and its end", () =>
    Effect.gen(function*() {
      const model = yield* build([ScriptedModel.text(["Hel", "lo", ""], { phase: "commentary" })])
      const events = yield* Effect.flatMap(say(model, "hi"), allEvents)
      assert.deepStrictEqual(typesOf(events), [
        "response.created",
        "response.output_item.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_item.done",
        "response.completed"
      ])
      assert.deepStrictEqual(events.at(-2)?.item, {
        type: "message",
        id: "msg_0_0",
        role: "assistant",
        phase: "commentary",
        content: [{ type: "output_text", text: "Hello" }]
      })
    }))

  it.scoped("join into one reply with the items of each and the last one's usage", () =>
    Effect.gen(function*() {
      const model = yield* build([ScriptedModel.reply(
        ScriptedModel.reasoning("Hm."),
        ScriptedModel.text("I'll look."),
        ScriptedModel.toolCall({ name: "exec_command", arguments: { cmd: "ls" } }),
        ScriptedModel.toolCall({ name: "close_agent", namespace: "agents", arguments: "{", callId: "mine" }).pipe(
          ScriptedModel.withUsage({ inputTokens: 7, cachedInputTokens: 3, outputTokens: 4, reasoningOutputTokens: 1 })
        )
      )])
      const events = yield* Effect.flatMap(say(model, "hi"), allEvents)
      const done = events.filter((event) => event.type === "response.output_item.done")
      assert.deepStrictEqual(done.map((event) => event.output_index), [0, 1, 2, 3])
      assert.deepStrictEqual(done.slice(2).map((event) => event.item), [
        {
          type: "function_call",
          id: "fc_0_2",
          call_id: "call_0_2",
          name: "exec_command",
          arguments: "{\"cmd\":\"ls\"}"
        },
        {
          type: "function_call",
          id: "fc_0_3",
          call_id: "mine",
          name: "close_agent",
          namespace: "agents",
          arguments: "{"
        }
      ])
      assert.deepStrictEqual(events.at(-1)?.response, {
        id: "resp_0",
        usage: {
          input_tokens: 7,
          input_tokens_details: { cached_tokens: 3 },
          output_tokens: 4,
          output_tokens_details: { reasoning_tokens: 1 },
          total_tokens: 11
        }
      })
    }))

  it.scoped("send what stands before a gate at once, and the rest when it opens", () =>
    Effect.gen(function*() {
      const gate = yield* Effect.makeLatch()
      const reached = yield* Deferred.make<void>()
      const model = yield* build([
        ScriptedModel.text(["one ", Deferred.succeed(reached, undefined), gate.await, "two"])
      ])
      const received = yield* Queue.unbounded<unknown>()
      const reader = yield* say(model, "hi").pipe(
        Effect.flatMap((answer) => Stream.runForEach(deltas(answer), (delta) => Queue.offer(received, delta))),
        Effect.fork
      )
      assert.strictEqual(yield* Queue.take(received), "one ")
      yield* Deferred.await(reached)
      assert.isTrue(yield* Queue.isEmpty(received))
      yield* gate.open
      assert.strictEqual(yield* Queue.take(received), "two")
      yield* Fiber.join(reader)
    }))

  it.scoped("pause between deltas in real time, whatever the test's clock says", () =>
    Effect.gen(function*() {
      const model = yield* build([ScriptedModel.text(["a", "b", "c"], { delay: "1 millis" })])
      assert.deepStrictEqual(yield* Effect.flatMap(say(model, "hi"), allDeltas), ["a", "b", "c"])
    }))

  it.scoped("fail as a whole or after deltas", () =>
    Effect.gen(function*() {
      const overloaded = ScriptedModel.fail({ code: "server_is_overloaded", message: "busy" })
      const model = yield* build([overloaded, ScriptedModel.text(["par", overloaded, "tial"])])
      const whole = yield* Effect.flatMap(say(model, "hi"), allEvents)
      assert.deepStrictEqual(typesOf(whole), ["response.created", "response.failed"])
      const partial = yield* Effect.flatMap(say(model, "hi"), allEvents)
      assert.deepStrictEqual(typesOf(partial).slice(2), ["response.output_text.delta", "response.failed"])
      assert.deepStrictEqual(partial.at(-1)?.response, {
        id: "resp_1",
        error: { code: "server_is_overloaded", message: "busy" }
      })
    }))

  it.scoped("answer with an HTTP status, but not once they have begun", () =>
    Effect.gen(function*() {
      const teapot = ScriptedModel.httpError(418, { error: { message: "short and stout" } })
      const model = yield* build([teapot, ScriptedModel.reply(ScriptedModel.text("tea"), teapot)])
      const answer = yield* say(model, "hi")
      assert.strictEqual(answer.status, 418)
      assert.strictEqual(yield* Stream.mkString(answer.chunks), "{\"error\":{\"message\":\"short and stout\"}}")
      const late = yield* Effect.flatMap(say(model, "hi"), allEvents)
      assert.include(failureMessage(late), "HTTP status 418 after the reply has begun")
    }))

  it.scoped("drop the connection before any answer, or after every delta before it", () =>
    Effect.gen(function*() {
      const model = yield* build([ScriptedModel.drop, ScriptedModel.text(["one ", "two", ScriptedModel.drop, "three"])])
      const unanswered = yield* Effect.flip(say(model, "hi"))
      assert.include(unanswered.message, "socket hang up")
      const received: Array<unknown> = []
      const cut = yield* say(model, "hi").pipe(
        Effect.flatMap((answer) =>
          Stream.runForEach(deltas(answer), (delta) => Effect.sync(() => received.push(delta)))
        ),
        Effect.flip
      )
      assert.include(cut.message, "aborted")
      assert.deepStrictEqual(received, ["one ", "two"])
    }))

  it.scoped("are interrupted when the client goes away", () =>
    Effect.gen(function*() {
      const interrupted = yield* Deferred.make<void>()
      const waiting = Effect.onInterrupt(ScriptedModel.hang, () => Deferred.succeed(interrupted, undefined))
      const model = yield* build([ScriptedModel.text(["one", waiting])])
      const answer = yield* say(model, "hi")
      assert.deepStrictEqual([...(yield* Stream.runCollect(Stream.take(deltas(answer), 1)))], ["one"])
      yield* Deferred.await(interrupted)
    }))

  it.scoped("end with the layer, however long they would hang", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const model = yield* Scope.extend(
        build([ScriptedModel.hang, ScriptedModel.text(["one", ScriptedModel.hang])]),
        scope
      )
      const silent = yield* Effect.fork(Effect.flip(say(model, "silent")))
      yield* model.awaitRequest((request) => request.userText === "silent")
      const speaking = yield* say(model, "speaking")
      const first = yield* Deferred.make<unknown>()
      const spoken = yield* Stream.runForEach(deltas(speaking), (delta) => Deferred.succeed(first, delta)).pipe(
        Effect.flip,
        Effect.fork
      )
      assert.strictEqual(yield* Deferred.await(first), "one")
      const waiter = yield* Effect.fork(model.awaitRequest((request) => request.userText === "never"))
      yield* Effect.yieldNow()
      yield* Scope.close(scope, Exit.void)
      assert.include((yield* Fiber.join(silent)).message, "socket hang up")
      assert.include((yield* Fiber.join(spoken)).message, "aborted")
      assert.isTrue(Exit.isInterrupted(yield* Fiber.await(waiter)))
    }))
})

describe("ScriptedModel scripts", () => {
  it.scoped("that have ended fail the request and say so", () =>
    Effect.gen(function*() {
      const model = yield* build([ScriptedModel.text("only")])
      yield* Effect.flatMap(say(model, "first"), allEvents)
      const events = yield* Effect.flatMap(say(model, "second"), allEvents)
      assert.include(failureMessage(events), "the script ended after 1 entries. This is request 2")
      assert.include(failureMessage(events), "second")
    }))

  it.scoped("choose by the last user text, a list in order and a single entry always", () =>
    Effect.gen(function*() {
      const model = yield* build({
        hello: ScriptedModel.text("hi"),
        run: [ScriptedModel.toolCall({ name: "exec_command", arguments: {} }), ScriptedModel.text("done")]
      })
      const answers = (text: string) => Effect.flatMap(say(model, text), allDeltas)
      assert.deepStrictEqual(yield* answers("hello"), ["hi"])
      assert.deepStrictEqual(yield* answers("run"), [])
      assert.deepStrictEqual(yield* answers("hello"), ["hi"])
      assert.deepStrictEqual(yield* answers("run"), ["done"])
      assert.include(failureMessage(yield* Effect.flatMap(say(model, "run"), allEvents)), "ended after 2 entries")
      assert.include(failureMessage(yield* Effect.flatMap(say(model, "bye"), allEvents)), "knows these texts only")
    }))

  it.scoped("that are functions answer many requests at once, each by what it asks", () =>
    Effect.gen(function*() {
      const gate = yield* Effect.makeLatch()
      const model = yield* build((request) => Effect.as(gate.await, ScriptedModel.text(["to ", request.userText])))
      const texts = Array.from({ length: 50 }, (_, index) => `user ${index}`)
      const answers = yield* Effect.forEach(texts, (text) => Effect.flatMap(say(model, text), allDeltas), {
        concurrency: "unbounded"
      }).pipe(Effect.fork)
      yield* Effect.forEach(texts, (text) => model.awaitRequest((request) => request.userText === text))
      yield* gate.open
      assert.deepStrictEqual(yield* Fiber.join(answers), texts.map((text) => ["to ", text]))
    }))

  it.scoped("that throw fail the request with the cause", () =>
    Effect.gen(function*() {
      const model = yield* build((request) => {
        throw new Error(`no idea about ${request.userText}`)
      })
      const events = yield* Effect.flatMap(say(model, "fish"), allEvents)
      assert.include(failureMessage(events), "no idea about fish")
    }))

  it.scoped("may echo, word by word", () =>
    Effect.gen(function*() {
      const model = yield* Effect.map(
        Layer.build(ScriptedModel.layerEcho),
        Context.get(ScriptedModel.ScriptedModel)
      )
      assert.deepStrictEqual(yield* Effect.flatMap(say(model, "a b"), allDeltas), ["You ", "said: ", "a ", "b"])
    }))
})

describe("ScriptedModel requests", () => {
  it.scoped("are decoded: who asks, the last user text, what the tools answered, the tools on offer", () =>
    Effect.gen(function*() {
      const model = yield* build(ScriptedModel.echo)
      const input = [
        userMessage("before"),
        toolOutput("call_old", "old"),
        {
          type: "message",
          role: "user",
          content: [{ type: "input_text", text: "a" }, { type: "input_text", text: "b" }]
        },
        { type: "something_new" },
        toolOutput("call_1", "hi")
      ]
      yield* Effect.flatMap(open(model, input), allEvents)
      const request = yield* model.awaitRequest()
      assert.deepInclude(request, {
        index: 0,
        model: "scripted-model",
        threadId: "thread-1",
        turnId: "turn-1",
        userText: "a\nb",
        toolOutputs: [{ callId: "call_1", text: "hi" }],
        tools: ["exec_command", "agents.spawn_agent", "web_search"],
        input
      })
    }))

  it.scoped("are kept up to the bound, the latest ones", () =>
    Effect.gen(function*() {
      const model = yield* build(ScriptedModel.echo, { maxRequests: 2 })
      yield* Effect.forEach(["a", "b", "c"], (text) => Effect.flatMap(say(model, text), allEvents))
      assert.deepStrictEqual((yield* model.requests).map((request) => request.userText), ["b", "c"])
    }))

  it.scoped("wake whoever awaits them", () =>
    Effect.gen(function*() {
      const model = yield* build(ScriptedModel.echo)
      const awaited = yield* Effect.fork(model.awaitRequest((request) => request.userText === "b"))
      yield* Effect.yieldNow()
      yield* Effect.forEach(["a", "b"], (text) => Effect.flatMap(say(model, text), allEvents))
      assert.strictEqual((yield* Fiber.join(awaited)).index, 1)
    }))

  it.scoped("that the model does not serve, or cannot read, are answered so and not recorded", () =>
    Effect.gen(function*() {
      const model = yield* build([])
      assert.strictEqual((yield* open(model, [], "/models")).status, 404)
      const unreadable = yield* Effect.promise(() =>
        fetch(`${model.baseUrl}/responses`, { method: "POST", body: "{", headers: { connection: "close" } })
      )
      assert.strictEqual(unreadable.status, 400)
      assert.include(yield* Effect.promise(() => unreadable.text()), "cannot read this request")
      assert.deepStrictEqual(yield* model.requests, [])
    }))
})

describe("ScriptedModel.codexConfig", () => {
  it("merges overrides into its tables and quotes what needs it", () => {
    const config = ScriptedModel.codexConfig({
      baseUrl: "http://127.0.0.1:1/v1",
      overrides: {
        model: "other \"one\"",
        features: { default_mode_request_user_input: true },
        mcp_servers: { "my server": { command: "node", args: ["a", "b"], env: { KEY: "v" } } }
      }
    })
    assert.deepStrictEqual(config.split("\n"), [
      "model = \"other \\\"one\\\"\"",
      "model_provider = \"scripted\"",
      "model_providers.scripted.name = \"scripted\"",
      "model_providers.scripted.base_url = \"http://127.0.0.1:1/v1\"",
      "model_providers.scripted.wire_api = \"responses\"",
      "model_providers.scripted.request_max_retries = 0",
      "model_providers.scripted.stream_max_retries = 0",
      "features.plugins = false",
      "features.shell_snapshot = false",
      "features.default_mode_request_user_input = true",
      "mcp_servers.\"my server\".command = \"node\"",
      "mcp_servers.\"my server\".args = [\"a\", \"b\"]",
      "mcp_servers.\"my server\".env.KEY = \"v\"",
      ""
    ])
  })
})
