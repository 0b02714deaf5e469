import type * as Server from "@effect-codex/protocol/Server"
import type * as MemoryTransport from "@effect-codex/testing/MemoryTransport"
import * as Effect from "effect/Effect"

export const threadId = "thread-1"

export const agentMessage = (
  id: string,
  text: string,
  phase: "commentary" | "final_answer" | null = null
): Server.ThreadItem => ({ type: "agentMessage", id, text, phase })

export const turn = (id: string, state: Partial<Server.Turn> = {}): Server.Turn => ({
  id,
  items: [],
  status: "inProgress",
  error: null,
  ...state
})

export const breakdown = (totalTokens: number): Server.TokenUsageBreakdown => ({
  totalTokens,
  inputTokens: totalTokens,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningOutputTokens: 0
})

/** What a server says of turns. */
export const make = (server: MemoryTransport.Server["Type"]) => ({
  accepted: (requestId: number, turnId: string) => server.respond(requestId, { turn: turn(turnId) }),
  started: (turnId: string, state: Partial<Server.Turn> = {}, on = threadId) =>
    server.notify("turn/started", { threadId: on, turn: turn(turnId, state) }),
  delta: (turnId: string, delta: string, itemId = "item-1", on = threadId) =>
    server.notify("item/agentMessage/delta", { threadId: on, turnId, itemId, delta }),
  item: (turnId: string, item: Server.ThreadItem, on = threadId) =>
    server.notify("item/completed", { threadId: on, turnId, item, completedAtMs: 1 }),
  usage: (turnId: string, totalTokens: number, on = threadId) =>
    server.notify("thread/tokenUsage/updated", {
      threadId: on,
      turnId,
      tokenUsage: { total: breakdown(totalTokens), last: breakdown(totalTokens) }
    }),
  completed: (turnId: string, state: Partial<Server.Turn> = {}, on = threadId) =>
    server.notify("turn/completed", { threadId: on, turn: turn(turnId, { status: "completed", ...state }) }),
  /** Takes a `turn/interrupt`, answers it and ends its turn, as the server does. */
  interrupted: Effect.gen(function*() {
    const { id, params } = yield* server.takeRequest("turn/interrupt")
    yield* server.respond(id, {})
    yield* server.notify("turn/completed", {
      threadId: params.threadId,
      turn: turn(params.turnId, { status: "interrupted" })
    })
    return params
  })
})

export type Talk = ReturnType<typeof make>
