import * as Codex from "@effect-codex/sdk/Codex"
import type { TurnEvent } from "@effect-codex/sdk/TurnEvent"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { assertIdle, codexTest } from "./harness.js"

const turns = 32

const answer = (userText: string) => Array.from({ length: 20 }, (_, index) => `${userText}/${index} `)

const turnIdOf = (event: TurnEvent) => "turnId" in event ? event.turnId : "turn" in event ? event.turn.id : undefined

/** The steps that the events of one item went through, in order, equal ones next to each other taken as one. */
const lifeOf = (events: ReadonlyArray<TurnEvent>, itemId: string) =>
  events.flatMap((event) =>
    (event._tag === "ItemStarted" || event._tag === "ItemCompleted") && "id" in event.item && event.item.id === itemId
      ? [event._tag]
      : event._tag === "ItemAgentMessageDelta" && event.itemId === itemId
      ? [event._tag]
      : []
  ).filter((tag, index, tags) => tag !== tags[index - 1])

layer(codexTest({ script: (request) => ScriptedModel.text(answer(request.userText)) }), {
  excludeTestServices: true
})("32 turns at once", (it) => {
  it.effect("each receive exactly their own events, in order", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const texts = Array.from({ length: turns }, (_, index) => `user ${index}`)
      const threads = yield* Effect.forEach(texts, () => codex.startThread(), { concurrency: "unbounded" })
      assert.strictEqual(new Set(threads.map(({ id }) => id)).size, turns)
      const streams = yield* Effect.forEach(
        threads,
        (thread, index) => Stream.runCollect(thread.stream(texts[index] ?? "")),
        { concurrency: "unbounded" }
      )
      streams.forEach((chunk, index) => {
        const events = Array.from(chunk)
        const text = texts[index] ?? ""
        const [first] = events
        const last = events.at(-1)
        assert.isTrue(first?._tag === "TurnStarted" && last?._tag === "TurnCompleted")
        const turnId = first?._tag === "TurnStarted" ? first.turn.id : ""
        for (const event of events) {
          assert.strictEqual(turnIdOf(event), turnId, event._tag)
          assert.strictEqual("threadId" in event ? event.threadId : undefined, threads[index]?.id, event._tag)
        }
        assert.strictEqual(
          events.flatMap((event) => event._tag === "ItemAgentMessageDelta" ? [event.delta] : []).join(""),
          answer(text).join("")
        )
        const messages = events.flatMap((event) =>
          event._tag === "ItemCompleted" && event.item.type === "agentMessage" ? [event.item] : []
        )
        assert.deepStrictEqual(messages.map((item) => item.text), [answer(text).join("")])
        for (const { id } of messages) {
          assert.deepStrictEqual(lifeOf(events, id), ["ItemStarted", "ItemAgentMessageDelta", "ItemCompleted"])
        }
      })
      const ids = streams.map((events) => Array.from(events, turnIdOf)[0])
      assert.strictEqual(new Set(ids).size, turns)
      yield* assertIdle
    }))

  it.effect("each have a result of their own", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const texts = Array.from({ length: turns }, (_, index) => `again ${index}`)
      const results = yield* Effect.forEach(
        texts,
        (text) => Effect.flatMap(codex.startThread(), (thread) => thread.run(text)),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(
        results.map(({ finalResponse }) => finalResponse),
        texts.map((text) => answer(text).join(""))
      )
      yield* assertIdle
    }))
})
