import type { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import * as SubAgents from "@effect-codex/sdk/SubAgents"
import type { Thread } from "@effect-codex/sdk/Thread"
import { type CodexTest, ScriptedModel } from "@effect-codex/testing"
import { assert, layer, type Vitest } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { assertIdle, codexTest, codexTestExperimental, statusesOf } from "./harness.js"
import { agentNamespace, from, isBefore, promises as since } from "./releases.js"

const spawn = (message: string, agentType?: string) =>
  ScriptedModel.toolCall({
    name: "spawn_agent",
    namespace: agentNamespace,
    arguments: { message, ...(agentType === undefined ? {} : { agent_type: agentType }) }
  })

/** A root that spawns two agents, of which the second spawns one of its own; the agents never end by themselves. */
const script = (request: ScriptedModel.ModelRequest): ScriptedModel.Entry => {
  const first = request.toolOutputs.length === 0
  switch (request.userText) {
    case "spawn":
      return first ? ScriptedModel.reply(spawn("dig", "explorer"), spawn("build")) : ScriptedModel.text("Spawned.")
    case "spawn and wait":
      return first ? spawn("dig") : ScriptedModel.hang
    case "build":
      return first ? spawn("paint") : ScriptedModel.hang
    case "dig":
    case "paint":
      return ScriptedModel.reply(ScriptedModel.text(`I ${request.userText}.`), ScriptedModel.hang)
    default:
      return ScriptedModel.echo(request)
  }
}

const options = { script, config: { agents: { max_depth: 2 } } }

const startThread = Effect.flatMap(Codex.Codex, (codex) => codex.startThread())

/** 0.130 lists an agent some time after it was spawned, the others at once. */
const listed = <A, E, R>(list: Effect.Effect<ReadonlyArray<A>, E, R>, count: number) =>
  isBefore("0.142.5") ? Effect.repeat(list, { until: ({ length }) => length >= count }) : list

/** A thread whose three agents are at work. */
const spawned = Effect.gen(function*() {
  const model = yield* ScriptedModel.ScriptedModel
  const thread = yield* startThread
  yield* thread.run("spawn")
  const agents = yield* listed(thread.subAgents.tree, 2)
  const [dig, build] = ["explorer", null].map((role) => agents.find((agent) => agent.role === role))
  yield* model.awaitRequest(({ threadId, userText }) => userText === "dig" && threadId === dig?.id)
  yield* model.awaitRequest(({ threadId, toolOutputs }) => toolOutputs.length === 1 && threadId === build?.id)
  const paint = (yield* listed(agentsOf(thread), 3)).find(({ depth }) => depth === 2)
  yield* model.awaitRequest(({ threadId }) => threadId === paint?.id)
  return thread
})

const agentsOf = (thread: Thread) => Effect.map(thread.subAgents.tree, SubAgents.flatten)

const activeOf = (agents: ReadonlyArray<SubAgents.SubAgent>) =>
  agents.filter(({ status }) => status.type === "active").length

const promises = (it: Vitest.MethodsNonLive<Codex.Codex | AppServer | CodexTest.Harness, true>) => {
  it.effect("are a tree, with their names, roles and statuses", () =>
    Effect.gen(function*() {
      const thread = yield* spawned
      const tree = yield* thread.subAgents.tree
      assert.sameDeepMembers(
        tree.map(({ children, depth, parentId, role, status }) => ({
          depth,
          parentId,
          role,
          status: status.type,
          children: children.length
        })),
        [
          { depth: 1, parentId: thread.id, role: "explorer", status: "active", children: 0 },
          { depth: 1, parentId: thread.id, role: null, status: "active", children: 1 }
        ]
      )
      const agents = SubAgents.flatten(tree)
      assert.sameMembers(agents.map(({ depth }) => depth), [1, 1, 2])
      assert.strictEqual(new Set(agents.map(({ nickname }) => nickname)).size, 3)
      yield* thread.subAgents.stop
      yield* assertIdle
    }))

  it.effect("go on when the thread's turn is interrupted, and are stopped all at once", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedModel.ScriptedModel
      const thread = yield* startThread
      const running = yield* Effect.fork(thread.run("spawn and wait"))
      yield* model.awaitRequest(({ threadId, toolOutputs }) => threadId === thread.id && toolOutputs.length === 1)
      const [agent] = yield* listed(agentsOf(thread), 1)
      yield* model.awaitRequest(({ threadId }) => threadId === agent?.id)
      yield* Fiber.interrupt(running)
      assert.strictEqual(activeOf(yield* agentsOf(thread)), 1)
      yield* thread.subAgents.stop
      assert.strictEqual(activeOf(yield* agentsOf(thread)), 0)
      yield* assertIdle
    }))

  it.effect("are stopped at every depth, while the thread itself goes on", () =>
    Effect.gen(function*() {
      const thread = yield* spawned
      const running = yield* Effect.fork(thread.run("meanwhile"))
      yield* thread.subAgents.stop
      assert.strictEqual(activeOf(yield* agentsOf(thread)), 0)
      assert.strictEqual((yield* Fiber.join(running)).finalResponse, "You said: meanwhile")
      yield* thread.subAgents.stop
      yield* assertIdle
    }))

  it.effect("of another thread are left alone", () =>
    Effect.gen(function*() {
      const [one, other] = yield* Effect.all([spawned, spawned])
      yield* one.subAgents.stop
      assert.strictEqual(activeOf(yield* agentsOf(one)), 0)
      assert.strictEqual(activeOf(yield* agentsOf(other)), 3)
      yield* other.subAgents.stop
      yield* assertIdle
    }))

  it.effect("have threads of their own, with their own events and turns", () =>
    Effect.gen(function*() {
      const thread = yield* spawned
      const [agent] = yield* listed(agentsOf(thread), 1)
      assert.isDefined(agent)
      if (agent !== undefined) {
        const ended = yield* agent.thread.events.pipe(
          Stream.filter(({ _tag }) => _tag === "TurnCompleted"),
          Stream.runHead,
          Effect.fork
        )
        yield* Effect.yieldNow()
        yield* thread.subAgents.stop
        assert.strictEqual((yield* ended)._tag, "Some")
        assert.deepStrictEqual(yield* statusesOf(agent.thread), ["interrupted"])
        assert.strictEqual((yield* agent.thread.run("and you?")).finalResponse, "You said: and you?")
      }
      yield* assertIdle
    }))

  from(since.agentChanges, it.effect)(
    "show their changes as they are spawned and as they end",
    () =>
      Effect.scoped(Effect.gen(function*() {
        const thread = yield* startThread
        const watched = yield* Effect.fork(
          thread.subAgents.changes.pipe(
            Stream.map((tree) => activeOf(SubAgents.flatten(tree))),
            Stream.changes,
            Stream.tap((active) => active === 3 ? Effect.forkScoped(thread.subAgents.stop) : Effect.void),
            // From none, over three, to none.
            Stream.scan({ peak: 0, active: 0 }, ({ peak }, active) => ({ active, peak: Math.max(peak, active) })),
            Stream.takeUntil(({ active, peak }) => peak === 3 && active === 0),
            Stream.runDrain
          )
        )
        yield* thread.run("spawn")
        yield* Fiber.join(watched)
        assert.lengthOf(yield* agentsOf(thread), 3)
      })).pipe(Effect.zipRight(assertIdle))
  )

  it.effect("are none where none was spawned", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      yield* thread.run("hello")
      assert.deepStrictEqual(yield* thread.subAgents.tree, [])
      yield* thread.subAgents.stop
      yield* assertIdle
    }))
}

