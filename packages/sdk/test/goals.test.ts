import type * as Server from "@effect-codex/protocol/Server"
import * as Transport from "@effect-codex/sdk/Transport"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { type Env, promise, settle } from "./support/env.js"
import { threadId, turn as turnOf } from "./support/talk.js"
import { threadOf } from "./support/threads.js"
import { start } from "./support/turns.js"

const goal = (state: Partial<Server.ThreadGoal> = {}): Server.ThreadGoal => ({
  threadId,
  objective: "paint the fence",
  status: "active",
  tokensUsed: 0,
  timeUsedSeconds: 0,
  createdAt: 1,
  updatedAt: 1,
  ...state
})

const tell = ({ server }: Env, state: Partial<Server.ThreadGoal>) =>
  server.notify("thread/goal/updated", { threadId, goal: goal(state), turnId: null })

/** The server takes the goal that is asked for. */
const accept = (env: Env, state: Partial<Server.ThreadGoal> = {}) =>
  Effect.gen(function*() {
    const { id, params } = yield* env.server.takeRequest("thread/goal/set")
    yield* env.server.respond(id, { goal: goal(state) })
    return params
  })

/** A goal that is being pursued, as the server has accepted it. */
const pursue = (env: Env) =>
  Effect.gen(function*() {
    const running = yield* Effect.fork(env.thread.goal.run("paint the fence", { tokenBudget: 100 }))
    assert.deepStrictEqual(yield* accept(env), {
      threadId,
      objective: "paint the fence",
      status: "active",
      tokenBudget: 100
    })
    return running
  })

const pause = (env: Env) =>
  Effect.gen(function*() {
    assert.deepStrictEqual(yield* accept(env, { status: "paused" }), { threadId, status: "paused" })
    yield* tell(env, { status: "paused" })
  })

/** What the server says of the thread where it is asked whether a turn has begun. */
const answerRead = ({ server }: Env, status: "active" | "idle") =>
  Effect.gen(function*() {
    const { id } = yield* server.takeRequest("thread/read")
    yield* server.respond(id, { thread: threadOf(status) })
  })

