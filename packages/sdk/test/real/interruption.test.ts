import * as Codex from "@effect-codex/sdk/Codex"
import type { Thread } from "@effect-codex/sdk/Thread"
import type { TurnEvent } from "@effect-codex/sdk/TurnEvent"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { assertIdle, codexTest, home, start, startCodex, statusesOf } from "./harness.js"
import { holdAnswers } from "./holdAnswers.js"

/** Goes on for ever after a first word, unless it is asked to answer. */
const script = (request: ScriptedModel.ModelRequest) =>
  request.userText.startsWith("hang")
    ? ScriptedModel.text(["one ", ScriptedModel.hang, "two"])
    : ScriptedModel.text("done")

const isDelta = (event: TurnEvent) => event._tag === "ItemAgentMessageDelta"

const untilAsked = (userText: string) =>
  Effect.flatMap(
    ScriptedModel.ScriptedModel,
    (model) => model.awaitRequest((request) => request.userText === userText)
  )

/** The server has interrupted the only turn of the thread, and takes the next one. */
const assertInterrupted = Effect.fnUntraced(function*(thread: Thread) {
  assert.deepStrictEqual(yield* statusesOf(thread), ["interrupted"])
  const next = yield* thread.run("next")
  assert.strictEqual(next.finalResponse, "done")
  assert.deepStrictEqual(yield* statusesOf(thread), ["interrupted", "completed"])
})

layer(codexTest({ script }), { excludeTestServices: true })("a turn is interrupted on the server", (it) => {
  const startThread = Effect.flatMap(Codex.Codex, (codex) => codex.startThread())

  it.effect("when the fiber that runs it is interrupted", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const fiber = yield* Effect.fork(thread.run("hang in run"))
      yield* untilAsked("hang in run")
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      yield* assertInterrupted(thread)
      yield* assertIdle
    }))

  it.effect("when the fiber that streams it is interrupted", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const spoken = yield* Deferred.make<void>()
      const fiber = yield* thread.stream("hang in stream").pipe(
        Stream.filter(isDelta),
        Stream.runForEach(() => Deferred.succeed(spoken, undefined)),
        Effect.fork
      )
      yield* Deferred.await(spoken)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      yield* assertInterrupted(thread)
      yield* assertIdle
    }))

  it.effect("when a timeout strikes", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const result = yield* thread.run("hang until the timeout").pipe(Effect.timeoutOption("300 millis"))
      assert.isTrue(Option.isNone(result))
      yield* assertInterrupted(thread)
      yield* assertIdle
    }))

  it.effect("when a timeout strikes before the server has said a word of it", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const result = yield* thread.run("hang until the short timeout").pipe(Effect.timeoutOption("1 millis"))
      assert.isTrue(Option.isNone(result))
      yield* assertInterrupted(thread)
      yield* assertIdle
    }))

  it.effect("when it loses a race", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const winner = yield* Effect.race(
        thread.run("hang in a race"),
        Effect.as(untilAsked("hang in a race"), "the other one" as const)
      )
      assert.strictEqual(winner, "the other one")
      yield* assertInterrupted(thread)
      yield* assertIdle
    }))

  it.effect("when its stream is left after the first event", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const events = yield* thread.stream("hang after one").pipe(Stream.take(1), Stream.runCollect)
      assert.deepStrictEqual(Array.from(events, ({ _tag }) => _tag), ["TurnStarted"])
      yield* assertInterrupted(thread)
      yield* assertIdle
    }))

  it.effect("when the scope it was started in closes", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const turn = yield* Effect.scoped(Effect.gen(function*() {
        const turn = yield* thread.startTurn("hang in a scope")
        yield* turn.textDeltas.pipe(Stream.take(1), Stream.runDrain)
        return turn
      }))
      const error = yield* Effect.flip(turn.result)
      assert.strictEqual(error._tag, "TurnInterrupted")
      yield* assertInterrupted(thread)
      yield* assertIdle
    }))

  it.scoped("by `interrupt`, which reports it", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const turn = yield* thread.startTurn("hang until told")
      yield* turn.textDeltas.pipe(Stream.take(1), Stream.runDrain)
      const report = yield* turn.interrupt
      assert.deepInclude(report, { id: turn.id, threadId: thread.id, status: "interrupted", finalResponse: null })
      assert.deepStrictEqual(yield* turn.interrupt, report)
      yield* assertInterrupted(thread)
      yield* assertIdle
    }))

  it.scoped("at once by `interrupt`, though the server has just accepted it", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const turn = yield* thread.startTurn("hang not at all")
      assert.strictEqual((yield* turn.interrupt).status, "interrupted")
      yield* assertInterrupted(thread)
      yield* assertIdle
    }))

  it.scoped("but not where it was faster: then `interrupt` reports how it ended", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const turn = yield* thread.startTurn("be fast")
      const result = yield* turn.result
      assert.deepStrictEqual(yield* turn.interrupt, result)
      assert.strictEqual(result.status, "completed")
      yield* assertIdle
    }))

  it.effect("but not after `detach`", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const turn = yield* Effect.scoped(Effect.tap(thread.startTurn("go on"), (turn) => turn.detach))
      assert.strictEqual((yield* turn.result).finalResponse, "done")
      assert.deepStrictEqual(yield* statusesOf(thread), ["completed"])
      yield* assertIdle
    }))
})

