import type { Turn } from "@effect-codex/protocol/Server"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { type Env, promise, settle } from "./support/env.js"
import { agentMessage, turn as turnOf } from "./support/talk.js"
import { threadOf } from "./support/threads.js"
import { running, start } from "./support/turns.js"

const idle = ({ server, thread }: Env) =>
  server.notify("thread/status/changed", { threadId: thread.id, status: { type: "idle" } })

/** Lets the grace pass, and answers what the turn is read back by. */
const readBack = ({ server }: Env, turns: ReadonlyArray<Turn>) =>
  Effect.gen(function*() {
    yield* TestClock.adjust("1 second")
    const { id, params } = yield* server.takeRequest("thread/turns/list")
    assert.strictEqual(params.itemsView, "full")
    yield* server.respond(id, { data: turns })
  })

/** Refuses to list turns and to read a thread with its turns, as the server does for ephemeral threads. */
const readInVain = ({ server }: Env, status: "active" | "idle" | "notLoaded") =>
  Effect.gen(function*() {
    const list = yield* server.takeRequest("thread/turns/list")
    yield* server.fail(list.id, { code: -32600, message: "ephemeral threads do not support thread/turns/list" })
    const readAll = yield* server.takeRequest("thread/read")
    assert.strictEqual(readAll.params.includeTurns, true)
    yield* server.fail(readAll.id, { code: -32600, message: "ephemeral threads do not support includeTurns" })
    const { id } = yield* server.takeRequest("thread/read")
    yield* server.respond(id, { thread: threadOf(status) })
    yield* settle
  })

describe("a turn whose completion is lost", () => {
  promise("is ended by what the server says of it, once its thread is idle", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      const events = yield* Effect.fork(Stream.runCollect(turn.events))
      yield* idle(env)
      yield* readBack(env, [turnOf("turn-1", { status: "completed", durationMs: 5 })])
      assert.strictEqual((yield* turn.result).durationMs, 5)
      assert.deepStrictEqual(Array.from(yield* events, ({ _tag }) => _tag), ["TurnStarted", "TurnCompleted"])
    }))

  promise("fails by what the server says of it", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      yield* idle(env)
      yield* readBack(env, [turnOf("turn-1", { status: "failed", error: { message: "broken" } })])
      const error = yield* Effect.flip(turn.result)
      assert(error._tag === "TurnFailed")
      assert.strictEqual(error.error.message, "broken")
    }))

  promise("is ended when its thread runs another one", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      yield* env.say.started("turn-2")
      yield* readBack(env, [turnOf("turn-1", { status: "interrupted" }), turnOf("turn-2")])
      assert.strictEqual((yield* Effect.flip(turn.result))._tag, "TurnInterrupted")
    }))

  for (const type of ["systemError", "notLoaded"] as const) {
    promise(`is ended by what the server says of it, once its thread is ${type}`, (env) =>
      Effect.gen(function*() {
        const turn = yield* running(env, "turn-1")
        yield* env.server.notify("thread/status/changed", { threadId: env.thread.id, status: { type } })
        yield* readBack(env, [turnOf("turn-1", { status: "failed", error: { message: "broken" } })])
        assert.strictEqual((yield* Effect.flip(turn.result))._tag, "TurnFailed")
      }))
  }

  promise("of others is looked for as well, so that nobody waits for it", (env) =>
    Effect.gen(function*() {
      const watching = yield* Effect.fork(Stream.runDrain(env.thread.events))
      yield* settle
      yield* env.say.started("turn-of-others")
      const waiting = yield* Effect.fork(env.thread.run("hi"))
      yield* settle
      yield* env.server.notify("thread/status/changed", {
        threadId: env.thread.id,
        status: { type: "systemError" }
      })
      yield* readBack(env, [turnOf("turn-of-others", { status: "failed" })])
      const { id } = yield* env.server.takeRequest("turn/start")
      yield* env.say.accepted(id, "turn-1")
      yield* env.say.completed("turn-1")
      yield* waiting
      yield* Fiber.interrupt(watching)
    }))

  promise("is looked for once at a time, however often it seems to be over", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      yield* Effect.repeatN(idle(env), 99)
      yield* readBack(env, [turnOf("turn-1")])
      yield* settle
      assert.deepStrictEqual(yield* env.server.takeAll, [])
      yield* readBack(env, [turnOf("turn-1")])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* env.server.takeAll, [])
      yield* idle(env)
      yield* readBack(env, [turnOf("turn-1", { status: "completed" })])
      assert.strictEqual((yield* turn.result).status, "completed")
    }))

  promise("goes on where the server says that it runs", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      yield* idle(env)
      yield* readBack(env, [turnOf("turn-1")])
      yield* env.say.completed("turn-1")
      assert.strictEqual((yield* turn.result).status, "completed")
    }))

  promise("is not asked for where the completion follows", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      yield* idle(env)
      yield* env.say.completed("turn-1")
      yield* turn.result
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* env.server.takeAll, [])
    }))

  promise(
    "is read back through the thread where the server does not list turns without the experimental API",
    (env) =>
      Effect.gen(function*() {
        const turn = yield* running(env, "turn-1")
        yield* idle(env)
        yield* TestClock.adjust("1 second")
        const list = yield* env.server.takeRequest("thread/turns/list")
        yield* env.server.fail(list.id, {
          code: -32600,
          message: "thread/turns/list requires experimentalApi capability"
        })
        const { id, params } = yield* env.server.takeRequest("thread/read")
        assert.strictEqual(params.includeTurns, true)
        yield* env.server.respond(id, {
          thread: threadOf("idle", { turns: [turnOf("turn-1", { status: "completed" })] })
        })
        assert.strictEqual((yield* turn.result).status, "completed")
      })
  )

  promise(
    "completes by what was heard of it where nothing can be read back, if that goes to its last word",
    (env) =>
      Effect.gen(function*() {
        const turn = yield* running(env, "turn-1")
        yield* env.say.item("turn-1", agentMessage("item-1", "all of it"))
        yield* idle(env)
        yield* TestClock.adjust("1 second")
        yield* readInVain(env, "idle")
        const { finalResponse, status } = yield* turn.result
        assert.deepStrictEqual([finalResponse, status], ["all of it", "completed"])
      })
  )

  promise("fails by the error that was heard where nothing can be read back", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      yield* env.server.notify("error", {
        threadId: env.thread.id,
        turnId: "turn-1",
        willRetry: false,
        error: { message: "broken" }
      })
      yield* TestClock.adjust("1 second")
      yield* readInVain(env, "idle")
      const error = yield* Effect.flip(turn.result)
      assert(error._tag === "TurnFailed")
      assert.strictEqual(error.error.message, "broken")
    }))

  promise(
    "is over, and nobody knows how, where nothing can be read back and its last word was not heard",
    (env) =>
      Effect.gen(function*() {
        const turn = yield* running(env, "turn-1")
        yield* env.say.delta("turn-1", "some of ")
        yield* idle(env)
        yield* TestClock.adjust("1 second")
        yield* readInVain(env, "idle")
        const error = yield* Effect.flip(turn.result)
        assert(error._tag === "TurnInterrupted")
        assert.strictEqual(error.partial.status, "inProgress")
      })
  )
})

