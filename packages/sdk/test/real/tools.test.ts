import * as Codex from "@effect-codex/sdk/Codex"
import type { Thread } from "@effect-codex/sdk/Thread"
import * as Tool from "@effect-codex/sdk/Tool"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { assertIdle, codexTestExperimental, home, startExperimental } from "./harness.js"
import { from, promises } from "./releases.js"

class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { id: Schema.Int }) {
  override get message() {
    return `There is no ticket ${this.id}.`
  }
}

const ticket = Tool.make("ticket", {
  description: "Looks up a ticket by its number.",
  parameters: Schema.Struct({ id: Schema.Int }),
  success: Schema.Struct({ title: Schema.String, opened: Schema.Date }),
  handler: ({ id }) =>
    id === 1
      ? Effect.succeed({ title: "It rains in", opened: new Date(0) })
      : id === 13
      ? Effect.dieMessage("the secret")
      : new NotFound({ id })
})

const found = `{"title":"It rains in","opened":"1970-01-01T00:00:00.000Z"}`

const call = (input: { readonly [name: string]: unknown }, namespace?: string) =>
  ScriptedModel.toolCall({ name: "ticket", arguments: input, namespace })

/** What a model would do: it calls again where it is told that its input does not fit. */
const script = ({ body, toolOutputs, tools, userText }: ScriptedModel.ModelRequest) => {
  const last = toolOutputs.at(-1)?.text
  if (last === undefined) {
    switch (userText) {
      case "of a namespace":
        return call({ id: 1 }, "desk")
      case "a picture":
        return ScriptedModel.toolCall({ name: "picture", arguments: {} })
      case "two at once":
        return ScriptedModel.reply(
          ScriptedModel.toolCall({ name: "meet", arguments: { who: "a" } }),
          ScriptedModel.toolCall({ name: "meet", arguments: { who: "b" } })
        )
      case "wait":
        return ScriptedModel.toolCall({ name: "hang", arguments: {} })
      case "which tools":
        return ScriptedModel.text(tools.filter((tool) => tool.includes("ticket")).join(", "))
      default:
        return call({ id: userText.endsWith("one") ? "one" : Number(userText.split(" ").at(-1)) })
    }
  }
  return last.includes("do not fit")
    ? call({ id: 1 })
    : ScriptedModel.text(
      userText === "a picture" ? JSON.stringify(body) : toolOutputs.map(({ text }) => text).join(" & ")
    )
}

const outcomes = (thread: Thread, text: string) =>
  Effect.map(thread.run(text), ({ finalResponse, items }) => ({
    finalResponse,
    calls: items.flatMap((item) => item.type === "dynamicToolCall" ? [[item.tool, item.success, item.status]] : [])
  }))

