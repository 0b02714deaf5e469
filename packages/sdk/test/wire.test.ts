import { assert, describe } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { promise, settle } from "./support/env.js"

const models = { data: [], nextCursor: null }

describe("the wire", () => {
  promise(
    "skips and counts lines that are no message, and the connection lives",
    ({ appServer, server }) =>
      Effect.gen(function*() {
        const noise = [
          "",
          "Welcome to bash!",
          "{\"method\": \"turn/comp",
          "[1, 2]",
          "\"text\"",
          "null",
          "7",
          "{}",
          "{\"id\": {}, \"method\": \"item/tool/call\"}"
        ]
        yield* server.sendFrames(noise)
        assert.strictEqual((yield* appServer.stats).noise, noise.length)
        const fiber = yield* Effect.fork(appServer.request("model/list", {}))
        const { id } = yield* server.takeRequest("model/list")
        yield* server.sendFrames(["noise right before", JSON.stringify({ id, result: models }), "and after"])
        assert.deepStrictEqual(yield* fiber, models)
        assert.strictEqual((yield* appServer.stats).noise, noise.length + 2)
      })
  )

  promise(
    "does not care for members it has not heard of, nor for a `jsonrpc` one",
    ({ appServer, server }) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(appServer.request("model/list", {}))
        const { id } = yield* server.takeRequest("model/list")
        yield* server.send({ jsonrpc: "2.0", id, result: { ...models, ofTomorrow: true }, error: null, trace: {} })
        assert.deepStrictEqual<unknown>(yield* fiber, { ...models, ofTomorrow: true })
      })
  )

  promise("takes an error of whatever form for a refusal", ({ appServer, server }) =>
    Effect.gen(function*() {
      for (const error of ["just words", { message: 1 }, {}]) {
        const fiber = yield* Effect.fork(appServer.request("thread/archive", { threadId: "t" }))
        const { id } = yield* server.takeRequest("thread/archive")
        yield* server.send({ id, error })
        const failure = yield* Effect.flip(fiber)
        assert(failure._tag === "RequestFailed")
        assert.deepStrictEqual([failure.code, failure.reason], [0, "Other"])
      }
    }))

  promise("takes a message of 32 MB", ({ appServer, server, thread }) =>
    Effect.gen(function*() {
      const text = "é😀".repeat(8 * 1024 * 1024 / 3)
      const reading = yield* thread.events.pipe(Stream.take(1), Stream.runCollect, Effect.fork)
      yield* settle
      yield* server.notify("item/agentMessage/delta", {
        threadId: thread.id,
        turnId: "turn-1",
        itemId: "item-1",
        delta: text.repeat(4)
      })
      const [event] = Chunk.toReadonlyArray(yield* reading)
      assert(event?._tag === "ItemAgentMessageDelta")
      assert.strictEqual(event.delta.length, text.length * 4)
      assert.isTrue(event.delta.startsWith(text))

      const fiber = yield* Effect.fork(appServer.request("thread/loaded/list", {}))
      const { id } = yield* server.takeRequest("thread/loaded/list")
      yield* server.respond(id, { data: [text], nextCursor: null })
      assert.strictEqual((yield* fiber).data[0], text)
    }))
})
