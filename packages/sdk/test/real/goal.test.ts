import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import type { Thread } from "@effect-codex/sdk/Thread"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { assertIdle, codexTest, statusesOf } from "./harness.js"
import { from, promises } from "./releases.js"

const isContinuation = (request: ScriptedModel.ModelRequest) => request.userText.includes("source=\"goal\"")

const pursues = (objective: string) => (request: ScriptedModel.ModelRequest) =>
  isContinuation(request) && JSON.stringify(request.input).includes(objective)

const say = (status: "complete" | "blocked") => ScriptedModel.toolCall({ name: "update_goal", arguments: { status } })

/** The threads on which Godot has come. */
const arrived = new Set<string | undefined>()

const rounds = new Map<string, number>()

/** Says that it works on in two turns, and settles the goal in the third. */
const script = (request: ScriptedModel.ModelRequest): ScriptedModel.Entry => {
  if (!isContinuation(request)) {
    return ScriptedModel.echo(request)
  }
  if (request.toolOutputs.length > 0) {
    return ScriptedModel.text("That is it.", { phase: "final_answer" })
  }
  if (pursues("wait for Godot")(request) && !arrived.has(request.threadId)) {
    return ScriptedModel.reply(ScriptedModel.text("I begin."), ScriptedModel.hang)
  }
  if (pursues("ask the oracle")(request)) {
    return ScriptedModel.fail({ message: "The model is gone." })
  }
  const round = (rounds.get(request.threadId ?? "") ?? 0) + 1
  rounds.set(request.threadId ?? "", round)
  return round % 3 === 0
    ? say(pursues("square the circle")(request) ? "blocked" : "complete")
    : ScriptedModel.text(`Round ${round}.`)
}

