import type { Turn } from "@effect-codex/protocol/Server"
import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { type Env, promise, settle } from "./support/env.js"
import { ask, askCommand } from "./support/questions.js"
import { agentMessage, turn as turnOf } from "./support/talk.js"
import { threadOf } from "./support/threads.js"
import { running } from "./support/turns.js"

const stallTimeout = "1 minute"

/** Nothing was asked of the server in that time. */
const passes = ({ server }: Env, time: Duration.DurationInput) =>
  Effect.gen(function*() {
    yield* TestClock.adjust(time)
    assert.deepStrictEqual(yield* server.takeAll, [])
  })

/** The server is asked about the turn, and says this of it. */
const isAsked = ({ server }: Env, ...turns: ReadonlyArray<Turn>) =>
  Effect.gen(function*() {
    yield* settle
    const { id } = yield* server.takeRequest("thread/turns/list")
    yield* server.respond(id, { data: turns })
    yield* settle
  })

describe("a turn that is silent for longer than its stallTimeout", () => {
  promise(
    "is asked about, interrupted on the server, and fails with TurnStalled and what it had come to",
    (env) =>
      Effect.gen(function*() {
        const turn = yield* running(env, "turn-1", { stallTimeout })
        const events = yield* Effect.fork(Effect.flip(Stream.runDrain(turn.events)))
        yield* env.say.item("turn-1", agentMessage("item-1", "so far"))
        yield* passes(env, "59 seconds")
        yield* TestClock.adjust("1 second")
        yield* isAsked(env, turnOf("turn-1"))
        const { turnId } = yield* env.say.interrupted
        assert.strictEqual(turnId, "turn-1")
        const error = yield* Effect.flip(turn.result)
        assert(error._tag === "TurnStalled")
        assert.strictEqual(Duration.toSeconds(error.stallTimeout), 60)
        assert.deepStrictEqual(error.partial.items, [agentMessage("item-1", "so far")])
        assert.strictEqual(error.partial.status, "interrupted")
        assert.strictEqual((yield* events)._tag, "TurnStalled")
      })
  )

  promise("ends by what the server says where it has ended", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1", { stallTimeout })
      yield* passes(env, "59 seconds")
      yield* TestClock.adjust("1 second")
      yield* isAsked(env, turnOf("turn-1", { status: "completed", durationMs: 7 }))
      assert.strictEqual((yield* turn.result).durationMs, 7)
    }))

  promise("completes where it was faster than the interruption", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1", { stallTimeout })
      yield* TestClock.adjust("1 minute")
      yield* isAsked(env, turnOf("turn-1"))
      yield* env.server.takeRequest("turn/interrupt")
      yield* env.say.completed("turn-1")
      assert.strictEqual((yield* turn.result).status, "completed")
    }))

  promise("fails with TurnStalled though the server answers nothing any more", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1", { stallTimeout })
      const result = yield* Effect.fork(Effect.flip(turn.result))
      yield* TestClock.adjust("1 minute")
      yield* env.server.takeRequest("thread/turns/list")
      yield* TestClock.adjust("5 seconds")
      yield* env.server.takeRequest("turn/interrupt")
      yield* TestClock.adjust("5 seconds")
      const error = yield* result
      assert(error._tag === "TurnStalled")
      assert.strictEqual(error.partial.status, "inProgress")
    }))

  promise("goes on where something is heard of it while it is asked about", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1", { stallTimeout })
      yield* TestClock.adjust("1 minute")
      const { id } = yield* env.server.takeRequest("thread/turns/list")
      yield* env.say.delta("turn-1", "still here")
      yield* env.server.respond(id, { data: [turnOf("turn-1")] })
      yield* settle
      yield* passes(env, "59 seconds")
      yield* env.say.completed("turn-1")
      assert.strictEqual((yield* turn.result).status, "completed")
    }))

  promise("is any turn, where the configuration says so", (env) =>
    Effect.gen(function*() {
      const running_ = yield* Effect.fork(Effect.flip(env.thread.run("hi")))
      const { id } = yield* env.server.takeRequest("turn/start")
      yield* env.say.accepted(id, "turn-1")
      yield* env.say.started("turn-1")
      yield* TestClock.adjust("30 seconds")
      yield* isAsked(env, turnOf("turn-1"))
      yield* env.say.interrupted
      assert.strictEqual((yield* running_)._tag, "TurnStalled")
    }), { config: { stallTimeout: "30 seconds" } })

  promise("is left alone once it is detached", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1", { stallTimeout })
      yield* turn.detach
      yield* TestClock.adjust("1 minute")
      yield* isAsked(env, turnOf("turn-1"))
      yield* passes(env, "1 hour")
      yield* env.say.completed("turn-1")
      assert.strictEqual((yield* turn.result).status, "completed")
    }))
})

