import type { LimitedOptions } from "@effect-codex/sdk/Turn"
import { assert, describe } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { type Env, promise, settle } from "./support/env.js"
import { agentMessage, turn } from "./support/talk.js"

/** A run that the server has accepted and says to be under way. */
const running = (env: Env, options: LimitedOptions) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(env.thread.run("hi", options))
    const { id, params } = yield* env.server.takeRequest("turn/start")
    yield* env.say.accepted(id, "turn-1")
    yield* env.say.started("turn-1")
    yield* settle
    return { fiber, params }
  })

const assertNotStopped = ({ server }: Env) =>
  Effect.gen(function*() {
    yield* settle
    assert.deepStrictEqual(yield* server.takeAll, [])
  })

describe("maxDuration", () => {
  promise("is counted from when the turn is accepted, and stops it", (env) =>
    Effect.gen(function*() {
      const { say, server, thread } = env
      const fiber = yield* Effect.fork(thread.run("hi", { maxDuration: "30 seconds" }))
      const { id } = yield* server.takeRequest("turn/start")
      yield* TestClock.adjust("40 seconds")
      yield* say.accepted(id, "turn-1")
      yield* say.started("turn-1")
      yield* say.item("turn-1", agentMessage("1", "Half of it."))
      yield* TestClock.adjust("29 seconds")
      yield* assertNotStopped(env)
      yield* TestClock.adjust("1 second")
      assert.deepInclude(yield* say.interrupted, { threadId: thread.id, turnId: "turn-1" })
      const error = yield* Effect.flip(Fiber.join(fiber))
      assert(error._tag === "LimitExceeded")
      assert.strictEqual(error.limit, "maxDuration")
      assert.deepStrictEqual(error.allowed, Duration.seconds(30))
      assert.deepStrictEqual([error.threadId, error.turnId], [thread.id, "turn-1"])
      assert.deepInclude(error.partial, { status: "interrupted", items: [agentMessage("1", "Half of it.")] })
      assert.include(error.message, "`maxDuration` of 30s")
    }))
})

describe("interruptWhen", () => {
  promise(
    "stops the turn once its effect ends, and the error has what the turn had come to",
    (env) =>
      Effect.gen(function*() {
        const { say, server, thread } = env
        const stop = yield* Effect.makeLatch()
        const began = yield* Deferred.make<void>()
        const interruptWhen = Effect.zipRight(Deferred.succeed(began, undefined), stop.await)
        const fiber = yield* Effect.fork(thread.run("hi", { interruptWhen, maxItems: 9 }))
        const { id, params } = yield* server.takeRequest("turn/start")
        assert.notProperty(params, "interruptWhen")
        yield* settle
        assert.isFalse(yield* Deferred.isDone(began))
        yield* say.accepted(id, "turn-1")
        yield* Deferred.await(began)
        yield* say.started("turn-1")
        yield* say.item("turn-1", agentMessage("1", "Half of it."))
        yield* assertNotStopped(env)
        yield* stop.open
        assert.deepInclude(yield* say.interrupted, { threadId: thread.id, turnId: "turn-1" })
        const error = yield* Effect.flip(Fiber.join(fiber))
        assert(error._tag === "TurnInterrupted")
        assert.deepInclude(error.partial, { status: "interrupted", items: [agentMessage("1", "Half of it.")] })
      })
  )

  promise("leaves a turn that was joined, and one that has ended, alone", (env) =>
    Effect.gen(function*() {
      const { say, server, thread } = env
      const { fiber } = yield* running(env, { interruptWhen: Effect.never })
      const joined = yield* Effect.fork(thread.run("and this", { whenActive: "join", interruptWhen: Effect.void }))
      const { id } = yield* server.takeRequest("turn/steer")
      yield* server.respond(id, { turnId: "turn-1" })
      yield* assertNotStopped(env)
      yield* say.completed("turn-1")
      assert.strictEqual((yield* Fiber.join(fiber)).status, "completed")
      assert.strictEqual((yield* Fiber.join(joined)).status, "completed")
      yield* assertNotStopped(env)
    }))
})

