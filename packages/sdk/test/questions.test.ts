import * as Approval from "@effect-codex/sdk/Approval"
import type * as CodexConfig from "@effect-codex/sdk/CodexConfig"
import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import * as Transport from "@effect-codex/sdk/Transport"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { assertNothingHeld, connect, type Env, promise, settle } from "./support/env.js"
import {
  accepted,
  always,
  answersSoFar,
  answerTo,
  ask,
  askCommand,
  commandAnswer,
  declined,
  waiting
} from "./support/questions.js"
import { threadId, turn } from "./support/talk.js"
import { running } from "./support/turns.js"

/** A handler of the turn that does not answer is interrupted by what happens, and nothing is answered. */
const interruptedBy = <E>(
  name: string,
  happens: (env: Env) => Effect.Effect<unknown, E, Scope.Scope>,
  question: { readonly turnId?: string } = {}
) =>
  promise(name, (env) =>
    Effect.gen(function*() {
      const { begun, handler, interrupted } = yield* waiting
      const answering = ServerRequests.layer({ commandApproval: handler })
      yield* env.thread.startTurn("hi").pipe(
        Effect.provide(answering),
        Effect.flatMap(({ detach }) => detach),
        Effect.fork
      )
      const { id } = yield* env.server.takeRequest("turn/start")
      yield* env.say.accepted(id, "turn-1")
      yield* env.say.started("turn-1")
      yield* askCommand(env, 0, question)
      yield* begun
      yield* happens(env)
      yield* interrupted
      yield* settle
      assert.deepStrictEqual(yield* answersSoFar(env.server), [])
      assert.strictEqual((yield* env.appServer.stats).serverRequests, 0)
      yield* env.say.completed("turn-1")
    }))

describe("a handler is interrupted, and nothing is answered,", () => {
  interruptedBy(
    "when the server settles its question otherwise",
    ({ server }) => server.notify("serverRequest/resolved", { threadId, requestId: 0 })
  )

  interruptedBy("when its turn completes", ({ say }) => say.completed("turn-1"))

  interruptedBy(
    "when its turn completes in a way that cannot be decoded",
    ({ server }) => server.send({ method: "turn/completed", params: { threadId, turn: { id: "turn-1" } } })
  )

  interruptedBy("when the completion of its turn is lost, and read back", ({ server }) =>
    Effect.gen(function*() {
      yield* server.notify("thread/status/changed", { threadId, status: { type: "idle" } })
      yield* TestClock.adjust("1 second")
      const { id } = yield* server.takeRequest("thread/turns/list")
      yield* server.respond(id, { data: [turn("turn-1", { status: "completed" })] })
    }))

  interruptedBy(
    "when the server closes its thread",
    ({ server }) => server.notify("thread/closed", { threadId })
  )

  interruptedBy("when the connection ends", ({ server }) => server.end(Transport.end("Exited", { exitCode: 1 })))

  interruptedBy("when the Layer closes", ({ close }) => close)

  let interruptions = 0
  const neverAnswers: ServerRequests.Handlers = {
    commandApproval: () => Effect.onInterrupt(Effect.never, () => Effect.sync(() => interruptions++))
  }
  promise(
    "when a turn of others completes, looked at or not",
    ({ appServer, say, server, thread }) =>
      Effect.gen(function*() {
        yield* askCommand({ server }, 0, { turnId: "turn-of-others" })
        yield* say.completed("turn-1")
        yield* settle
        assert.deepStrictEqual([interruptions, (yield* appServer.stats).serverRequests], [0, 1])
        yield* say.completed("turn-of-others")
        yield* settle
        assert.deepStrictEqual([interruptions, (yield* appServer.stats).serverRequests], [1, 0])

        yield* Effect.forkScoped(Stream.runDrain(thread.events))
        yield* settle
        yield* say.started("turn-2")
        yield* askCommand({ server }, 0, { turnId: "turn-2" })
        yield* settle
        yield* server.notify("thread/status/changed", { threadId, status: { type: "idle" } })
        yield* settle
        assert.deepStrictEqual([interruptions, (yield* appServer.stats).serverRequests], [2, 0])
        assert.deepStrictEqual(yield* answersSoFar(server), [])
      }),
    { handlers: neverAnswers }
  )
})

/** A handler of commands that cannot be interrupted, and accepts when it is told to. */
const stubborn = Effect.map(
  Effect.all([Deferred.make<void>(), Deferred.make<void>()]),
  ([begun, told]) => ({
    begun: Deferred.await(begun),
    letGo: Deferred.succeed(told, undefined),
    handler: () =>
      Deferred.succeed(begun, undefined).pipe(
        Effect.zipRight(Deferred.await(told)),
        Effect.as(Approval.accept),
        Effect.uninterruptible
      )
  })
)