describe("a turn's silence", () => {
  promise("is broken by whatever the server tells of it", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1", { stallTimeout })
      for (let i = 0; i < 10; i++) {
        yield* passes(env, "59 seconds")
        yield* env.server.send({ method: "item/tomorrow", params: { threadId: env.thread.id, turnId: "turn-1" } })
      }
      yield* env.say.completed("turn-1")
      assert.strictEqual((yield* turn.result).status, "completed")
    }))

  promise("is broken by what its sub-agents' threads tell, and not by other threads", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1", { stallTimeout })
      yield* env.server.notify("thread/started", {
        thread: threadOf("active", { id: "thread-2", parentThreadId: env.thread.id })
      })
      yield* passes(env, "59 seconds")
      yield* env.say.delta("turn-2", "a", "item-1", "thread-2")
      yield* passes(env, "59 seconds")
      yield* env.say.delta("turn-3", "a", "item-1", "thread-3")
      yield* TestClock.adjust("1 second")
      yield* isAsked(env, turnOf("turn-1"))
      yield* env.say.interrupted
      assert.strictEqual((yield* Effect.flip(turn.result))._tag, "TurnStalled")
    }))

  promise(
    "does not count while a question is open, and begins anew when it is settled",
    (env) =>
      Effect.gen(function*() {
        const turn = yield* running(env, "turn-1", { stallTimeout })
        yield* askCommand(env, 7)
        yield* settle
        yield* env.server.takeAll
        yield* passes(env, "1 hour")
        yield* TestClock.adjust("30 seconds")
        yield* env.server.notify("serverRequest/resolved", { threadId: env.thread.id, requestId: 7 })
        yield* passes(env, "59 seconds")
        yield* TestClock.adjust("1 second")
        yield* isAsked(env, turnOf("turn-1"))
        yield* env.say.interrupted
        assert.strictEqual((yield* Effect.flip(turn.result))._tag, "TurnStalled")
      })
  )

  promise(
    "does not count while a question of the first version of the protocol is open",
    (env) =>
      Effect.gen(function*() {
        const turn = yield* running(env, "turn-1", { stallTimeout })
        yield* ask(env, 7, "execCommandApproval")
        yield* settle
        yield* env.server.takeAll
        yield* passes(env, "1 hour")
        yield* env.say.completed("turn-1")
        assert.strictEqual((yield* turn.result).status, "completed")
      })
  )

  promise("counts though a question of the turn before was never said to be settled", (env) =>
    Effect.gen(function*() {
      const before = yield* running(env, "turn-1")
      yield* askCommand(env, 7)
      yield* env.say.completed("turn-1")
      yield* before.result
      yield* env.server.takeAll
      const turn = yield* running(env, "turn-2", { stallTimeout })
      yield* TestClock.adjust("1 minute")
      yield* isAsked(env, turnOf("turn-2"))
      yield* env.say.interrupted
      assert.strictEqual((yield* Effect.flip(turn.result))._tag, "TurnStalled")
    }))

  promise("is broken by a sub-agent that an item of its own names", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1", { stallTimeout })
      yield* env.say.item("turn-1", {
        type: "subAgentActivity",
        id: "item-1",
        kind: "started",
        agentThreadId: "thread-2",
        agentPath: "/root/reader"
      })
      yield* passes(env, "59 seconds")
      yield* env.say.delta("turn-2", "a", "item-1", "thread-2")
      yield* passes(env, "59 seconds")
      yield* env.say.completed("turn-1")
      assert.strictEqual((yield* turn.result).status, "completed")
    }))

  promise("may last for ever unless a stallTimeout is given", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      const result = yield* Effect.fork(turn.result)
      yield* passes(env, "30 days")
      assert.isTrue(Option.isNone(yield* Fiber.poll(result)))
      yield* env.say.completed("turn-1")
      yield* result
    }))
})
