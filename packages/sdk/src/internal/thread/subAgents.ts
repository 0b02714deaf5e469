import type * as Server from "@effect-codex/protocol/Server"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type * as AppServer from "../../AppServer.js"
import { AgentsStillActive, type RequestError } from "../../CodexError.js"
import * as SubAgents from "../../SubAgents.js"
import type { Thread } from "../../Thread.js"
import * as Bounded from "../connection/bounded.js"
import type { Connection } from "../connection/connection.js"
import * as TurnControl from "../turn/turnControl.js"
import * as TurnGate from "../turn/turnGate.js"
import * as Turns from "../turn/turns.js"
import { parentOf } from "./parentOf.js"
import { changes, read } from "./subAgentChanges.js"

/** @internal */
export const make = (
  appServer: AppServer.Service,
  threadId: string,
  handleOf: (threadId: string) => Thread
): SubAgents.SubAgents => {
  const { connection } = appServer
  const toTree = treeOf(threadId, handleOf)
  const tree = Effect.map(candidates(appServer, threadId), toTree)
  return {
    tree,
    changes: Stream.unwrap(
      Effect.map(connection.current, (now) => Stream.map(changes(now, threadId, tree), toTree))
    ),
    stop: Effect.flatMap(connection.current, (now) => stop(now, threadId, tree))
  }
}

/** The threads below a thread, and maybe others. */
const candidates = (
  { connection, list }: AppServer.Service,
  threadId: string
): Effect.Effect<Iterable<Server.Thread>, RequestError> =>
  Stream.runCollect(
    connection.experimentalApi
      // Older servers do not know the ancestor and list all that were spawned.
      ? list("thread/list", { ancestorThreadId: threadId, sourceKinds: ["subAgentThreadSpawn"] })
      : list("thread/loaded/list").pipe(
        Stream.filter((id) => id !== threadId),
        Stream.mapEffect((id) => read(connection, id), { concurrency: 16, unordered: true }),
        Stream.filterMap(identity)
      )
  )

const treeOf =
  (threadId: string, handleOf: (threadId: string) => Thread) =>
  (all: Iterable<Server.Thread>): ReadonlyArray<SubAgents.SubAgent> => {
    const byParent = new Map<string, Array<Server.Thread>>()
    const seen = new Set([threadId])
    for (const thread of all) {
      const { id } = thread
      const parentId = parentOf(thread)
      // A thread is no agent of itself, nor another one twice, whatever is listed.
      if (parentId !== undefined && !seen.has(id)) {
        seen.add(id)
        byParent.set(parentId, [...byParent.get(parentId) ?? [], thread])
      }
    }
    const below = (parentId: string, depth: number): ReadonlyArray<SubAgents.SubAgent> => {
      const children = byParent.get(parentId) ?? []
      byParent.delete(parentId)
      // The ids of threads are in the order of their making.
      return children.sort((a, b) => a.id < b.id ? -1 : 1).map((info) => ({
        id: info.id,
        parentId,
        depth,
        nickname: info.agentNickname ?? null,
        role: info.agentRole ?? null,
        status: info.status,
        thread: handleOf(info.id),
        info,
        children: below(info.id, depth + 1)
      }))
    }
    return below(threadId, 1)
  }

const stop = (
  connection: Connection,
  threadId: string,
  tree: SubAgents.SubAgents["tree"]
): SubAgents.SubAgents["stop"] =>
  Effect.suspend(() => {
    const grace = Duration.decode(connection.config.interruptGrace)
    let agentIds: ReadonlyArray<string> = []
    const stopActive = Effect.gen(function*() {
      agentIds = SubAgents.flatten(yield* tree).flatMap(({ id, status }) => status.type === "active" ? [id] : [])
      yield* Effect.forEach(agentIds, (id) => stopAgent(connection, id), { concurrency: "unbounded", discard: true })
      return agentIds.length === 0
    })
    return stopActive.pipe(
      // What was spawned meanwhile is seen the next time, as is that all have stopped.
      Effect.repeat({ until: (stopped) => stopped, schedule: Schedule.spaced("50 millis") }),
      Bounded.timeoutFail({ duration: grace, onTimeout: () => new AgentsStillActive({ threadId, agentIds, grace }) }),
      Effect.asVoid
    )
  })

const stopAgent = (connection: Connection, agentId: string): Effect.Effect<void, RequestError> =>
  TurnGate.withThread(connection, agentId, (thread) =>
    Effect.gen(function*() {
      const turnId = thread.active?.id ?? (yield* TurnControl.activeTurnOf(connection, agentId))
      const turn = turnId === undefined
        ? undefined
        : connection.registry.turn(turnId) ?? Turns.observe(connection.registry, thread, turnId, true)
      if (turn !== undefined) {
        yield* TurnControl.stop(connection, turn)
      }
    }))
