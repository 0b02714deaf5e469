import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Env, promise, settle } from "./support/env.js"
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
      yield* env.server.sendFrames(Array.from({ length: 256 }, () => delta("x")))
      yield* microtasks
      assert.deepStrictEqual(sizes, [256])
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
