import type * as Server from "@effect-codex/protocol/Server"
import type { TurnEvent } from "../TurnEvent.js"
import type { TurnResult } from "../TurnResult.js"

/**
 * Gathers a turn's result from its events. The completion itself may carry no items or only a summary, so items come
 * from `item/completed`, and from the completion only where they were not seen.
 *
 * @internal
 */
export interface TurnCollector {
  readonly add: (event: TurnEvent) => void
  readonly result: (turn: Pick<Server.Turn, "status"> & Partial<Server.Turn>) => TurnResult
}

/** @internal */
export const make = (options: { readonly threadId: string; readonly turnId: string }): TurnCollector => {
  const items = new Map<string, Server.ThreadItem>()
  let unnamed = 0
  let usage: Server.ThreadTokenUsage | null = null
  let startedAt: number | null = null

  const keyOf = (item: Server.ThreadItem): string =>
    "id" in item && typeof item.id === "string" ? item.id : `$unknown/${unnamed++}`

  return {
    add(event) {
      switch (event._tag) {
        case "ItemCompleted":
          items.set(keyOf(event.item), event.item)
          break
        case "ThreadTokenUsageUpdated":
          usage = event.tokenUsage
          break
        case "TurnStarted":
          startedAt = event.turn.startedAt ?? null
          break
      }
    },
    result(turn) {
      for (const item of turn.items ?? []) {
        const key = keyOf(item)
        if (!items.has(key)) {
          items.set(key, item)
        }
      }
      const all = Array.from(items.values())
      return {
        id: options.turnId,
        threadId: options.threadId,
        status: turn.status,
        finalResponse: finalResponse(all),
        items: all,
        usage,
        startedAt: turn.startedAt ?? startedAt,
        completedAt: turn.completedAt ?? null,
        durationMs: turn.durationMs ?? null
      }
    }
  }
}

const finalResponse = (items: ReadonlyArray<Server.ThreadItem>): string | null => {
  let unphased: string | null = null
  for (let i = items.length - 1; i >= 0; i--) {
    const item = items[i]
    if (item?.type !== "agentMessage") {
      continue
    }
    if (item.phase === "final_answer") {
      return item.text
    }
    if (unphased === null && (item.phase ?? null) === null) {
      unphased = item.text
    }
  }
  return unphased
}
