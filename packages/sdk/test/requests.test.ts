import * as Retry from "@effect-codex/sdk/Retry"
import * as Transport from "@effect-codex/sdk/Transport"
import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { promise, settle } from "./support/env.js"

const overloaded = { code: -32001, message: "Server overloaded; retry later." }

const models = { data: [], nextCursor: null }

describe("a request", () => {
  promise("gets its own answer, in whatever order answers come", ({ appServer, server }) =>
    Effect.gen(function*() {
      const names = ["a", "b", "c"]
      const fibers = yield* Effect.forEach(names, (name) =>
        Effect.fork(appServer.request("thread/loaded/list", { cursor: name })))
      const requests = yield* Effect.forEach(names, () =>
        server.takeRequest("thread/loaded/list"))
      assert.strictEqual(new Set(requests.map(({ id }) => id)).size, names.length)
      for (const { id, params } of [...requests].reverse()) {
        yield* server.respond(id, { data: [params?.cursor], nextCursor: null })
      }
      const results = yield* Effect.forEach(fibers, Fiber.join)
      assert.deepStrictEqual(results.map(({ data }) => data[0]), names)
    }))

  promise("is not mixed up with ids that nobody has used", ({ appServer, server }) =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(appServer.request("model/list", {}))
      const { id } = yield* server.takeRequest("model/list")
      yield* server.respond(id + 1, models)
      yield* server.send({ id: String(id), result: models })
      yield* server.send({ id: null, result: models })
      yield* server.fail(id + 2, { code: -32603, message: "what" })
      yield* settle
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      assert.strictEqual((yield* appServer.stats).lateAnswers, 4)
      yield* server.respond(id, models)
      assert.deepStrictEqual(yield* fiber, models)
    }))

  promise("fails with RequestTimeout after 60 seconds, and its late answer is dropped and counted", ({
    appServer,
    server
  }) =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(appServer.request("model/list", {}))
      const { id } = yield* server.takeRequest("model/list")
      yield* TestClock.adjust(Duration.millis(59_999))
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      yield* TestClock.adjust(Duration.millis(1))
      const error = yield* Effect.flip(fiber)
      assert(error._tag === "RequestTimeout")
      assert.strictEqual(error.method, "model/list")
      assert.strictEqual(Duration.toMillis(error.timeout), 60_000)
      yield* server.respond(id, models)
      assert.strictEqual((yield* appServer.stats).lateAnswers, 1)
    }))

  promise("is refused unsent with TooManyRequests where too many wait, until one of them is over", ({
    appServer,
    server
  }) =>
    Effect.gen(function*() {
      const ask = appServer.request("model/list", {})
      const fibers = yield* Effect.forEach([1, 2], () => Effect.fork(ask))
      const { id } = yield* server.takeRequest("model/list")
      yield* server.takeRequest("model/list")
      const refusal = yield* Effect.flip(ask)
      assert(refusal._tag === "TooManyRequests")
      assert.deepStrictEqual([refusal.method, refusal.maxPendingRequests], ["model/list", 2])
      assert.deepStrictEqual(yield* server.takeAll, [])

      yield* server.respond(id, models)
      yield* settle
      const last = yield* Effect.fork(ask)
      yield* server.takeRequest("model/list")
      yield* Fiber.interruptAll([...fibers, last])
    }), { config: { maxPendingRequests: 2 } })

  promise("is one at least, whatever bound is configured", ({ appServer, server }) =>
    Effect.gen(function*() {
      const asked = yield* Effect.fork(appServer.request("model/list", {}))
      const { id } = yield* server.takeRequest("model/list")
      assert.strictEqual((yield* Effect.flip(appServer.request("model/list", {})))._tag, "TooManyRequests")
      yield* server.respond(id, models)
      yield* asked
    }), { config: { maxPendingRequests: Number.NaN } })

  promise("takes a deadline of its own", ({ appServer, server }) =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(appServer.request("model/list", {}, { timeout: "2 minutes" }))
      yield* server.takeRequest("model/list")
      yield* TestClock.adjust(Duration.millis(119_999))
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      yield* TestClock.adjust(Duration.millis(1))
      assert.strictEqual((yield* Effect.flip(fiber))._tag, "RequestTimeout")
    }))

  promise("is out of time at its own deadline, whatever else waits", ({ appServer }) =>
    Effect.gen(function*() {
      const late: Array<string> = []
      const ask = (name: string, timeout: Duration.DurationInput) =>
        Effect.fork(
          Effect.catchTag(appServer.request("model/list", {}, { timeout }), "RequestTimeout", () =>
            Effect.sync(() => late.push(name)))
        )
      yield* ask("a minute", "1 minute")
      yield* ask("two minutes", "2 minutes")
      yield* TestClock.adjust("30 seconds")
      yield* ask("a minute, from half a minute on", "1 minute")
      yield* ask("ten seconds, from half a minute on", "10 seconds")
      const answered = yield* ask("interrupted", "1 minute")
      yield* Fiber.interrupt(answered)
      const after = (seconds: number) =>
        Effect.map(TestClock.adjust(Duration.seconds(seconds)), () => late.splice(0))
      assert.deepStrictEqual(yield* after(9), [])
      assert.deepStrictEqual(yield* after(1), ["ten seconds, from half a minute on"])
      assert.deepStrictEqual(yield* after(19), [])
      assert.deepStrictEqual(yield* after(1), ["a minute"])
      assert.deepStrictEqual(yield* after(29), [])
      assert.deepStrictEqual(yield* after(1), ["a minute, from half a minute on"])
      assert.deepStrictEqual(yield* after(30), ["two minutes"])
    }))

  promise("takes the deadline of the configuration", ({ appServer, server }) =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(appServer.request("model/list", {}))
      yield* server.takeRequest("model/list")
      yield* TestClock.adjust("3 seconds")
      assert.strictEqual((yield* Effect.flip(fiber))._tag, "RequestTimeout")
    }), { config: { requestTimeout: "3 seconds" } })

  promise(
    "that is interrupted waits no more, and its answer is dropped and counted",
    ({ appServer, server }) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(appServer.request("model/list", {}))
        const { id } = yield* server.takeRequest("model/list")
        yield* Fiber.interrupt(fiber)
        assert.strictEqual((yield* appServer.stats).pendingRequests, 0)
        yield* server.respond(id, models)
        assert.strictEqual((yield* appServer.stats).lateAnswers, 1)
      })
  )

  promise(
    "that is refused fails with the server's code, words and data",
    ({ appServer, server }) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(appServer.request("thread/archive", { threadId: "t" }))
        const { id } = yield* server.takeRequest("thread/archive")
        yield* server.fail(id, { code: -32600, message: "thread not found: t", data: { why: 1 } })
        const error = yield* Effect.flip(fiber)
        assert(error._tag === "RequestFailed")
        assert.deepStrictEqual(
          { method: error.method, reason: error.reason, code: error.code, said: error.serverMessage, data: error.data },
          {
            method: "thread/archive",
            reason: "InvalidRequest",
            code: -32600,
            said: "thread not found: t",
            data: { why: 1 }
          }
        )
      })
  )

  promise(
    "whose answer makes no sense fails with UndecodableResult, which holds it",
    ({ appServer, server }) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(appServer.request("model/list", {}))
        const { id } = yield* server.takeRequest("model/list")
        yield* server.respond(id, { data: "none" })
        const error = yield* Effect.flip(fiber)
        assert(error._tag === "UndecodableResult")
        assert.deepStrictEqual(error.result, { data: "none" })
        assert.include(error.issue, "data")
      })
  )

  promise("waits while the server takes nothing in, within its deadline, and is not sent after it", ({
    appServer,
    server
  }) =>
    Effect.gen(function*() {
      yield* server.pause
      const fiber = yield* Effect.fork(appServer.request("model/list", {}))
      yield* TestClock.adjust("60 seconds")
      assert.strictEqual((yield* Effect.flip(fiber))._tag, "RequestTimeout")
      yield* server.resume
      yield* settle
      assert.deepStrictEqual(yield* server.takeAll, [])
    }))

  promise(
    "that cannot be written fails as the connection's end says",
    ({ appServer, server }) =>
      Effect.gen(function*() {
        yield* server.failSends
        const fiber = yield* Effect.fork(appServer.request("model/list", {}))
        yield* settle
        yield* server.end(Transport.end("Exited", { exitCode: 3 }))
        const error = yield* Effect.flip(fiber)
        assert(error._tag === "ConnectionClosed")
        assert.deepStrictEqual([error.reason, error.exitCode], ["Exited", 3])
      })
  )

  promise(
    "that cannot be written fails with the writing's failure when no end follows",
    ({ appServer, server }) =>
      Effect.gen(function*() {
        yield* server.failSends
        const fiber = yield* Effect.fork(appServer.request("model/list", {}))
        yield* TestClock.adjust("2 seconds")
        const error = yield* Effect.flip(fiber)
        assert(error._tag === "ConnectionClosed")
        assert.strictEqual(error.reason, "Failed")
      })
  )
})