layer(codexTest(options), { excludeTestServices: true })("the agents below a thread", promises)

layer(codexTestExperimental(options), { excludeTestServices: true })(
  "the agents below a thread, with the experimental API",
  promises
)

/** The agent of the second kind of agents begins with the history of the one that has spawned it. */
const spawnInTasks = ({ toolOutputs: [output] }: ScriptedModel.ModelRequest): ScriptedModel.Entry =>
  output === undefined
    ? ScriptedModel.toolCall({
      name: "spawn_agent",
      namespace: "collaboration",
      arguments: { message: "dig", task_name: "dig" }
    })
    : output.text.includes("task_name")
    ? ScriptedModel.text("Spawned.")
    : ScriptedModel.hang

layer(codexTest({ script: spawnInTasks, config: { features: { multi_agent_v2: true } } }), {
  excludeTestServices: true
})("the agents below a thread, where they are tasks", (it) => {
  from(since.agentTasks, it.effect)("are seen and stopped as well", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const watched = yield* thread.subAgents.changes.pipe(
        Stream.filter((tree) => activeOf(SubAgents.flatten(tree)) === 1),
        Stream.runHead,
        Effect.fork
      )
      yield* thread.run("spawn in tasks")
      yield* Fiber.join(watched)
      yield* thread.subAgents.stop
      assert.deepStrictEqual((yield* agentsOf(thread)).map(({ status }) => status.type), ["idle"])
      yield* assertIdle
    }))
})