layer(home(script), { excludeTestServices: true })("before the answer to turn/start", (it) => {
  it.scoped("an interruption waits for the answer, and then stops the turn", () =>
    Effect.gen(function*() {
      const answer = yield* holdAnswers("turn/start")
      const context = yield* start({ wrap: answer.wrap })
      const thread = yield* Context.get(context, Codex.Codex).startThread()
      const fiber = yield* Effect.fork(thread.run("hang unanswered"))
      yield* Effect.zip(answer.held, untilAsked("hang unanswered"))
      const interruption = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* Effect.yieldNow()
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      yield* answer.release
      assert.isTrue(Exit.isInterrupted(yield* Fiber.join(interruption)))
      yield* assertInterrupted(thread)
      yield* Effect.provide(assertIdle, context)
    }))

  it.scoped("a turn may complete, and loses nothing", () =>
    Effect.gen(function*() {
      const answer = yield* holdAnswers("turn/start", "turn/completed")
      const context = yield* start({ wrap: answer.wrap })
      const thread = yield* Context.get(context, Codex.Codex).startThread()
      const tags = Array.from(yield* Stream.runCollect(thread.stream("fast")), ({ _tag }) => _tag)
      yield* answer.held
      assert.strictEqual(tags[0], "TurnStarted")
      assert.include(tags, "ItemAgentMessageDelta")
      assert.strictEqual(tags.at(-1), "TurnCompleted")
      yield* Effect.provide(assertIdle, context)
    }))
})

layer(home(script), { excludeTestServices: true })("when the Layer is closed", (it) => {
  it.effect("a turn is interrupted, and the next process takes the thread up", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const first = yield* Scope.extend(startCodex(), scope)
      const thread = yield* first.startThread()
      const fiber = yield* Effect.fork(thread.run("hang until the Layer closes"))
      yield* untilAsked("hang until the Layer closes")
      yield* Scope.close(scope, Exit.void)
      const error = yield* Effect.flip(Fiber.join(fiber))
      assert.strictEqual(error._tag, "TurnInterrupted")

      yield* Effect.scoped(Effect.gen(function*() {
        const second = yield* startCodex()
        yield* assertInterrupted(yield* second.resumeThread(thread.id))
      }))
    }))

  it.effect("turns that wait for others are not started any more", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedModel.ScriptedModel
      const scope = yield* Scope.make()
      const codex = yield* Scope.extend(startCodex(), scope)
      const texts = Array.from({ length: 4 }, (_, index) => `hang ${index}`)
      const threads = yield* Effect.forEach(texts, () => codex.startThread())
      const run = (text: (index: number) => string) =>
        Effect.forEach(threads, (thread, index) => Effect.fork(Effect.flip(thread.run(text(index)))))
      const active = yield* run((index) => `hang ${index}`)
      yield* Effect.forEach(texts, untilAsked)
      const waiting = yield* run((index) => `hang in line ${index}`)
      yield* Effect.yieldNow()
      yield* Scope.close(scope, Exit.void)
      for (const error of yield* Effect.forEach(active, Fiber.join)) {
        assert.strictEqual(error._tag, "TurnInterrupted")
      }
      for (const error of yield* Effect.forEach(waiting, Fiber.join)) {
        assert.isTrue(error._tag === "ConnectionClosed" && error.reason === "LayerClosed")
      }
      const asked = (yield* model.requests).map(({ userText }) => userText)
      assert.deepStrictEqual(asked.filter((text) => text.startsWith("hang in line")), [])

      yield* Effect.scoped(Effect.gen(function*() {
        const next = yield* startCodex()
        yield* Effect.forEach(threads, ({ id }) => Effect.flatMap(next.resumeThread(id), assertInterrupted))
      }))
    }))
})