describe("maxItems", () => {
  promise("counts what completes, each item once, but not what the user says", (env) =>
    Effect.gen(function*() {
      const { say } = env
      const { fiber } = yield* running(env, { maxItems: 2 })
      yield* say.item("turn-1", { type: "userMessage", id: "user", content: [] })
      yield* say.item("turn-1", agentMessage("1", "one"))
      yield* say.item("turn-1", agentMessage("1", "one, corrected"))
      yield* say.item("turn-1", agentMessage("2", "two"))
      yield* assertNotStopped(env)
      yield* say.item("turn-1", agentMessage("3", "three"))
      yield* say.interrupted
      const error = yield* Effect.flip(Fiber.join(fiber))
      assert(error._tag === "LimitExceeded")
      assert.deepStrictEqual([error.limit, error.allowed], ["maxItems", 2])
      assert.lengthOf(error.partial.items, 4)
      assert.include(error.message, "`maxItems` of 2")
    }))

  promise("counts what completed before the answer to turn/start", (env) =>
    Effect.gen(function*() {
      const { say, server, thread } = env
      const fiber = yield* Effect.fork(thread.run("hi", { maxItems: 1 }))
      const { id } = yield* server.takeRequest("turn/start")
      yield* say.started("turn-1")
      yield* say.item("turn-1", agentMessage("1", "one"))
      yield* say.item("turn-1", agentMessage("2", "two"))
      yield* say.accepted(id, "turn-1")
      yield* say.interrupted
      assert.strictEqual((yield* Effect.flip(Fiber.join(fiber)))._tag, "LimitExceeded")
    }))
})

describe("maxTokens", () => {
  promise("counts this turn's tokens only, over all its requests", (env) =>
    Effect.gen(function*() {
      const { say, thread } = env
      const first = yield* running(env, {})
      yield* say.usage("turn-1", 5_000)
      yield* say.completed("turn-1")
      yield* first.fiber
      const fiber = yield* Effect.fork(thread.run("hi", { maxTokens: 1_000 }))
      const { id } = yield* env.server.takeRequest("turn/start")
      yield* say.accepted(id, "turn-2")
      yield* say.started("turn-2")
      yield* say.usage("turn-2", 5_000)
      yield* say.usage("turn-2", 5_600)
      yield* say.usage("turn-2", 6_000)
      yield* assertNotStopped(env)
      yield* say.usage("turn-2", 6_001)
      yield* say.interrupted
      const error = yield* Effect.flip(Fiber.join(fiber))
      assert(error._tag === "LimitExceeded")
      assert.deepStrictEqual([error.limit, error.allowed], ["maxTokens", 1_000])
      assert.strictEqual(error.partial.turnUsage?.totalTokens, 1_001)
    }))
})

