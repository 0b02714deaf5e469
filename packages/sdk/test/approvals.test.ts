import * as Approval from "@effect-codex/sdk/Approval"
import * as Elicitation from "@effect-codex/sdk/Elicitation"
import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import type { Thread } from "@effect-codex/sdk/Thread"
import * as Transport from "@effect-codex/sdk/Transport"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { promise, settle } from "./support/env.js"
import {
  accepted,
  always,
  answersSoFar,
  answerTo,
  ask,
  askCommand,
  commandAnswer,
  declined,
  openWith,
  questions
} from "./support/questions.js"
import { threadId } from "./support/talk.js"
import { running } from "./support/turns.js"

/** A reader of the open questions of a thread, which takes them one by one, until the scope closes. */
const read = (thread: Thread) =>
  Effect.gen(function*() {
    const taken = yield* Queue.unbounded<ServerRequests.Open>()
    const reading = yield* Effect.forkScoped(Stream.runForEach(thread.approvals, (open) => taken.offer(open)))
    yield* settle
    return { next: taken.take, size: taken.size, reading, leave: Fiber.interrupt(reading) }
  })

const command = (open: ServerRequests.Open) => {
  assert(open._tag === "CommandApproval")
  return open
}

const accepting: ServerRequests.Handlers = { commandApproval: always(Approval.accept) }

