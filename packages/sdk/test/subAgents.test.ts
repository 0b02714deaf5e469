import type * as Server from "@effect-codex/protocol/Server"
import * as SubAgents from "@effect-codex/sdk/SubAgents"
import { assert, describe } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { type Env, promise, settle } from "./support/env.js"
import { threadId, turn as turnOf } from "./support/talk.js"
import { threadOf } from "./support/threads.js"

const agent = (id: string, status: Parameters<typeof threadOf>[0], parentThreadId = threadId) =>
  threadOf(status, { id, parentThreadId, agentNickname: `Agent ${id}` })

/** Answers the list of all threads below the thread. */
const list = ({ server }: Env, threads: ReadonlyArray<Server.Thread>) =>
  Effect.gen(function*() {
    const { id, params } = yield* server.takeRequest("thread/list")
    assert.deepStrictEqual(params, {
      ancestorThreadId: threadId,
      sourceKinds: ["subAgentThreadSpawn"],
      cursor: null
    })
    yield* server.respond(id, { data: threads, nextCursor: null })
  })

const read = ({ server }: Env, thread: Server.Thread) =>
  Effect.gen(function*() {
    const { id, params } = yield* server.takeRequest("thread/read")
    assert.strictEqual(params.threadId, thread.id)
    yield* server.respond(id, { thread })
  })

/** Answers what runs on the thread of an agent, and takes its interruption. */
const interrupted = ({ server }: Env, agentId: string, turnId: string) =>
  Effect.gen(function*() {
    const turns = yield* server.takeRequest("thread/turns/list")
    assert.strictEqual(turns.params.threadId, agentId)
    yield* server.respond(turns.id, { data: [turnOf(turnId)], nextCursor: null })
    const { id, params } = yield* server.takeRequest("turn/interrupt")
    assert.deepStrictEqual(params, { threadId: agentId, turnId })
    yield* server.respond(id, {})
  })

const experimental = { experimentalApi: true }

describe("the agents below a thread", () => {
  promise(
    "are a tree by who has spawned whom, the oldest first, and no others",
    (env) =>
      Effect.gen(function*() {
        const asking = yield* Effect.fork(env.thread.subAgents.tree)
        yield* list(env, [
          agent("c", "idle", "b"),
          agent("d", "active"),
          agent("x", "active", "elsewhere"),
          agent("b", "notLoaded"),
          agent("d", "active"),
          threadOf("active", { parentThreadId: "c" })
        ])
        const agents = SubAgents.flatten(yield* asking)
        assert.deepStrictEqual(
          agents.map(({ depth, id, nickname, parentId, status }) => [id, parentId, depth, nickname, status.type]),
          [
            ["b", threadId, 1, "Agent b", "notLoaded"],
            ["c", "b", 2, "Agent c", "idle"],
            ["d", threadId, 1, "Agent d", "active"]
          ]
        )
        assert.deepStrictEqual(agents.map(({ thread }) => thread.id), ["b", "c", "d"])
      }),
    experimental
  )

  promise("are found among the loaded threads where the server does not list them", (env) =>
    Effect.gen(function*() {
      const { server } = env
      const asking = yield* Effect.fork(env.thread.subAgents.tree)
      const { id } = yield* server.takeRequest("thread/loaded/list")
      yield* server.respond(id, { data: [threadId, "b", "gone"], nextCursor: null })
      yield* read(env, agent("b", "active"))
      const gone = yield* server.takeRequest("thread/read")
      yield* server.fail(gone.id, { code: -32600, message: "thread not loaded: gone" })
      assert.deepStrictEqual((yield* asking).map((agent) => agent.id), ["b"])
    }))

  promise(
    "are stopped, those that they spawn meanwhile included",
    (env) =>
      Effect.gen(function*() {
        const { say } = env
        const stopping = yield* Effect.fork(env.thread.subAgents.stop)
        yield* list(env, [agent("b", "active"), agent("idle", "idle")])
        yield* interrupted(env, "b", "turn-b")
        yield* say.completed("turn-b", { status: "interrupted" }, "b")
        yield* TestClock.adjust("50 millis")
        yield* list(env, [agent("b", "idle"), agent("c", "active", "b")])
        yield* interrupted(env, "c", "turn-c")
        yield* say.completed("turn-c", { status: "interrupted" }, "c")
        yield* TestClock.adjust("50 millis")
        yield* list(env, [agent("b", "idle"), agent("c", "idle", "b")])
        yield* stopping
      }),
    experimental
  )

  promise(
    "that do not stop within the grace are named by the error",
    (env) =>
      Effect.gen(function*() {
        const stopping = yield* Effect.fork(env.thread.subAgents.stop)
        yield* list(env, [agent("b", "active")])
        yield* interrupted(env, "b", "turn-b")
        yield* TestClock.adjust("5 seconds")
        const error = yield* Effect.flip(Fiber.join(stopping))
        assert.deepInclude(error, { _tag: "AgentsStillActive", threadId, agentIds: ["b"] })
      }),
    experimental
  )

  promise(
    "are waited for no longer than that by who cannot be interrupted",
    (env) =>
      Effect.gen(function*() {
        const stopping = yield* Effect.fork(Effect.uninterruptible(env.thread.subAgents.stop))
        yield* list(env, [agent("b", "active")])
        yield* interrupted(env, "b", "turn-b")
        yield* TestClock.adjust("5 seconds")
        assert.strictEqual((yield* Effect.flip(Fiber.join(stopping)))._tag, "AgentsStillActive")
      }),
    experimental
  )

  promise(
    "show that they are spawned, change their status and go, and nothing else",
    (env) =>
      Effect.gen(function*() {
        const { say, server } = env
        const reading = yield* env.thread.subAgents.changes.pipe(
          Stream.map((tree) => SubAgents.flatten(tree).map(({ id, status }) => `${id} ${status.type}`)),
          Stream.take(7),
          Stream.runCollect,
          Effect.fork
        )
        const status = (id: string, type: "active" | "idle") =>
          server.notify("thread/status/changed", { threadId: id, status: threadOf(type).status })
        yield* list(env, [agent("b", "idle")])
        yield* settle
        yield* status("elsewhere", "active")
        yield* status("b", "active")
        // What has been said already is no change.
        yield* status("b", "active")
        yield* server.notify("thread/started", { thread: agent("b", "active") })
        yield* say.item("turn-b", {
          type: "collabAgentToolCall",
          id: "item-1",
          tool: "spawnAgent",
          status: "completed",
          agentsStates: {},
          senderThreadId: "b",
          receiverThreadIds: ["c"]
        }, "b")
        yield* read(env, agent("c", "active", "b"))
        yield* say.item("turn-1", {
          type: "subAgentActivity",
          id: "item-2",
          kind: "started",
          agentPath: "/root/d",
          agentThreadId: "d"
        })
        yield* read(env, agent("d", "idle"))
        yield* server.notify("thread/started", { thread: agent("e", "idle", "d") })
        yield* server.notify("thread/started", { thread: agent("x", "idle", "elsewhere") })
        yield* server.notify("thread/closed", { threadId: "b" })
        yield* server.notify("thread/deleted", { threadId: "d" })
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* reading), [
          ["b idle"],
          ["b active"],
          ["b active", "c active"],
          ["b active", "c active", "d idle"],
          ["b active", "c active", "d idle", "e idle"],
          ["b notLoaded", "c active", "d idle", "e idle"],
          ["b notLoaded", "c active"]
        ])
      }),
    experimental
  )
})