/** A promise about handlers of the connection that are made for it. */
const withHandlers = <H, E>(
  name: string,
  make: Effect.Effect<H>,
  handlersOf: (made: H) => ServerRequests.Handlers,
  body: (env: Env, made: H) => Effect.Effect<unknown, E, Scope.Scope>,
  config: Partial<CodexConfig.Options> = {}
) =>
  it.scoped(name, () =>
    Effect.gen(function*() {
      const made = yield* make
      const env = yield* connect({ config, handlers: handlersOf(made) })
      yield* Effect.scoped(body(env, made))
      yield* assertNothingHeld(env)
    }))

describe("a handler is interrupted", () => {
  it.scoped("also where its connection was opened in a region that cannot be", () =>
    Effect.gen(function*() {
      const { begun, handler, interrupted } = yield* waiting
      const env = yield* Effect.uninterruptible(connect({ handlers: { commandApproval: handler } }))
      yield* askCommand(env, 0)
      yield* begun
      yield* env.server.notify("serverRequest/resolved", { threadId, requestId: 0 })
      yield* interrupted
      yield* assertNothingHeld(env)
    }))

  withHandlers(
    "at the end of the connection, also where another one cannot be",
    Effect.all({ one: stubborn, other: waiting }),
    ({ one, other }) => ({
      commandApproval: ({ itemId }) => itemId === "stubborn" ? one.handler() : other.handler()
    }),
    (env, { one, other }) =>
      Effect.gen(function*() {
        yield* askCommand(env, 0, { itemId: "stubborn" })
        yield* askCommand(env, 1)
        yield* one.begun
        yield* other.begun
        yield* env.server.end(Transport.end("Exited"))
        yield* other.interrupted
        yield* one.letGo
      })
  )
})

describe("a handler that cannot be interrupted", () => {
  withHandlers(
    "answers neither a question that is over, nor another one under the same id",
    stubborn,
    ({ handler }) => ({ commandApproval: handler, userInput: always({ color: "red" }) }),
    (env, { begun, letGo }) =>
      Effect.gen(function*() {
        yield* askCommand(env, 0)
        yield* begun
        yield* ask(env, 0, "item/tool/requestUserInput")
        assert.deepStrictEqual(yield* answerTo(env, 0, "item/tool/requestUserInput"), {
          answers: { color: { answers: ["red"] } }
        })
        yield* letGo
        yield* settle
        assert.deepStrictEqual(yield* answersSoFar(env.server), [])
      })
  )

  withHandlers(
    "holds up the closing of the Layer for no longer than the grace",
    stubborn,
    ({ handler }) => ({ commandApproval: handler }),
    (env, { begun, letGo }) =>
      Effect.gen(function*() {
        yield* askCommand(env, 0)
        yield* begun
        const closing = yield* Effect.fork(env.close)
        yield* TestClock.adjust("4 seconds")
        assert.isNull(closing.unsafePoll())
        yield* TestClock.adjust("1 second")
        yield* closing
        yield* letGo
      }),
    { interruptGrace: "5 seconds" }
  )
})

describe("of more questions than may be open", () => {
  withHandlers(
    "each further one grants nothing and is counted, until one is over",
    stubborn,
    ({ handler }) => ({ commandApproval: handler, fileChangeApproval: always(Approval.accept) }),
    (env, { begun, letGo }) =>
      Effect.gen(function*() {
        const method = "item/fileChange/requestApproval"
        yield* askCommand(env, 0)
        yield* askCommand(env, 1)
        yield* begun
        yield* ask(env, 2, method)
        assert.deepStrictEqual(yield* answerTo(env, 2, method), declined)
        // What cannot be interrupted is open as long as it runs.
        yield* env.server.notify("serverRequest/resolved", { threadId, requestId: 1 })
        yield* ask(env, 3, method)
        assert.deepStrictEqual(yield* answerTo(env, 3, method), declined)
        const { serverRequests, serverRequestsRefused } = yield* env.appServer.stats
        assert.deepStrictEqual([serverRequests, serverRequestsRefused], [2, 2])
        yield* letGo
        assert.deepStrictEqual(yield* commandAnswer(env, 0), accepted)
        yield* ask(env, 4, method)
        assert.deepStrictEqual(yield* answerTo(env, 4, method), accepted)
      }),
    { openQuestions: 2 }
  )

  promise(
    "no more wait for a server that takes nothing in than may be open, and as many again",
    (env) =>
      Effect.gen(function*() {
        yield* env.server.pause
        for (let id = 0; id < 7; id++) {
          yield* ask(env, id, "item/tool/requestUserInput")
        }
        yield* settle
        const { serverRequests, serverRequestsRefused } = yield* env.appServer.stats
        assert.deepStrictEqual([serverRequests, serverRequestsRefused], [2, 5])
        yield* env.server.resume
        yield* settle
        assert.deepStrictEqual((yield* answersSoFar(env.server)).map(({ id }) => id), [0, 1, 2, 3])
      }),
    { config: { openQuestions: 2 } }
  )
})

