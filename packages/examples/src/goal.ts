/**
 * A goal: the server goes on by itself, turn after turn, until the agent says that it is complete or the budget is used
 * up.
 */
import { Codex } from "@effect-codex/sdk"
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex

  const fence = yield* codex.startThread()
  const { goal, turns } = yield* fence.goal.run("painting the fence")
  yield* Console.log(`${goal.objective}: ${goal.status} after ${turns.length} turns:`)
  yield* Effect.forEach(turns, ({ finalResponse }) => Console.log(`- ${finalResponse}`))

  // The same as a stream, on a thread that may use little.
  const wall = yield* codex.startThread()
  yield* wall.goal.stream("painting the wall", { tokenBudget: 20 }).pipe(
    Stream.runForEach((event) =>
      event._tag === "ThreadGoalUpdated"
        ? Console.log(`${event.goal.objective}: ${event.goal.status}, ${event.goal.tokensUsed} tokens`)
        : Effect.void
    ),
    Effect.catchTag("GoalUnfinished", ({ reason, turns }) => Console.log(`${reason} after ${turns.length} turns`))
  )
})

// Without a script it would be `NodeCodex.layer()`.
const script: ScriptedModel.Script = [
  ScriptedModel.text("The posts are done."),
  ScriptedModel.toolCall({ name: "update_goal", arguments: { status: "complete" } }),
  ScriptedModel.text("So are the boards."),
  ScriptedModel.text("The wall is large."),
  ScriptedModel.text("Very large.")
]

program.pipe(Effect.provide(CodexTest.layer({ script })), NodeRuntime.runMain)
