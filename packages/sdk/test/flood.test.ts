import type { TurnEvent } from "@effect-codex/sdk/TurnEvent"
import { assert, describe } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as v8 from "node:v8"
import * as vm from "node:vm"
import { type Env, promise, settle } from "./support/env.js"
import { agentMessage } from "./support/talk.js"
import { running } from "./support/turns.js"

v8.setFlagsFromString("--expose-gc")
const collectGarbage: unknown = vm.runInNewContext("gc")

const heapUsed = (): number => {
  assert(typeof collectGarbage === "function")
  collectGarbage()
  return process.memoryUsage().heapUsed
}

const megabytes = 1024 * 1024
const items = 10
const batches = 25
const batchSize = 4_000
const total = items * batches * batchSize

const word = (i: number) => `${i} `

const deltaFrame = (item: number, i: number) =>
  JSON.stringify({
    method: "item/agentMessage/delta",
    params: { threadId: "thread-1", turnId: "turn-1", itemId: `item-${item}`, delta: word(i) }
  })

/** A million deltas in ten items, each batch in one chunk; `afterBatch` is run after each. */
const flood = (env: Env, afterBatch: Effect.Effect<void>) =>
  Effect.gen(function*() {
    let i = 0
    for (let item = 0; item < items; item++) {
      yield* env.server.notify("item/started", {
        threadId: "thread-1",
        turnId: "turn-1",
        item: agentMessage(`item-${item}`, ""),
        startedAtMs: 1
      })
      for (let batch = 0; batch < batches; batch++) {
        const first = i
        yield* env.server.sendFrames(Array.from({ length: batchSize }, (_, n) => deltaFrame(item, first + n)))
        i += batchSize
        yield* afterBatch
      }
      yield* env.say.item("turn-1", agentMessage(`item-${item}`, ""))
    }
    yield* env.say.completed("turn-1")
  })

/** What a reader saw: the events but for deltas, and the text of each item's deltas between them. */
const digest = (events: ReadonlyArray<TurnEvent>) => {
  const lines: Array<string> = []
  const texts = new Map<string, Array<string>>()
  for (const event of events) {
    if (event._tag === "ItemAgentMessageDelta") {
      const parts = texts.get(event.itemId)
      if (parts === undefined) {
        texts.set(event.itemId, [event.delta])
        lines.push(`deltas of ${event.itemId}`)
      } else {
        parts.push(event.delta)
      }
    } else {
      lines.push(event._tag)
    }
  }
  return { lines, text: Array.from(texts.values(), (parts) => parts.join("")).join("") }
}

describe("a flood of a million deltas while a reader sleeps", () => {
  promise(
    "fits in bounded memory, others see no difference, and the sleeper gets every character and event",
    (env) =>
      Effect.gen(function*() {
        const turn = yield* running(env, "turn-1")
        const other = yield* running(env, "turn-2", { thread: env.codex.thread("thread-2") })
        const gate = yield* Effect.makeLatch()
        const sleeping = yield* turn.events.pipe(
          Stream.mapEffect((event) => Effect.as(gate.await, event)),
          Stream.runCollect,
          Effect.fork
        )
        let count = 0
        const fast = yield* turn.textDeltas.pipe(Stream.runForEach(() => Effect.sync(() => count++)), Effect.fork)
        let heard = 0
        const neighbour = yield* other.textDeltas.pipe(
          Stream.runForEach(() => Effect.sync(() => heard++)),
          Effect.fork
        )
        yield* settle

        const baseline = heapUsed()
        let highest = 0
        let batch = 0
        yield* flood(
          env,
          Effect.gen(function*() {
            yield* env.say.delta("turn-2", "word", "item-1", "thread-2")
            yield* settle
            batch++
            // Each has read all that there was, at its own pace.
            assert.deepStrictEqual([count, heard], [batch * batchSize, batch])
            if (batch % 50 === 0) {
              highest = Math.max(highest, heapUsed() - baseline)
            }
          })
        )
        assert.isBelow(highest / megabytes, 64)
        yield* fast
        assert.strictEqual(count, total)
        yield* env.say.completed("turn-2", {}, "thread-2")
        yield* neighbour

        yield* gate.open
        const { lines, text } = digest(Chunk.toReadonlyArray(yield* sleeping))
        assert.deepStrictEqual(lines, [
          "TurnStarted",
          ...Array.from({ length: items }, (_, i) => ["ItemStarted", `deltas of item-${i}`, "ItemCompleted"]).flat(),
          "TurnCompleted"
        ])
        // Not compared by the assertion, which would print seven megabytes.
        assert.isTrue(text === Array.from({ length: total }, (_, i) => word(i)).join(""))
        const { dropped, merged } = yield* env.appServer.stats
        assert.strictEqual(dropped, 0)
        assert.isAbove(merged, total - 5_000)
      })
  )
})
