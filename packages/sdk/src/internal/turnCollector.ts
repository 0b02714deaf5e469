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
  /** A piece of the text of an item under way. */
  readonly addText: (itemId: string, text: string) => void
  readonly result: (turn: Pick<Server.Turn, "status"> & Partial<Server.Turn>) => TurnResult
}

/** @internal */
export const make = (options: { readonly threadId: string; readonly turnId: string }): TurnCollector => {
  const items = new Map<string, Server.ThreadItem>()
  const underWay = new Map<string, { readonly item: Server.ThreadItem; text: string }>()
  let unnamed = 0
  let usage: Server.ThreadTokenUsage | null = null
  let startedAt: number | null = null

  const keyOf = (item: Server.ThreadItem): string =>
    "id" in item && typeof item.id === "string" ? item.id : `$unknown/${unnamed++}`

  return {
    add(event) {
      switch (event._tag) {
        case "ItemStarted":
          underWay.set(keyOf(event.item), { item: event.item, text: "" })
          break
        case "ItemCompleted": {
          const key = keyOf(event.item)
          underWay.delete(key)
          items.set(key, event.item)
          break
        }
        case "ThreadTokenUsageUpdated":
          usage = event.tokenUsage
          break
        case "TurnStarted":
          startedAt = event.turn.startedAt ?? null
          break
      }
    },
    addText(itemId, text) {
      const open = underWay.get(itemId)
      if (open !== undefined) {
        open.text += text
      }
    },
    result(turn) {
      for (const item of turn.items ?? []) {
        const key = keyOf(item)
        underWay.delete(key)
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
        unfinished: Array.from(underWay.values(), soFar),
        usage,
        startedAt: turn.startedAt ?? startedAt,
        completedAt: turn.completedAt ?? null,
        durationMs: turn.durationMs ?? null
      }
    }
  }
}

const soFar = ({ item, text }: { readonly item: Server.ThreadItem; readonly text: string }): Server.ThreadItem =>
  item.type === "agentMessage" ? { ...item, text: item.text + text } : item

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