describe("a turn with limits", () => {
  promise("is started without them", (env) =>
    Effect.gen(function*() {
      const { fiber, params } = yield* running(env, { maxDuration: "1 hour", maxItems: 1, maxTokens: 1, effort: "low" })
      assert.deepStrictEqual(params, { threadId: env.thread.id, input: [{ type: "text", text: "hi" }], effort: "low" })
      yield* env.say.completed("turn-1")
      yield* fiber
    }))

  promise(
    "that ends in the moment it passes one ends in its own way, and is not interrupted",
    (env) =>
      Effect.gen(function*() {
        const { server, thread } = env
        const item = (id: string) => ({
          method: "item/completed",
          params: { threadId: thread.id, turnId: "turn-1", item: agentMessage(id, id), completedAtMs: 1 }
        })
        const ends = (status: string) =>
          Effect.gen(function*() {
            const { fiber } = yield* running(env, { maxItems: 1 })
            const completed = {
              method: "turn/completed",
              params: { threadId: thread.id, turn: turn("turn-1", { status }) }
            }
            yield* server.sendFrames([item("a"), item("b"), completed].map((message) => JSON.stringify(message)))
            const end = yield* Effect.either(Fiber.join(fiber))
            yield* assertNotStopped(env)
            return end
          })
        const completed = yield* ends("completed")
        assert(completed._tag === "Right")
        assert.deepStrictEqual([completed.right.status, completed.right.finalResponse], ["completed", "b"])
        const interrupted = yield* ends("interrupted")
        assert(interrupted._tag === "Left")
        assert.strictEqual(interrupted.left._tag, "TurnInterrupted")
      })
  )

  promise("that completes or fails before the server could stop it ends that way", (env) =>
    Effect.gen(function*() {
      const ends = (state: { readonly status: string; readonly error?: { readonly message: string } }) =>
        Effect.gen(function*() {
          const { fiber } = yield* running(env, { maxDuration: "1 second" })
          yield* TestClock.adjust("1 second")
          const { id } = yield* env.server.takeRequest("turn/interrupt")
          yield* env.say.completed("turn-1", state)
          yield* env.server.fail(id, { code: -32600, message: "no active turn to interrupt" })
          return yield* Effect.either(Fiber.join(fiber))
        })
      const completed = yield* ends({ status: "completed" })
      assert(completed._tag === "Right")
      assert.strictEqual(completed.right.status, "completed")
      const failed = yield* ends({ status: "failed", error: { message: "no" } })
      assert(failed._tag === "Left")
      assert.strictEqual(failed.left._tag, "TurnFailed")
    }))

  promise("that somebody else interrupts fails with that", (env) =>
    Effect.gen(function*() {
      const { fiber } = yield* running(env, { maxDuration: "1 second", maxItems: 10 })
      yield* env.say.completed("turn-1", { status: "interrupted" })
      assert.strictEqual((yield* Effect.flip(Fiber.join(fiber)))._tag, "TurnInterrupted")
    }))

  promise(
    "whose interruption is not confirmed fails after the grace, as still in progress",
    (env) =>
      Effect.gen(function*() {
        const { fiber } = yield* running(env, { maxDuration: "1 second" })
        yield* TestClock.adjust("1 second")
        yield* env.server.takeRequest("turn/interrupt")
        yield* TestClock.adjust("5 seconds")
        const error = yield* Effect.flip(Fiber.join(fiber))
        assert(error._tag === "LimitExceeded")
        assert.strictEqual(error.partial.status, "inProgress")
      })
  )

  promise("that its caller interrupts is stopped once, also while a limit stops it", (env) =>
    Effect.gen(function*() {
      const { fiber } = yield* running(env, { maxDuration: "1 second" })
      yield* TestClock.adjust("1 second")
      const { id } = yield* env.server.takeRequest("turn/interrupt")
      const interruption = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* assertNotStopped(env)
      yield* env.server.respond(id, {})
      yield* env.say.completed("turn-1", { status: "interrupted" })
      yield* interruption
      yield* assertNotStopped(env)
    }))

  promise("ends its stream with LimitExceeded, after the last event", (env) =>
    Effect.gen(function*() {
      const { say, server, thread } = env
      const tags: Array<string> = []
      const fiber = yield* thread.stream("hi", { maxItems: 1 }).pipe(
        Stream.runForEach(({ _tag }) => Effect.sync(() => tags.push(_tag))),
        Effect.flip,
        Effect.fork
      )
      const { id } = yield* server.takeRequest("turn/start")
      yield* say.accepted(id, "turn-1")
      yield* say.started("turn-1")
      yield* say.item("turn-1", agentMessage("1", "one"))
      yield* say.item("turn-1", agentMessage("2", "two"))
      yield* say.interrupted
      assert.strictEqual((yield* fiber)._tag, "LimitExceeded")
      assert.deepStrictEqual(tags, ["TurnStarted", "ItemCompleted", "ItemCompleted", "TurnCompleted"])
    }))

  promise("whose stream is read late ends in its own way, however long ago that was", (env) =>
    Effect.gen(function*() {
      const { say, server, thread } = env
      const gate = yield* Effect.makeLatch()
      const reading = yield* thread.stream("hi", { maxDuration: "1 minute" }).pipe(
        Stream.tap(() => gate.await),
        Stream.runDrain,
        Effect.flip,
        Effect.fork
      )
      const { id } = yield* server.takeRequest("turn/start")
      yield* say.accepted(id, "turn-1")
      yield* say.started("turn-1")
      yield* say.completed("turn-1", { status: "interrupted" })
      yield* TestClock.adjust("1 minute")
      yield* gate.open
      assert.strictEqual((yield* reading)._tag, "TurnInterrupted")
      yield* assertNotStopped(env)
    }))

  promise(
    "is not started where a limit makes no sense, or would stop the turn of somebody else",
    (env) =>
      Effect.gen(function*() {
        const senseless: ReadonlyArray<LimitedOptions> = [
          { maxDuration: 0 },
          { maxDuration: "-5 seconds" },
          { maxDuration: Number.NaN },
          { maxTokens: -1 },
          { maxTokens: Number.NaN },
          { maxItems: 0 }
        ]
        for (const options of senseless) {
          const [name = ""] = Object.keys(options)
          const refusals = [
            yield* Effect.flip(env.thread.run("hi", options)),
            yield* Effect.flip(Stream.runDrain(env.thread.stream("hi", options))),
            yield* Effect.flip(env.thread.runAs(Schema.String, "hi", options))
          ]
          for (const refusal of refusals) {
            assert(refusal._tag === "InvalidParams")
            assert.include(refusal.issue, name)
          }
        }
        const joining: { readonly whenActive: "wait"; readonly maxItems: number } = JSON.parse(
          `{"whenActive":"join","maxItems":1}`
        )
        const refusal = yield* Effect.flip(env.thread.run("hi", joining))
        assert(refusal._tag === "InvalidParams")
        assert.include(refusal.issue, "whenActive")
        yield* assertNotStopped(env)
      })
  )
})