describe("a question is not given up", () => {
  const { promise: answerLater, answerNow } = gate()

  answerLater("when another one is settled, or another turn ends", (env) =>
    Effect.gen(function*() {
      yield* askCommand(env, "0")
      yield* env.server.notify("serverRequest/resolved", { threadId, requestId: 0 })
      yield* env.say.completed("turn-2")
      yield* answerNow
      assert.deepStrictEqual(yield* commandAnswer(env, "0"), accepted)
    }))

  answerLater("when nobody looks any more at the turn of others that asks it", (env) =>
    Effect.gen(function*() {
      const reading = yield* Effect.fork(Stream.runDrain(env.thread.events))
      yield* settle
      yield* env.say.started("turn-1")
      yield* askCommand(env, 0)
      yield* Fiber.interrupt(reading)
      yield* settle
      assert.strictEqual((yield* env.appServer.stats).turns, 0)
      yield* answerNow
      assert.deepStrictEqual(yield* commandAnswer(env, 0), accepted)
    }))

  answerLater("when its turn is let go on, and the thread is unsubscribed from", (env) =>
    Effect.gen(function*() {
      const { detach } = yield* running(env, "turn-1")
      yield* detach
      yield* askCommand(env, 0)
      const unsubscribing = yield* Effect.fork(env.thread.unsubscribe)
      const { id } = yield* env.server.takeRequest("thread/unsubscribe")
      yield* env.server.respond(id, { status: "unsubscribed" })
      yield* unsubscribing
      yield* answerNow
      assert.deepStrictEqual(yield* commandAnswer(env, 0), accepted)
    }))
})

/** A handler of the connection that accepts a command when it is told to. */
function gate() {
  let open: Deferred.Deferred<void> | undefined
  const handlers: ServerRequests.Handlers = {
    commandApproval: () =>
      Effect.suspend(() => open === undefined ? Effect.never : Effect.as(Deferred.await(open), Approval.accept))
  }
  return {
    promise: <E>(name: string, body: (env: Env) => Effect.Effect<unknown, E, Scope.Scope>) =>
      promise(name, (env) =>
        Effect.zipRight(
          Effect.map(Deferred.make<void>(), (deferred) => open = deferred),
          body(env)
        ), { handlers }),
    answerNow: Effect.suspend(() => open === undefined ? Effect.void : Deferred.succeed(open, undefined))
  }
}

describe("several questions are open at once,", () => {
  const slow = gate()
  slow.promise(
    "and a slow handler delays neither other questions nor events nor requests",
    (env) =>
      Effect.gen(function*() {
        const { appServer, say, server } = env
        const turn = yield* running(env, "turn-1")
        const texts = yield* Effect.fork(Stream.runCollect(turn.textDeltas))
        yield* settle
        yield* askCommand(env, 0)
        yield* askCommand(env, 1, { turnId: "turn-2" })
        yield* ask(env, 2, "item/fileChange/requestApproval")
        assert.deepStrictEqual(yield* answerTo(env, 2, "item/fileChange/requestApproval"), declined)
        yield* say.delta("turn-1", "still here")
        const asking = yield* Effect.fork(appServer.request("model/list", {}))
        const { id } = yield* server.takeRequest("model/list")
        yield* server.respond(id, { data: [], nextCursor: null })
        yield* asking
        assert.strictEqual((yield* appServer.stats).serverRequests, 2)
        yield* slow.answerNow
        assert.sameMembers([(yield* server.take).id, (yield* server.take).id], [0, 1])
        yield* say.completed("turn-1")
        assert.deepStrictEqual(Array.from(yield* texts), ["still here"])
      })
  )

  promise("each under its own id, which may be used again", (env) =>
    Effect.gen(function*() {
      const { server } = env
      yield* askCommand(env, 0)
      assert.deepStrictEqual(yield* commandAnswer(env, 0), accepted)
      yield* askCommand(env, 0, { itemId: "slow" })
      // In one chunk, so that nothing happens in between.
      yield* server.sendFrames([
        JSON.stringify({ method: "serverRequest/resolved", params: { threadId, requestId: 0 } }),
        JSON.stringify({ id: 0, method: "item/tool/requestUserInput", params: { questions: [] } }),
        JSON.stringify({ id: "0", method: "item/tool/requestUserInput", params: { questions: [] } })
      ])
      yield* settle
      assert.deepStrictEqual((yield* answersSoFar(server)).map(({ id }) => id), [0, "0"])
      yield* askCommand(env, 0, { itemId: "slow" })
      yield* askCommand(env, 0)
      assert.deepStrictEqual(yield* commandAnswer(env, 0), accepted)
    }), {
    handlers: {
      commandApproval: ({ itemId }) => itemId === "slow" ? Effect.never : Effect.succeed(Approval.accept),
      userInput: always({})
    }
  })
})
