import * as Approval from "@effect-codex/sdk/Approval"
import * as Elicitation from "@effect-codex/sdk/Elicitation"
import * as Review from "@effect-codex/sdk/Review"
import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { promise, settle } from "./support/env.js"
import { accepted, always, answerTo, ask, askCommand, commandAnswer, declined, openWith } from "./support/questions.js"
import { threadId, turn } from "./support/talk.js"
import { running } from "./support/turns.js"

describe("of several handlers", () => {
  const connection: ServerRequests.Handlers = {
    commandApproval: always(Approval.decline),
    fileChangeApproval: always(Approval.decline),
    userInput: always({ color: "the connection's" })
  }

  promise("the turn's answer before the thread's, and those before the connection's", (env) =>
    Effect.gen(function*() {
      const thread = yield* openWith(env, threadId, {
        commandApproval: always(Approval.cancel),
        userInput: always({ color: "the thread's" })
      })
      yield* running(env, "turn-1", { thread }).pipe(
        Effect.provide(ServerRequests.layer({ commandApproval: always(Approval.accept) }))
      )
      yield* askCommand(env, 0)
      assert.deepStrictEqual(yield* commandAnswer(env, 0), accepted)
      yield* ask(env, 1, "item/tool/requestUserInput")
      assert.deepStrictEqual(yield* answerTo(env, 1, "item/tool/requestUserInput"), {
        answers: { color: { answers: ["the thread's"] } }
      })
      yield* ask(env, 2, "item/fileChange/requestApproval")
      assert.deepStrictEqual(yield* answerTo(env, 2, "item/fileChange/requestApproval"), declined)
      yield* env.say.completed("turn-1")

      yield* askCommand(env, 3)
      assert.deepStrictEqual(yield* commandAnswer(env, 3), { decision: "cancel" })
    }), { handlers: connection })

  promise("those of one thread or turn do not answer for another", (env) =>
    Effect.gen(function*() {
      const thread = yield* openWith(env, "thread-2", { commandApproval: always(Approval.cancel) })
      yield* running(env, "turn-2", { thread }).pipe(
        Effect.provide(ServerRequests.layer({ commandApproval: always(Approval.accept) }))
      )
      yield* askCommand(env, 0)
      assert.deepStrictEqual(yield* commandAnswer(env, 0), declined)
      yield* askCommand(env, 1, { threadId: "thread-2", turnId: "turn-of-others" })
      assert.deepStrictEqual(yield* commandAnswer(env, 1), { decision: "cancel" })
      yield* env.say.completed("turn-2", {}, "thread-2")
    }), { handlers: connection })

  promise(
    "one that passes leaves the question to the next wider, and at last to the safe answer",
    (env) =>
      Effect.gen(function*() {
        const passing = { commandApproval: () => ServerRequests.pass, userInput: () => ServerRequests.pass }
        const thread = yield* openWith(env, threadId, { ...passing, fileChangeApproval: () => ServerRequests.pass })
        yield* running(env, "turn-1", { thread }).pipe(Effect.provide(ServerRequests.layer(passing)))
        yield* askCommand(env, 0)
        assert.deepStrictEqual(yield* commandAnswer(env, 0), { decision: "cancel" })
        yield* ask(env, 1, "item/tool/requestUserInput")
        assert.deepStrictEqual(yield* answerTo(env, 1, "item/tool/requestUserInput"), { answers: {} })
        yield* env.say.completed("turn-1")
      }),
    { handlers: { commandApproval: always(Approval.cancel), userInput: () => ServerRequests.pass } }
  )

  promise(
    "the second answer what the first pass or do not know, where both are given as one",
    (env) =>
      Effect.gen(function*() {
        const handlers = ServerRequests.orElse(
          { commandApproval: () => ServerRequests.pass, userInput: always({ color: "the first's" }) },
          {
            commandApproval: always(Approval.accept),
            userInput: always({ color: "the second's" }),
            fileChangeApproval: always(Approval.accept)
          }
        )
        yield* running(env, "turn-1").pipe(Effect.provide(ServerRequests.layer(handlers)))
        yield* askCommand(env, 0)
        assert.deepStrictEqual(yield* commandAnswer(env, 0), accepted)
        yield* ask(env, 1, "item/tool/requestUserInput")
        assert.deepStrictEqual(yield* answerTo(env, 1, "item/tool/requestUserInput"), {
          answers: { color: { answers: ["the first's"] } }
        })
        yield* ask(env, 2, "item/fileChange/requestApproval")
        assert.deepStrictEqual(yield* answerTo(env, 2, "item/fileChange/requestApproval"), accepted)
        yield* env.say.completed("turn-1")
      })
  )

  promise(
    "those of a thread answer for its sub-agents, and those of the turn that runs there before",
    (env) =>
      Effect.gen(function*() {
        const thread = yield* openWith(env, threadId, { commandApproval: always(Approval.cancel) })
        for (const [child, parent] of [["child", threadId], ["grandchild", "child"]] as const) {
          yield* env.server.send({
            method: "thread/started",
            params: { thread: { id: child, parentThreadId: parent } }
          })
        }
        const askGrandchild = (id: number) =>
          Effect.zipRight(
            askCommand(env, id, { threadId: "grandchild", turnId: "turn-of-the-grandchild" }),
            commandAnswer(env, id)
          )
        assert.deepStrictEqual(yield* askGrandchild(0), { decision: "cancel" })
        yield* running(env, "turn-1", { thread }).pipe(
          Effect.provide(ServerRequests.layer({ commandApproval: always(Approval.accept) }))
        )
        assert.deepStrictEqual(yield* askGrandchild(1), accepted)
        yield* env.say.completed("turn-1")
        assert.deepStrictEqual(yield* askGrandchild(2), { decision: "cancel" })
        yield* env.server.notify("thread/closed", { threadId: "grandchild" })
        assert.deepStrictEqual(yield* askGrandchild(3), declined)
      })
  )

  promise(
    "those of a turn that has ended do not answer for it, nor do those of the next",
    (env) =>
      Effect.gen(function*() {
        const accepting = Effect.provide(ServerRequests.layer({ commandApproval: always(Approval.accept) }))
        yield* accepting(running(env, "turn-1"))
        yield* env.say.completed("turn-1")
        yield* askCommand(env, 0)
        assert.deepStrictEqual(yield* commandAnswer(env, 0), declined)
        yield* accepting(running(env, "turn-2"))
        yield* askCommand(env, 1)
        assert.deepStrictEqual(yield* commandAnswer(env, 1), declined)
        yield* ask(env, 2, "mcpServer/elicitation/request", { turnId: null })
        yield* env.server.take
        yield* env.say.completed("turn-2")
      })
  )

  promise(
    "those that a thread was opened with last count, until the server closes it",
    (env) =>
      Effect.gen(function*() {
        yield* openWith(env, threadId, { commandApproval: always(Approval.cancel) })
        yield* openWith(env, threadId, { commandApproval: always(Approval.accept) })
        yield* askCommand(env, 0)
        assert.deepStrictEqual(yield* commandAnswer(env, 0), accepted)
        yield* env.server.notify("thread/closed", { threadId })
        yield* askCommand(env, 1)
        assert.deepStrictEqual(yield* commandAnswer(env, 1), declined)
      })
  )

  promise(
    "those of the turn answer what belongs to the thread but names no turn, while it runs",
    (env) =>
      Effect.gen(function*() {
        const handlers = { elicitation: always(Elicitation.cancel) }
        yield* running(env, "turn-1").pipe(Effect.provide(ServerRequests.layer(handlers)))
        const method = "mcpServer/elicitation/request"
        yield* ask(env, 0, method, { turnId: null })
        assert.deepStrictEqual(yield* answerTo(env, 0, method), { action: "cancel" })
        yield* env.say.completed("turn-1")
        yield* ask(env, 1, method, { turnId: null })
        assert.deepStrictEqual(yield* answerTo(env, 1, method), { action: "decline" })
      })
  )

  promise(
    "those of a review answer for its reviewer, whose turn has an id of its own, until it ends",
    (env) =>
      Effect.gen(function*() {
        const { say, server, thread } = env
        const reviewing = yield* thread.review(Review.custom("look")).pipe(
          Effect.provide(ServerRequests.layer({
            commandApproval: ({ itemId }) => itemId === "slow" ? Effect.never : Effect.succeed(Approval.accept)
          })),
          Effect.fork
        )
        const { id } = yield* server.takeRequest("review/start")
        yield* server.respond(id, { reviewThreadId: threadId, turn: turn("review-1") })
        yield* say.started("reviewer-1")
        yield* askCommand(env, 0, { turnId: "reviewer-1" })
        assert.deepStrictEqual(yield* commandAnswer(env, 0), accepted)
        yield* askCommand(env, 1, { turnId: "reviewer-1", itemId: "slow" })
        yield* settle
        yield* say.completed("review-1")
        yield* reviewing
      })
  )
})