layer(codexTest({ script }), { excludeTestServices: true })("a goal", (it) => {
  const startThread = Effect.flatMap(Codex.Codex, (codex) => codex.startThread())

  /** A goal that is being pursued, once the model is asked. */
  const pursueInBackground = (thread: Thread, objective: string) =>
    Effect.gen(function*() {
      const model = yield* ScriptedModel.ScriptedModel
      const running = yield* Effect.fork(thread.goal.run(objective))
      yield* model.awaitRequest((request) => request.threadId === thread.id && pursues(objective)(request))
      return running
    })

  from(promises.goals, it.effect)(
    "is run as one turn over all those that the server starts for it",
    () =>
      Effect.gen(function*() {
        const thread = yield* startThread
        const { finalResponse, goal, turns } = yield* thread.goal.run("paint the fence")
        assert.deepStrictEqual(turns.map((turn) => [turn.status, turn.finalResponse]), [
          ["completed", "Round 1."],
          ["completed", "Round 2."],
          ["completed", "That is it."]
        ])
        assert.strictEqual(finalResponse, "That is it.")
        assert.deepInclude(goal, { objective: "paint the fence", status: "complete" })
        assert.deepStrictEqual(yield* thread.goal.get, goal)
        assert.deepStrictEqual(yield* statusesOf(thread), ["completed", "completed", "completed"])
        yield* assertIdle
      })
  )

  from(promises.goals, it.effect)(
    "is streamed as the events of all its turns, in order, and what is said of it",
    () =>
      Effect.gen(function*() {
        const thread = yield* startThread
        const events = Chunk.toReadonlyArray(yield* Stream.runCollect(thread.goal.stream("paint the fence")))
        const turns = events.flatMap((event) =>
          event._tag === "TurnStarted" || event._tag === "TurnCompleted" ? [[event._tag, event.turn.id]] : []
        )
        const [first, , second, , third] = turns.map(([, id]) => id)
        assert.deepStrictEqual(
          turns,
          [first, second, third].flatMap((id) => [["TurnStarted", id], ["TurnCompleted", id]])
        )
        const statuses = events.flatMap((event) => event._tag === "ThreadGoalUpdated" ? [event.goal.status] : [])
        assert.strictEqual(statuses.at(0), "active")
        assert.strictEqual(statuses.at(-1), "complete")
        yield* assertIdle
      })
  )

  from(promises.goals, it.effect)("that the agent gives up fails with what it came to", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const error = yield* Effect.flip(thread.goal.run("square the circle"))
      assert.strictEqual(error._tag, "GoalUnfinished")
      if (error._tag === "GoalUnfinished") {
        assert.strictEqual(error.reason, "Blocked")
        assert.strictEqual(error.goal.status, "blocked")
        assert.lengthOf(error.turns, 3)
        assert.isNull(error.error)
      }
      yield* assertIdle
    }))

  from(promises.goals, it.effect)(
    "of which a turn fails is blocked by the server, and fails with the turn's error",
    () =>
      Effect.gen(function*() {
        const thread = yield* startThread
        const error = yield* Effect.flip(thread.goal.run("ask the oracle"))
        assert.deepInclude(error, { _tag: "GoalUnfinished", reason: "Blocked" })
        assert.include(error.message, "The model is gone.")
        yield* assertIdle
      })
  )

  from(promises.goals, it.effect)("that uses up its budget ends as limited by it", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const error = yield* Effect.flip(thread.goal.run("paint the fence", { tokenBudget: 20 }))
      assert.deepInclude(error, { _tag: "GoalUnfinished", reason: "BudgetLimited" })
      assert.lengthOf(error._tag === "GoalUnfinished" ? error.turns : [], 2)
      yield* assertIdle
    }))

  from(promises.goals, it.effect)(
    "that is interrupted is paused, its turn stopped, and goes on when it is run again",
    () =>
      Effect.gen(function*() {
        const thread = yield* startThread
        const running = yield* pursueInBackground(thread, "wait for Godot")
        yield* Fiber.interrupt(running)
        assert.strictEqual((yield* thread.goal.get)?.status, "paused")
        assert.strictEqual((yield* thread.read()).status.type, "idle")
        assert.deepStrictEqual(yield* statusesOf(thread), ["interrupted"])
        arrived.add(thread.id)
        const { goal, turns } = yield* thread.goal.run("wait for Godot")
        assert.strictEqual(goal.status, "complete")
        assert.lengthOf(turns, 3)
        yield* assertIdle
      })
  )

  from(promises.goals, it.effect)(
    "whose stream is not read to its end is paused, its turn stopped",
    () =>
      Effect.gen(function*() {
        const thread = yield* startThread
        yield* thread.goal.stream("wait for Godot").pipe(
          Stream.takeUntil(({ _tag }) => _tag === "ItemAgentMessageDelta"),
          Stream.runDrain
        )
        assert.strictEqual((yield* thread.goal.get)?.status, "paused")
        assert.deepStrictEqual(yield* statusesOf(thread), ["interrupted"])
        yield* assertIdle
      })
  )

  from(promises.goals, it.effect)(
    "of which somebody stops a turn ends there, and is paused",
    () =>
      Effect.gen(function*() {
        const thread = yield* startThread
        const running = yield* pursueInBackground(thread, "wait for Godot")
        yield* stopActive(thread)
        const error = yield* Effect.flip(Fiber.join(running))
        assert.deepInclude(error, { _tag: "GoalUnfinished", reason: "Interrupted" })
        assert.strictEqual((yield* thread.goal.get)?.status, "paused")
        yield* assertIdle
      })
  )

  from(promises.goals, it.effect)(
    "that somebody pauses or clears ends with the turn that is active",
    () =>
      Effect.gen(function*() {
        const thread = yield* startThread
        const paused = yield* pursueInBackground(thread, "wait for Godot")
        const { status } = yield* thread.goal.set({ status: "paused" })
        assert.strictEqual(status, "paused")
        yield* stopActive(thread)
        assert.deepInclude(yield* Effect.flip(Fiber.join(paused)), { reason: "Paused" })
        const cleared = yield* pursueInBackground(thread, "wait for Godot again")
        assert.isTrue(yield* thread.goal.clear)
        assert.isFalse(yield* thread.goal.clear)
        yield* stopActive(thread)
        assert.deepInclude(yield* Effect.flip(Fiber.join(cleared)), { reason: "Cleared" })
        assert.isNull(yield* thread.goal.get)
        yield* assertIdle
      })
  )

  from(promises.goals, it.effect)("is one turn to those that wait for an idle thread", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedModel.ScriptedModel
      const thread = yield* startThread
      const pursuing = yield* Effect.fork(thread.goal.run("paint the fence"))
      yield* model.awaitRequest((request) => request.threadId === thread.id)
      const { finalResponse } = yield* thread.run("after it")
      assert.strictEqual(finalResponse, "You said: after it")
      assert.lengthOf((yield* Fiber.join(pursuing)).turns, 3)
      assert.lengthOf(yield* statusesOf(thread), 4)
      yield* assertIdle
    }))

  from(promises.goals, it.effect)("is refused on an ephemeral thread", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const thread = yield* codex.startThread({ ephemeral: true })
      assert.strictEqual((yield* Effect.flip(thread.goal.run("paint the fence")))._tag, "RequestFailed")
      yield* assertIdle
    }))
})

const stopActive = (thread: Thread) =>
  Effect.gen(function*() {
    const { request } = yield* AppServer
    const { turns } = yield* thread.read({ includeTurns: true })
    const active = turns.find(({ status }) => status === "inProgress")
    yield* request("turn/interrupt", { threadId: thread.id, turnId: active?.id ?? "" })
  })
