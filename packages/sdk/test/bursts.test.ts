import type { TurnEvent } from "@effect-codex/sdk/TurnEvent"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Env, promise, settle } from "./support/env.js"
import { agentMessage } from "./support/talk.js"
import { running } from "./support/turns.js"

const frame = (params: object) => JSON.stringify({ method: "item/agentMessage/delta", params })

const delta = (word: string, turn = 1) =>
  frame({ threadId: `thread-${turn}`, turnId: `turn-${turn}`, itemId: "item-1", delta: word })

/** All that microtasks do, and nothing that has to wait for input to have been read. */
const microtasks = Effect.promise(async () => {
  for (let i = 0; i < 100; i++) {
    await Promise.resolve()
  }
})

const completed = (env: Env, count: number) =>
  Effect.forEach(
    Array.from({ length: count }, (_, i) => i + 1),
    (i) => env.say.completed(`turn-${i}`, {}, `thread-${i}`)
  )

/** The sizes of what a reader gets at once. */
const helpings = (env: Env, turnId: string, on: string) =>
  Effect.gen(function*() {
    const turn = yield* running(env, turnId, { thread: env.codex.thread(on) })
    const sizes: Array<number> = []
    yield* turn.textDeltas.pipe(
      Stream.runForEachChunk((chunk) => Effect.sync(() => sizes.push(chunk.length))),
      Effect.forkScoped
    )
    yield* settle
    return sizes
  })

describe("readers are woken", () => {
  promise("once for all that came in a burst of many messages", (env) =>
    Effect.gen(function*() {
      const readers = yield* Effect.forEach([1, 2, 3], (i) => helpings(env, `turn-${i}`, `thread-${i}`))
      for (let burst = 0; burst < 5; burst++) {
        yield* env.server.sendFrames(Array.from({ length: 36 }, (_, i) => delta("x", i % 3 + 1)))
        yield* microtasks
      }
      assert.deepStrictEqual(readers, [[], [], []])
      yield* settle
      assert.deepStrictEqual(readers, [[60], [60], [60]])
      yield* completed(env, 3)
    }))

  promise("in the middle of a burst where much waits for them", (env) =>
    Effect.gen(function*() {
      const sizes = yield* helpings(env, "turn-1", "thread-1")
      yield* env.server.sendFrames(Array.from({ length: 64 }, () => delta("x")))
      yield* microtasks
      assert.deepStrictEqual(sizes, [64])
      yield* completed(env, 1)
    }))

  promise("at once by a message that comes alone", (env) =>
    Effect.gen(function*() {
      const sizes = yield* helpings(env, "turn-1", "thread-1")
      yield* env.server.sendFrames([delta("x")])
      yield* microtasks
      assert.deepStrictEqual(sizes, [1])
      yield* completed(env, 1)
    }))
})

const reasoning = (turn: number, contentIndex: unknown) =>
  JSON.stringify({
    method: "item/reasoning/textDelta",
    params: { threadId: `thread-${turn}`, turnId: `turn-${turn}`, itemId: "item-2", contentIndex, delta: "hm" }
  })

const oddities = (turn: number) => {
  const ids = { threadId: `thread-${turn}`, turnId: `turn-${turn}`, itemId: "item-1" }
  return [
    frame({ ...ids, delta: "as ever" }),
    frame({ ...ids, delta: "more", addedLater: [1, { a: 2 }] }),
    frame({ ...ids, delta: 7 }),
    frame({ ...ids, itemId: undefined, delta: "of no item" }),
    frame({ ...ids, threadId: "thread-8", delta: "on another thread" }),
    frame({ ...ids, turnId: "turn-9", delta: "of another turn" }),
    frame({ ...ids, delta: "tagged", _tag: "TurnCompleted" }),
    reasoning(turn, 0),
    reasoning(turn, "0")
  ]
}

const told = (event: TurnEvent) =>
  event._tag === "Undecodable" ? [event._tag, event.method, event.params, event.issue.message] : event

/** What the reader of a turn and its result say of these frames, whatever its number is. */
const witness = (env: Env, n: number) =>
  Effect.gen(function*() {
    const [on, turnId] = [`thread-${n}`, `turn-${n}`]
    const turn = yield* running(env, turnId, { thread: env.codex.thread(on) })
    const events: Array<TurnEvent> = []
    yield* turn.events.pipe(Stream.runForEach((event) => Effect.sync(() => events.push(event))), Effect.forkScoped)
    yield* env.server.notify("item/started", {
      threadId: on,
      turnId,
      item: agentMessage("item-1", ""),
      startedAtMs: 1
    })
    yield* env.server.sendFrames(oddities(n))
    yield* env.say.completed(turnId, {}, on)
    const { unfinished } = yield* turn.result
    yield* settle
    const said = JSON.stringify({ unfinished, events: events.map(told) })
    return {
      tags: events.map(({ _tag }) => _tag),
      said: JSON.parse(said.replaceAll(turnId, "turn").replaceAll(on, "thread")) as unknown
    }
  })

describe("what the reader of a turn is told of deltas", () => {
  promise("is all that came under its id, and does not depend on who else listens", (env) =>
    Effect.gen(function*() {
      const alone = yield* witness(env, 1)
      assert.deepStrictEqual(alone.tags, [
        "TurnStarted",
        "ItemStarted",
        "ItemAgentMessageDelta",
        "ItemAgentMessageDelta",
        "Undecodable",
        "Undecodable",
        "ItemAgentMessageDelta",
        "ItemAgentMessageDelta",
        "ItemReasoningTextDelta",
        "Undecodable",
        "TurnCompleted"
      ])
      assert.strictEqual((yield* env.appServer.stats).undecodable, 3)
      yield* env.appServer.events.pipe(Stream.runDrain, Effect.ignore, Effect.forkScoped)
      yield* settle
      assert.deepStrictEqual(yield* witness(env, 2), alone)
    }))
})