layer(codexTestExperimental({ script }), { excludeTestServices: true })("a tool of a thread", (it) => {
  it.effect("is called with its parameters decoded, and the model hears its result encoded", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const thread = yield* codex.startThread({ tools: [ticket] })
      assert.deepStrictEqual(yield* outcomes(thread, "ticket 1"), {
        finalResponse: found,
        calls: [["ticket", true, "completed"]]
      })
      yield* assertIdle
    }))

  it.effect("that is called with what does not fit tells the model, which can call it again", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const thread = yield* codex.startThread({ tools: [ticket] })
      const { calls, finalResponse } = yield* outcomes(thread, "ticket one")
      assert.include(finalResponse, "- id: Expected number, actual \"one\"")
      assert.include(finalResponse, found)
      assert.deepStrictEqual(calls, [["ticket", false, "failed"], ["ticket", true, "completed"]])
      yield* assertIdle
    }))

  it.effect("that fails is unsuccessful with its message, and one that dies without its reasons", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const thread = yield* codex.startThread({ tools: [ticket] })
      const calls = [["ticket", false, "failed"]]
      assert.deepStrictEqual(yield* outcomes(thread, "ticket 2"), { finalResponse: "There is no ticket 2.", calls })
      const died = yield* outcomes(thread, "ticket 13")
      assert.deepStrictEqual(died.calls, calls)
      assert.notInclude(died.finalResponse, "secret")
      yield* assertIdle
    }))

  from(promises.toolNamespaces, it.effect)("is found in its namespace", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const thread = yield* codex.startThread({
        tools: [Tool.namespace("desk", { description: "The help desk.", tools: [ticket] })]
      })
      assert.strictEqual((yield* thread.run("which tools")).finalResponse, "desk.ticket")
      assert.strictEqual((yield* thread.run("of a namespace")).finalResponse, found)
      yield* assertIdle
    }))

  it.effect("can show the model a picture", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const url =
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
      const picture = Tool.make("picture", {
        description: "Shows a picture.",
        handler: () => Effect.succeed(["Here it is:", Tool.image(url)])
      })
      const thread = yield* codex.startThread({ tools: [picture] })
      const { finalResponse } = yield* thread.run("a picture")
      assert.include(finalResponse, "Here it is:")
      assert.include(finalResponse, url)
      yield* assertIdle
    }))

  from(promises.toolsAtOnce, it.effect)(
    "runs once for each call of a reply, all at the same time",
    () =>
      Effect.gen(function*() {
        const codex = yield* Codex.Codex
        const both = yield* Effect.makeLatch()
        let present = 0
        const meet = Tool.make("meet", {
          description: "Waits for the other one.",
          parameters: Schema.Struct({ who: Schema.String }),
          handler: ({ who }) =>
            Effect.suspend(() => ++present === 2 ? both.open : both.await).pipe(
              // An older server asks one after the other, and the first would wait for ever.
              Effect.timeoutFail({ duration: "5 seconds", onTimeout: () => `${who} was alone` }),
              Effect.as(`${who} met`)
            )
        })
        const thread = yield* codex.startThread({ tools: [meet] })
        assert.strictEqual((yield* thread.run("two at once")).finalResponse, "a met & b met")
        yield* assertIdle
      })
  )

  it.effect("is interrupted with its turn", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const called = yield* Effect.makeLatch()
      const interrupted = yield* Effect.makeLatch()
      const hang = Tool.make("hang", {
        description: "Hangs.",
        handler: (_, { callId }) =>
          called.open.pipe(
            Effect.zipRight(Effect.never),
            Effect.onInterrupt(() => interrupted.open),
            Effect.as(callId)
          )
      })
      const thread = yield* codex.startThread({ tools: [hang] })
      const { status } = yield* Effect.scoped(Effect.gen(function*() {
        const turn = yield* thread.startTurn("wait")
        yield* called.await
        return yield* turn.interrupt
      }))
      assert.strictEqual(status, "interrupted")
      yield* interrupted.await
      yield* assertIdle
    }))

  it.effect("has the id of its item for its call", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const calls: Array<Tool.Call> = []
      const told = Tool.make("ticket", {
        description: "d",
        parameters: Schema.Struct({ id: Schema.Int }),
        handler: (_, call) => Effect.sync(() => `${calls.push(call)}`)
      })
      const thread = yield* codex.startThread({ tools: [told] })
      yield* Effect.scoped(Effect.gen(function*() {
        const turn = yield* thread.startTurn("ticket 1")
        const items = yield* Effect.fork(Stream.runCollect(turn.items))
        const callIds = Array.from(yield* Fiber.join(items)).flatMap((item) =>
          item.type === "dynamicToolCall" ? [item.id] : []
        )
        assert.deepStrictEqual(
          calls.map((call) => [call.callId, call.threadId, call.turnId, call.arguments]),
          callIds.map((callId) => [callId, thread.id, turn.id, { id: 1 }])
        )
        assert.lengthOf(calls, 1)
      }))
      yield* assertIdle
    }))
})

describe("a thread that was started with tools", () => {
  it.scopedLive("keeps them on the server, and whoever resumes or forks it with them answers their calls", () =>
    Effect.gen(function*() {
      const use = <A, E, R>(self: Effect.Effect<A, E, R>) =>
        Effect.scoped(Effect.flatMap(startExperimental(), (context) => Effect.provide(self, context)))
      const threadId = yield* use(Effect.gen(function*() {
        const codex = yield* Codex.Codex
        const thread = yield* codex.startThread({ tools: [ticket] })
        yield* thread.run("which tools")
        return thread.id
      }))
      yield* use(Effect.gen(function*() {
        const codex = yield* Codex.Codex
        const resumed = yield* codex.resumeThread(threadId)
        assert.strictEqual((yield* resumed.run("ticket 1")).finalResponse, "This client does not provide the tool.")
        const answered = yield* codex.resumeThread(threadId, { tools: [ticket] })
        assert.strictEqual((yield* answered.run("ticket 1")).finalResponse, found)
        const forked = yield* codex.forkThread(threadId, { tools: [ticket] })
        assert.strictEqual((yield* forked.run("ticket 1")).finalResponse, found)
        yield* assertIdle
      }))
    }).pipe(Effect.provide(home(script))))
})
