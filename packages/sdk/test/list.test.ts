import { assert, describe } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { type Env, promise, settle } from "./support/env.js"
import { threadId, turn } from "./support/talk.js"

const page = (
  { server }: Env,
  cursor: string | null,
  answer: { readonly data: ReadonlyArray<string>; readonly nextCursor?: string | null }
) =>
  Effect.gen(function*() {
    const { id, params } = yield* server.takeRequest("thread/loaded/list")
    assert.deepStrictEqual(params, { limit: 2, cursor })
    yield* server.respond(id, answer)
  })

describe("a list", () => {
  promise(
    "asks for a page only when the one before has been read, and for none after the last",
    (env) =>
      Effect.gen(function*() {
        const { appServer: { list }, server } = env
        const gate = yield* Effect.makeLatch()
        const reading = yield* list("thread/loaded/list", { limit: 2 }).pipe(
          Stream.tap((id) => id === "b" ? gate.await : Effect.void),
          Stream.runCollect,
          Effect.fork
        )
        yield* page(env, null, { data: ["a", "b"], nextCursor: "next" })
        yield* settle
        assert.deepStrictEqual(yield* server.takeAll, [])
        yield* gate.open
        yield* page(env, "next", { data: ["c"], nextCursor: null })
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* reading), ["a", "b", "c"])
        assert.deepStrictEqual(yield* server.takeAll, [])
      })
  )

  promise("asks for no page that nobody reads", (env) =>
    Effect.gen(function*() {
      const reading = yield* Effect.fork(
        Stream.runHead(env.appServer.list("thread/loaded/list", { limit: 2 }))
      )
      yield* page(env, null, { data: ["a"], nextCursor: "next" })
      yield* reading
      assert.deepStrictEqual(yield* env.server.takeAll, [])
    }))

  promise("ends where the cursor does not move", (env) =>
    Effect.gen(function*() {
      const reading = yield* Effect.fork(
        Stream.runCollect(env.appServer.list("thread/loaded/list", { limit: 2 }))
      )
      yield* page(env, null, { data: ["a"], nextCursor: "next" })
      yield* page(env, "next", { data: ["b"], nextCursor: "next" })
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* reading), ["a", "b"])
      assert.deepStrictEqual(yield* env.server.takeAll, [])
    }))

  promise("ends where its cursors go round in a circle", (env) =>
    Effect.gen(function*() {
      const { appServer: { list }, server } = env
      const reading = yield* Effect.fork(Stream.runCount(list("thread/loaded/list")))
      yield* Effect.forkScoped(Effect.forever(Effect.gen(function*() {
        const { id, params } = yield* server.takeRequest("thread/loaded/list")
        const at = Number(params?.cursor ?? 0)
        yield* server.respond(id, { data: ["a"], nextCursor: String(at === 7 ? 3 : at + 1) })
      })))
      assert.isAtLeast(yield* reading, 8)
    }))

  promise("goes on after a page that is empty", (env) =>
    Effect.gen(function*() {
      const reading = yield* Effect.fork(
        Stream.runCollect(env.appServer.list("thread/loaded/list", { limit: 2 }))
      )
      yield* page(env, null, { data: [], nextCursor: "next" })
      yield* page(env, "next", { data: ["a"], nextCursor: null })
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* reading), ["a"])
    }))

  promise("begins where the params point, in whatever form", ({ server, thread }) =>
    Effect.gen(function*() {
      const cursor = { type: "item", itemId: "item-1" } as const
      const reading = yield* Effect.fork(Stream.runCollect(thread.items({ cursor })))
      const { id, params } = yield* server.takeRequest("thread/items/list")
      assert.deepStrictEqual(params, { threadId, cursor })
      yield* server.respond(id, { data: [], nextCursor: null })
      assert.isTrue(Chunk.isEmpty(yield* reading))
    }))

  promise("fails with the page that fails, after what came before it", ({ server, thread }) =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const reading = yield* thread.turns().pipe(
        Stream.runForEach(({ id }) => Effect.sync(() => seen.push(id))),
        Effect.flip,
        Effect.fork
      )
      const first = yield* server.takeRequest("thread/turns/list")
      yield* server.respond(first.id, { data: [turn("turn-1")], nextCursor: "next" })
      const second = yield* server.takeRequest("thread/turns/list")
      yield* server.fail(second.id, { code: -32600, message: "the cursor is stale" })
      assert.strictEqual((yield* Fiber.join(reading))._tag, "RequestFailed")
      assert.deepStrictEqual(seen, ["turn-1"])
    }))

  promise("waits for each page as long as its options say", ({ appServer, server }) =>
    Effect.gen(function*() {
      const reading = yield* Effect.fork(
        Effect.flip(Stream.runDrain(appServer.list("thread/loaded/list", {}, { timeout: "1 second" })))
      )
      yield* server.takeRequest("thread/loaded/list")
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(reading))._tag, "RequestTimeout")
    }))
})