describe("an overloaded server", () => {
  promise("is asked again for what only reads, with growing pauses", ({ appServer, server }) =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(appServer.request("model/list", {}))
      const first = yield* server.takeRequest("model/list")
      yield* server.fail(first.id, overloaded)
      // The jitter takes at most a fifth off a pause, and adds as much.
      yield* TestClock.adjust("79 millis")
      assert.deepStrictEqual(yield* server.takeAll, [])
      yield* TestClock.adjust("41 millis")
      const second = yield* server.takeRequest("model/list")
      yield* server.fail(second.id, overloaded)
      yield* TestClock.adjust("159 millis")
      assert.deepStrictEqual(yield* server.takeAll, [])
      yield* TestClock.adjust("81 millis")
      const third = yield* server.takeRequest("model/list")
      yield* server.respond(third.id, models)
      assert.deepStrictEqual(yield* fiber, models)
    }))

  promise("is asked six times at most", ({ appServer, server }) =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(appServer.request("model/list", {}))
      for (let asked = 0; asked < 6; asked++) {
        const { id } = yield* server.takeRequest("model/list")
        yield* server.fail(id, overloaded)
        yield* TestClock.adjust("4 seconds")
      }
      const error = yield* Effect.flip(fiber)
      assert(error._tag === "RequestFailed")
      assert.strictEqual(error.reason, "Overloaded")
      assert.deepStrictEqual(yield* server.takeAll, [])
    }))

  promise("is not asked again for what writes", ({ appServer, server }) =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(appServer.request("thread/archive", { threadId: "t" }))
      const { id } = yield* server.takeRequest("thread/archive")
      yield* server.fail(id, overloaded)
      assert.strictEqual((yield* Effect.flip(fiber))._tag, "RequestFailed")
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* server.takeAll, [])
    }))

  promise(
    "is asked again for what writes where Retry.overloaded says so",
    ({ appServer, server }) =>
      Effect.gen(function*() {
        const fiber = yield* appServer.request("thread/archive", { threadId: "t" }).pipe(Retry.overloaded, Effect.fork)
        const first = yield* server.takeRequest("thread/archive")
        yield* server.fail(first.id, overloaded)
        yield* TestClock.adjust("120 millis")
        const second = yield* server.takeRequest("thread/archive")
        yield* server.respond(second.id, {})
        yield* fiber
      })
  )
})