describe("a turn that is accepted and never begins", () => {
  promise("is over as soon as its thread is found not to be active", (env) =>
    Effect.gen(function*() {
      const turn = yield* start(env, "turn-1")
      yield* TestClock.adjust("10 seconds")
      yield* readInVain(env, "active")
      yield* TestClock.adjust("10 seconds")
      yield* readInVain(env, "idle")
      assert.strictEqual((yield* Effect.flip(turn.result))._tag, "TurnInterrupted")
    }))

  promise("is over once the turn that its input joined has ended", (env) =>
    Effect.gen(function*() {
      const turn = yield* start(env, "turn-1")
      yield* env.say.delta("turn-0", "of another client")
      yield* env.say.completed("turn-0")
      yield* idle(env)
      yield* TestClock.adjust("1 second")
      const { id } = yield* env.server.takeRequest("thread/turns/list")
      yield* env.server.respond(id, { data: [turnOf("turn-0", { status: "completed" })] })
      const read = yield* env.server.takeRequest("thread/read")
      yield* env.server.respond(read.id, { thread: threadOf("idle") })
      assert.strictEqual((yield* Effect.flip(turn.result))._tag, "TurnInterrupted")
    }))

  promise("ends by what the server says of it", (env) =>
    Effect.gen(function*() {
      const turn = yield* start(env, "turn-1")
      yield* TestClock.adjust("10 seconds")
      const { id } = yield* env.server.takeRequest("thread/turns/list")
      yield* env.server.respond(id, { data: [turnOf("turn-1", { status: "completed" })] })
      assert.strictEqual((yield* turn.result).status, "completed")
    }))
})