describe("the open questions of a thread", () => {
  promise(
    "are declined in the words of their kind, or left to the next wider handlers, by one that knows no kinds",
    (env) =>
      Effect.gen(function*() {
        const reader = yield* read(env.thread)
        yield* askCommand(env, 0)
        yield* (yield* reader.next).decline
        assert.deepStrictEqual((yield* env.server.take).result, { decision: "decline" })
        yield* ask(env, 1, "item/tool/requestUserInput")
        yield* (yield* reader.next).decline
        assert.deepStrictEqual((yield* env.server.take).result, { answers: {} })
        yield* askCommand(env, 2)
        const passed = yield* reader.next
        yield* passed.pass
        assert.deepStrictEqual((yield* env.server.take).result, { decision: "decline" })
        assert.strictEqual((yield* Effect.flip(passed.decline)).reason, "Closed")
        yield* reader.leave
      })
  )

  promise(
    "are read as a stream, those first that are open already, and answered one by one",
    (env) =>
      Effect.gen(function*() {
        const first = yield* read(env.thread)
        yield* askCommand(env, 0)
        yield* askCommand(env, 1, { itemId: "item-2" })
        yield* settle
        const second = yield* read(env.thread)
        yield* ask(env, 2, "item/tool/requestUserInput")

        for (const reader of [first, second]) {
          const seen = [yield* reader.next, yield* reader.next, yield* reader.next]
          assert.deepStrictEqual(seen.map(({ _tag, requestId }) => [_tag, requestId]), [
            ["CommandApproval", 0],
            ["CommandApproval", 1],
            ["UserInput", 2]
          ])
          if (reader === second) {
            yield* command(seen[1] ?? assert.fail()).answer(Approval.accept)
            assert.deepStrictEqual(yield* commandAnswer(env, 1), accepted)
            yield* command(seen[0] ?? assert.fail()).answer(Approval.decline)
            assert.deepStrictEqual(yield* commandAnswer(env, 0), declined)
            const third = seen[2]
            assert(third?._tag === "UserInput")
            yield* third.answer({ color: "Red" })
            assert.deepStrictEqual(yield* answerTo(env, 2, "item/tool/requestUserInput"), {
              answers: { color: { answers: ["Red"] } }
            })
          }
        }
      })
  )

  promise("are of every kind that a person answers, and of no other", (env) =>
    Effect.gen(function*() {
      const reader = yield* read(env.thread)
      for (const method of Object.keys(questions) as Array<keyof typeof questions>) {
        yield* ask(env, method, method)
      }
      yield* settle
      const seen = Array.from(yield* Effect.all(Array.from({ length: yield* reader.size }, () => reader.next)))
      assert.deepStrictEqual(seen.map(({ _tag }) => _tag), [
        "CommandApproval",
        "FileChangeApproval",
        "PermissionsApproval",
        "UserInput",
        "Elicitation",
        "LegacyCommandApproval",
        "LegacyPatchApproval"
      ])
      assert.deepStrictEqual((yield* answersSoFar(env.server)).map(({ id }) => id), [
        "item/tool/call",
        "account/chatgptAuthTokens/refresh",
        "attestation/generate",
        "currentTime/read"
      ])
    }), { handlers: accepting })

  promise("take the first answer, and refuse the others", (env) =>
    Effect.gen(function*() {
      const readers = [yield* read(env.thread), yield* read(env.thread)]
      yield* askCommand(env, 0)
      const [a, b] = yield* Effect.all(readers.map(({ next }) => Effect.map(next, command)))
      yield* (a ?? assert.fail()).answer(Approval.accept)
      const refusal = yield* Effect.flip((b ?? assert.fail()).answer(Approval.decline))
      assert.deepStrictEqual([refusal._tag, refusal.reason, refusal.requestId], ["AnswerRefused", "Closed", 0])
      assert.deepStrictEqual(yield* commandAnswer(env, 0), accepted)
      yield* settle
      assert.deepStrictEqual(yield* answersSoFar(env.server), [])
    }))

  promise("refuse an answer that they do not allow at once, and stay open", (env) =>
    Effect.gen(function*() {
      const reader = yield* read(env.thread)
      yield* askCommand(env, 0)
      const approval = command(yield* reader.next)
      const refusal = yield* Effect.flip(approval.answer(Approval.acceptWithExecPolicyAmendment(["rm"])))
      assert.strictEqual(refusal.reason, "NotAllowed")
      assert.include(refusal.message, "AcceptForSession, AcceptWithExecPolicyAmendment, Decline, Cancel")
      yield* ask(env, 1, "mcpServer/elicitation/request")
      const form = yield* reader.next
      assert(form._tag === "Elicitation")
      const unfilled = yield* Effect.flip(form.answer(Elicitation.accept({ age: 36 })))
      assert.strictEqual(unfilled.reason, "NotAllowed")
      assert.include(unfilled.message, "name: is missing")
      yield* settle
      assert.deepStrictEqual(yield* answersSoFar(env.server), [])
      yield* approval.answer(Approval.acceptForSession)
      assert.deepStrictEqual(yield* commandAnswer(env, 0), { decision: "acceptForSession" })
      yield* form.answer(Elicitation.accept({ name: "Ada" }))
      assert.deepStrictEqual(yield* answerTo(env, 1, "mcpServer/elicitation/request"), {
        action: "accept",
        content: { name: "Ada" }
      })
    }))

  promise("tell when they are over, and take no answer any more", (env) =>
    Effect.gen(function*() {
      yield* running(env, "turn-1")
      const reader = yield* read(env.thread)
      for (const id of [0, 1, 2]) {
        yield* askCommand(env, id)
      }
      const [answered, settled, ended] = [
        command(yield* reader.next),
        command(yield* reader.next),
        command(yield* reader.next)
      ]
      yield* answered.answer(Approval.accept)
      yield* answered.closed
      yield* commandAnswer(env, 0)
      yield* env.server.notify("serverRequest/resolved", { threadId, requestId: 1 })
      yield* settled.closed
      const waiting = yield* Effect.fork(ended.closed)
      yield* settle
      assert.isNull(waiting.unsafePoll())
      yield* env.say.completed("turn-1")
      yield* waiting
      for (const open of [answered, settled, ended]) {
        assert.strictEqual((yield* Effect.flip(open.answer(Approval.accept))).reason, "Closed")
      }
      assert.deepStrictEqual(yield* answersSoFar(env.server), [])
    }))

  promise(
    "go on to the handlers when the last reader leaves, and go there while nobody reads",
    (env) =>
      Effect.gen(function*() {
        yield* askCommand(env, 0)
        assert.deepStrictEqual(yield* commandAnswer(env, 0), accepted)
        const [first, second] = [yield* read(env.thread), yield* read(env.thread)]
        yield* askCommand(env, 1)
        const open = command(yield* first.next)
        yield* first.leave
        yield* settle
        assert.deepStrictEqual(yield* answersSoFar(env.server), [])
        yield* second.leave
        assert.deepStrictEqual(yield* commandAnswer(env, 1), accepted)
        assert.strictEqual((yield* Effect.flip(open.answer(Approval.decline))).reason, "Closed")
        yield* askCommand(env, 2)
        assert.deepStrictEqual(yield* commandAnswer(env, 2), accepted)

        // The turn keeps the thread, and so what the readers had of it.
        yield* running(env, "turn-1")
        const third = yield* read(env.thread)
        yield* third.leave
        yield* askCommand(env, 3)
        assert.deepStrictEqual(yield* commandAnswer(env, 3), accepted)
        yield* env.say.completed("turn-1")
      }),
    { handlers: accepting }
  )

  promise("come before the handlers of the thread, and after those of the turn", (env) =>
    Effect.gen(function*() {
      const thread = yield* openWith(env, threadId, accepting)
      const reader = yield* read(thread)
      yield* running(env, "turn-1", { thread }).pipe(
        Effect.provide(ServerRequests.layer({
          commandApproval: ({ itemId }) => itemId === "item-1" ? Effect.succeed(Approval.cancel) : ServerRequests.pass
        }))
      )
      yield* askCommand(env, 0)
      assert.deepStrictEqual(yield* commandAnswer(env, 0), { decision: "cancel" })
      yield* askCommand(env, 1, { itemId: "item-2" })
      yield* command(yield* reader.next).answer(Approval.decline)
      assert.deepStrictEqual(yield* commandAnswer(env, 1), declined)
      yield* env.say.completed("turn-1")
    }))

  promise("are also those of its sub-agents, and not those of other threads", (env) =>
    Effect.gen(function*() {
      const reader = yield* read(env.thread)
      yield* env.server.send({
        method: "thread/started",
        params: { thread: { id: "child", parentThreadId: threadId } }
      })
      yield* askCommand(env, 0, { threadId: "another" })
      assert.deepStrictEqual(yield* commandAnswer(env, 0), declined)
      yield* askCommand(env, 1, { threadId: "child", turnId: "turn-of-the-child" })
      const open = command(yield* reader.next)
      assert.strictEqual(open.threadId, "child")
      yield* open.answer(Approval.accept)
      assert.deepStrictEqual(yield* commandAnswer(env, 1), accepted)
    }))

  promise(
    "that a reader does not take in time end its stream, and stay for the others",
    (env) =>
      Effect.gen(function*() {
        const gate = yield* Effect.makeLatch()
        const slow = yield* env.thread.approvals.pipe(
          Stream.runForEach(() => gate.await),
          Effect.exit,
          Effect.forkScoped
        )
        const reader = yield* read(env.thread)
        for (let id = 0; id < 6; id++) {
          yield* askCommand(env, id)
          yield* settle
        }
        yield* gate.open
        const exit = yield* slow
        assert(Exit.isFailure(exit) && exit.cause._tag === "Fail")
        assert.strictEqual(exit.cause.error._tag, "EventOverflow")
        for (let id = 0; id < 6; id++) {
          yield* command(yield* reader.next).answer(Approval.accept)
          assert.deepStrictEqual(yield* commandAnswer(env, id), accepted)
        }
      }),
    { config: { eventCapacity: 2 } }
  )

  promise("end with the connection", (env) =>
    Effect.gen(function*() {
      const { reading } = yield* read(env.thread)
      yield* askCommand(env, 0)
      yield* env.server.end(Transport.end("Exited"))
      const error = yield* Effect.flip(Fiber.join(reading))
      assert.strictEqual(error._tag, "ConnectionClosed")
      assert.strictEqual((yield* Effect.flip(Stream.runDrain(env.thread.approvals)))._tag, "ConnectionClosed")
    }))
})
