import * as Review from "@effect-codex/sdk/Review"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { type Env, promise, settle } from "./support/env.js"
import { agentMessage, threadId, turn as turnOf } from "./support/talk.js"
import { threadOf } from "./support/threads.js"
import { running } from "./support/turns.js"

const entered = (turnId: string) => ({ type: "enteredReviewMode", id: `${turnId}-entered`, review: "look" } as const)

/** Takes the request for a review. */
const asked = ({ server }: Env) =>
  Effect.map(server.takeRequest("review/start"), ({ id, params }) => {
    assert.deepStrictEqual(params, { threadId, target: { type: "custom", instructions: "look" } })
    return id
  })

const accepted = ({ server }: Env, id: number, turnId: string) =>
  server.respond(id, { reviewThreadId: threadId, turn: turnOf(turnId) })

const status = ({ server }: Env, type: "idle" | "systemError") =>
  server.notify("thread/status/changed", { threadId, status: { type } })

const look = Review.custom("look")

describe("a review", () => {
  promise("is the turn of the answer, whatever id its reviewer's turn begins under", (env) =>
    Effect.gen(function*() {
      const { say, thread } = env
      const reviewing = yield* Effect.fork(thread.review(look))
      yield* accepted(env, yield* asked(env), "review-1")
      yield* say.item("review-1", entered("review-1"))
      yield* say.started("reviewer-1")
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(yield* env.server.takeAll, [])
      yield* say.item("review-1", agentMessage("item-1", "All is well."))
      yield* status(env, "idle")
      yield* say.completed("review-1")
      const { finalResponse, id } = yield* reviewing
      assert.deepStrictEqual([id, finalResponse], ["review-1", "All is well."])
    }))

  promise(
    "whose reviewer begins before the answer is the turn of the answer all the same",
    (env) =>
      Effect.gen(function*() {
        const { say, server, thread } = env
        const turn = yield* Effect.fork(thread.startReview(look))
        const id = yield* asked(env)
        yield* say.item("review-1", entered("review-1"))
        yield* say.started("reviewer-1")
        yield* accepted(env, id, "review-1")
        const { events, interrupt } = yield* turn
        const tags = yield* Effect.fork(Stream.runCollect(Stream.map(events, ({ _tag }) => _tag)).pipe(Effect.flip))
        const stopping = yield* Effect.fork(interrupt)
        const { id: interruptId, params } = yield* server.takeRequest("turn/interrupt")
        assert.strictEqual(params.turnId, "reviewer-1")
        yield* server.respond(interruptId, {})
        yield* say.completed("review-1", { status: "interrupted" })
        assert.strictEqual((yield* stopping).status, "interrupted")
        assert.strictEqual((yield* tags)._tag, "TurnInterrupted")
      })
  )

  promise(
    "is not stopped before its reviewer has begun, since there is nothing to name",
    (env) =>
      Effect.gen(function*() {
        const { say, server, thread } = env
        const reviewing = yield* Effect.fork(thread.review(look))
        yield* accepted(env, yield* asked(env), "review-1")
        yield* say.item("review-1", entered("review-1"))
        const interruption = yield* Effect.fork(Fiber.interrupt(reviewing))
        yield* settle
        assert.deepStrictEqual(yield* server.takeAll, [])
        yield* say.started("reviewer-1")
        const { id, params } = yield* server.takeRequest("turn/interrupt")
        assert.strictEqual(params.turnId, "reviewer-1")
        yield* server.respond(id, {})
        yield* say.completed("review-1", { status: "interrupted" })
        yield* interruption
      })
  )

  promise(
    "that is accepted only after the deadline is stopped by the turn that the server has under way",
    (env) =>
      Effect.gen(function*() {
        const { server, thread } = env
        const reviewing = yield* Effect.fork(thread.review(look, { timeout: "1 second" }))
        const id = yield* asked(env)
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* Effect.flip(Fiber.join(reviewing)))._tag, "RequestTimeout")
        yield* accepted(env, id, "review-1")
        const first = yield* server.takeRequest("thread/turns/list")
        yield* server.respond(first.id, { data: [turnOf("before", { status: "completed" })], nextCursor: null })
        yield* TestClock.adjust("50 millis")
        const second = yield* server.takeRequest("thread/turns/list")
        yield* server.respond(second.id, { data: [turnOf("reviewer-1")], nextCursor: null })
        const interrupt = yield* server.takeRequest("turn/interrupt")
        assert.strictEqual(interrupt.params.turnId, "reviewer-1")
        yield* server.respond(interrupt.id, {})
      })
  )

  promise(
    "that fails before it has begun fails by the error that was heard, also before the answer",
    (env) =>
      Effect.gen(function*() {
        const { server, thread } = env
        const reviewing = yield* Effect.fork(thread.review(look))
        const id = yield* asked(env)
        yield* status(env, "systemError")
        yield* server.notify("error", {
          threadId,
          turnId: "review-1",
          error: { message: "no git repository" },
          willRetry: false
        })
        yield* accepted(env, id, "review-1")
        yield* TestClock.adjust("1 second")
        const list = yield* server.takeRequest("thread/turns/list")
        yield* server.fail(list.id, { code: -32601, message: "list_turns is not supported yet" })
        const history = yield* server.takeRequest("thread/read")
        assert.isTrue(history.params.includeTurns)
        yield* server.fail(history.id, { code: -32601, message: "list_turns is not supported yet" })
        const read = yield* server.takeRequest("thread/read")
        yield* server.respond(read.id, { thread: threadOf("systemError") })
        const error = yield* Effect.flip(Fiber.join(reviewing))
        assert(error._tag === "TurnFailed")
        assert.strictEqual(error.error.message, "no git repository")
      })
  )

  promise("waits for the active turn", (env) =>
    Effect.gen(function*() {
      const { say, server, thread } = env
      yield* running(env, "turn-1")
      const reviewing = yield* Effect.fork(thread.review(look))
      yield* settle
      assert.deepStrictEqual(yield* server.takeAll, [])
      yield* say.completed("turn-1")
      yield* accepted(env, yield* asked(env), "review-1")
      yield* say.completed("review-1")
      yield* reviewing
    }))
})
