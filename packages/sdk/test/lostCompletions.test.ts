import type { Turn } from "@effect-codex/protocol/Server"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { type Env, promise } from "./support/env.js"
import { turn as turnOf } from "./support/talk.js"
import { running } from "./support/turns.js"

const idle = ({ server, thread }: Env) =>
  server.notify("thread/status/changed", { threadId: thread.id, status: { type: "idle" } })

/** Lets the grace pass, and answers what the turn is read back by. */
const readBack = ({ server }: Env, turns: ReadonlyArray<Turn>) =>
  Effect.gen(function*() {
    yield* TestClock.adjust("1 second")
    const { id, params } = yield* server.takeRequest("thread/read")
    assert.strictEqual(params.includeTurns, true)
    yield* server.respond(id, {
      thread: {
        id: params.threadId,
        turns,
        cliVersion: "0",
        createdAt: 0,
        updatedAt: 0,
        cwd: "/",
        ephemeral: false,
        modelProvider: "m",
        preview: "",
        projectId: null,
        sessionId: "s",
        source: "appServer",
        status: { type: "idle" }
      }
    })
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
})