describe("a goal", () => {
  promise("is over when it is complete and its turn has ended", (env) =>
    Effect.gen(function*() {
      const { say } = env
      const running = yield* pursue(env)
      yield* say.started("turn-1")
      yield* say.completed("turn-1")
      yield* say.started("turn-2")
      yield* tell(env, { status: "complete" })
      yield* settle
      assert.isTrue(Option.isNone(yield* Fiber.poll(running)))
      yield* say.completed("turn-2")
      const { goal: { status }, turns } = yield* running
      assert.strictEqual(status, "complete")
      assert.deepStrictEqual(turns.map(({ id }) => id), ["turn-1", "turn-2"])
    }))

  promise("that is complete between two turns is over at once", (env) =>
    Effect.gen(function*() {
      const running = yield* pursue(env)
      yield* env.say.started("turn-1")
      yield* env.say.completed("turn-1")
      yield* settle
      yield* tell(env, { status: "complete" })
      assert.lengthOf((yield* running).turns, 1)
    }))

  promise("that the server does not go on with is asked after, paused, and fails", (env) =>
    Effect.gen(function*() {
      const running = yield* pursue(env)
      yield* TestClock.adjust("60 seconds")
      const { id } = yield* env.server.takeRequest("thread/goal/get")
      yield* env.server.respond(id, { goal: goal() })
      yield* pause(env)
      yield* answerRead(env, "idle")
      const error = yield* Effect.flip(Fiber.join(running))
      assert.deepInclude(error, { _tag: "GoalUnfinished", reason: "NotContinued", turns: [] })
    }))

  promise("is over also where its caller cannot be interrupted, or leaves its events", (env) =>
    Effect.gen(function*() {
      const running = yield* Effect.fork(Effect.uninterruptible(env.thread.goal.run("paint the fence")))
      yield* accept(env)
      yield* env.say.started("turn-1")
      yield* env.say.completed("turn-1")
      yield* settle
      yield* tell(env, { status: "complete" })
      assert.lengthOf((yield* running).turns, 1)

      const leaving = yield* env.thread.goal.stream("paint the fence").pipe(
        Stream.runHead,
        Effect.uninterruptible,
        Effect.fork
      )
      yield* accept(env)
      yield* env.say.started("turn-2")
      yield* pause(env)
      yield* env.say.interrupted
      assert.strictEqual(Option.getOrThrow(yield* leaving)._tag, "TurnStarted")
    }))

  promise("of whose end no word came ends by what the server says when it is asked", (env) =>
    Effect.gen(function*() {
      const running = yield* pursue(env)
      yield* env.say.started("turn-1")
      yield* env.say.completed("turn-1")
      yield* TestClock.adjust("60 seconds")
      const { id } = yield* env.server.takeRequest("thread/goal/get")
      yield* env.server.respond(id, { goal: goal({ status: "complete" }) })
      assert.lengthOf((yield* running).turns, 1)
    }))

  promise("with a status of a newer server fails as unfinished", (env) =>
    Effect.gen(function*() {
      const running = yield* pursue(env)
      yield* tell(env, { status: "postponed" })
      const error = yield* Effect.flip(Fiber.join(running))
      assert.deepInclude(error, { _tag: "GoalUnfinished", reason: "Other" })
      assert.include(error.message, "postponed")
    }))

  promise(
    "of which a turn is silent for longer than `stallTimeout` has it stopped, and is paused",
    (env) =>
      Effect.gen(function*() {
        const running = yield* pursue(env)
        yield* env.say.started("turn-1")
        yield* settle
        yield* TestClock.adjust("10 minutes")
        const { id } = yield* env.server.takeRequest("thread/turns/list")
        yield* env.server.respond(id, { data: [turnOf("turn-1")] })
        yield* env.say.interrupted
        yield* pause(env)
        yield* answerRead(env, "idle")
        const error = yield* Effect.flip(Fiber.join(running))
        assert.deepInclude(error, { _tag: "GoalUnfinished", reason: "Interrupted" })
        assert(error._tag === "GoalUnfinished")
        assert.deepStrictEqual(error.turns.map(({ id }) => id), ["turn-1"])
      }),
    { config: { stallTimeout: "10 minutes" } }
  )

  promise("that is refused leaves nothing, and the next may be set", (env) =>
    Effect.gen(function*() {
      const refused = yield* Effect.fork(env.thread.goal.run("paint the fence"))
      const { id } = yield* env.server.takeRequest("thread/goal/set")
      yield* env.server.fail(id, { code: -32600, message: "no goals here" })
      assert.strictEqual((yield* Effect.flip(Fiber.join(refused)))._tag, "RequestFailed")
      const running = yield* pursue(env)
      yield* tell(env, { status: "complete" })
      yield* running
    }))

  promise(
    "that is interrupted between two turns is paused, and a turn that was begun meanwhile is stopped",
    (env) =>
      Effect.gen(function*() {
        const { say } = env
        const running = yield* pursue(env)
        yield* say.started("turn-1")
        yield* say.completed("turn-1")
        yield* settle
        const interruption = yield* Effect.fork(Fiber.interrupt(running))
        yield* pause(env)
        yield* answerRead(env, "active")
        yield* settle
        yield* say.started("turn-2")
        assert.strictEqual((yield* say.interrupted).turnId, "turn-2")
        yield* interruption
      })
  )

  promise("that is interrupted while the thread is idle is only paused", (env) =>
    Effect.gen(function*() {
      const running = yield* pursue(env)
      const interruption = yield* Effect.fork(Fiber.interrupt(running))
      yield* pause(env)
      yield* answerRead(env, "idle")
      yield* interruption
      assert.deepStrictEqual(yield* env.server.takeAll, [])
    }))

  promise("that is interrupted does not wait for a silent server beyond the grace", (env) =>
    Effect.gen(function*() {
      const running = yield* pursue(env)
      yield* env.say.started("turn-1")
      const interruption = yield* Effect.fork(Fiber.interrupt(running))
      yield* env.server.takeRequest("thread/goal/set")
      yield* TestClock.adjust("5 seconds")
      yield* env.server.takeRequest("turn/interrupt")
      yield* TestClock.adjust("5 seconds")
      yield* interruption
    }))

  promise(
    "that is set only after the deadline is paused, and what runs for it stopped",
    (env) =>
      Effect.gen(function*() {
        const { server } = env
        const running = yield* Effect.fork(env.thread.goal.run("paint the fence", { timeout: "1 second" }))
        const { id } = yield* server.takeRequest("thread/goal/set")
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* Effect.flip(Fiber.join(running)))._tag, "RequestTimeout")
        yield* server.respond(id, { goal: goal() })
        yield* pause(env)
        const list = yield* server.takeRequest("thread/turns/list")
        yield* server.respond(list.id, { data: [turnOf("turn-1")], nextCursor: null })
        const { id: interrupt, params } = yield* server.takeRequest("turn/interrupt")
        assert.strictEqual(params.turnId, "turn-1")
        yield* server.respond(interrupt, {})
      })
  )

  promise("leaves a turn to the handle that started it meanwhile", (env) =>
    Effect.gen(function*() {
      const { say } = env
      const running = yield* pursue(env)
      const turn = yield* start(env, "turn-1", { whenActive: "join" })
      assert.isFalse(turn.joined)
      yield* say.started("turn-1")
      const interruption = yield* Effect.fork(Fiber.interrupt(running))
      yield* pause(env)
      yield* interruption
      assert.deepStrictEqual(yield* env.server.takeAll, [])
      yield* say.completed("turn-1")
      yield* turn.result
    }))

  promise("holds a turn that begins while another start is refused", (env) =>
    Effect.gen(function*() {
      const { say, server } = env
      const running = yield* pursue(env)
      const starting = yield* Effect.fork(env.thread.run("hi", { whenActive: "join" }))
      const { id } = yield* server.takeRequest("turn/start")
      yield* say.started("turn-1")
      yield* server.fail(id, { code: -32600, message: "busy" })
      assert.strictEqual((yield* Effect.flip(Fiber.join(starting)))._tag, "RequestFailed")
      const interruption = yield* Effect.fork(Fiber.interrupt(running))
      yield* pause(env)
      assert.strictEqual((yield* say.interrupted).turnId, "turn-1")
      yield* interruption
    }))

  promise("is joined by input that asks for it", (env) =>
    Effect.gen(function*() {
      const { say, server } = env
      const running = yield* pursue(env)
      yield* say.started("turn-1")
      const joining = yield* Effect.fork(env.thread.run("hi", { whenActive: "join" }))
      const { id, params } = yield* server.takeRequest("turn/steer")
      assert.strictEqual(params.expectedTurnId, "turn-1")
      yield* server.respond(id, { turnId: "turn-1" })
      yield* tell(env, { status: "complete" })
      yield* say.completed("turn-1")
      assert.strictEqual((yield* joining).id, "turn-1")
      assert.lengthOf((yield* running).turns, 1)
    }))

  promise("is paused and its turn stopped when the Layer closes", (env) =>
    Effect.gen(function*() {
      const running = yield* pursue(env)
      yield* env.say.started("turn-1")
      const closing = yield* Effect.fork(env.close)
      yield* pause(env)
      yield* env.say.interrupted
      yield* closing
      assert.strictEqual((yield* Effect.flip(Fiber.join(running)))._tag, "ConnectionClosed")
    }))

  promise("that is being set when the Layer closes is paused once it is set", (env) =>
    Effect.gen(function*() {
      const running = yield* Effect.fork(env.thread.goal.run("paint the fence"))
      const { id } = yield* env.server.takeRequest("thread/goal/set")
      const closing = yield* Effect.fork(env.close)
      yield* settle
      yield* env.server.respond(id, { goal: goal() })
      yield* pause(env)
      yield* answerRead(env, "idle")
      yield* closing
      yield* Fiber.await(running)
    }))

  promise("ends with the connection", (env) =>
    Effect.gen(function*() {
      const running = yield* Effect.fork(Stream.runDrain(env.thread.goal.stream("paint the fence")))
      yield* accept(env)
      yield* settle
      yield* env.server.end(Transport.end("EndOfStream"))
      assert.strictEqual((yield* Effect.flip(Fiber.join(running)))._tag, "ConnectionClosed")
    }))
})
