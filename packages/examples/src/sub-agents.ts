/** Agents that the agent spawns: who there is, and an end to all of them. */
import { Codex, SubAgents } from "@effect-codex/sdk"
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"

const show = (tree: ReadonlyArray<SubAgents.SubAgent>) =>
  Effect.forEach(
    SubAgents.flatten(tree),
    ({ depth, role, status }) => Console.log(`${"  ".repeat(depth - 1)}- ${role ?? "an agent"}: ${status.type}`)
  )

const atWork = (tree: ReadonlyArray<SubAgents.SubAgent>) =>
  SubAgents.flatten(tree).filter(({ status }) => status.type === "active").length

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const thread = yield* codex.startThread()

  const running = yield* Effect.fork(thread.run("Have it looked into."))
  yield* thread.subAgents.changes.pipe(
    Stream.filter((tree) => atWork(tree) === 2),
    Stream.take(1),
    Stream.runForEach(show)
  )

  // They go on when the turn that has spawned them is over.
  const { finalResponse } = yield* Fiber.join(running)
  yield* Console.log(finalResponse)
  yield* Console.log(`at work: ${atWork(yield* thread.subAgents.tree)}`)
  yield* thread.subAgents.stop
  yield* Console.log(`at work: ${atWork(yield* thread.subAgents.tree)}`)
})

const spawn = (message: string) =>
  ScriptedModel.toolCall({
    name: "spawn_agent",
    namespace: "multi_agent_v1",
    arguments: { message, agent_type: "explorer" }
  })

// Without a script it would be `NodeCodex.layer()`.
const script: ScriptedModel.Script = ({ toolOutputs, userText }) =>
  userText !== "Have it looked into."
    ? ScriptedModel.hang
    : toolOutputs.length === 0
    ? ScriptedModel.reply(spawn("Look left."), spawn("Look right."))
    : ScriptedModel.text("Two are looking.")

program.pipe(Effect.provide(CodexTest.layer({ script })), NodeRuntime.runMain)
