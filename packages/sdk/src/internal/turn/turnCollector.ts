import type * as Server from "@effect-codex/protocol/Server"
import type { TurnEvent } from "../../TurnEvent.js"
import type { TurnResult } from "../../TurnResult.js"
import { stringAt } from "../connection/envelope.js"
import * as Text from "../connection/text.js"
import * as Usage from "./usage.js"

/**
 * Gathers a turn's result from its events. The completion itself may carry no items or only a summary, so items come
 * from `item/completed`, and from the completion only where they were not seen.
 *
 * @internal
 */
export interface TurnCollector {
  readonly add: (event: TurnEvent) => void
  /** What the thread has used since its last report, this turn's doing. */
  readonly addUsage: (used: Server.TokenUsageBreakdown) => void
  /** A piece of the text of an item under way. */
  readonly addText: (itemId: string, text: string) => void
  /** The item of that id that has begun and has not completed. */
  readonly itemUnderWay: (itemId: string) => Server.ThreadItem | undefined
  /** The last error that the server does not try again after. */
  readonly error: Server.TurnError | undefined
  readonly progress: Progress
  /** Calls back whenever there is progress, until what it returns is called. */
  readonly watch: (onProgress: () => void) => () => void
  readonly result: (turn: Pick<Server.Turn, "status"> & Partial<Server.Turn>) => TurnResult
}

/**
 * What limits are compared with.
 *
 * @internal
 */
export interface Progress {
  /** The items that have completed, but for what the user said. */
  readonly items: number
  readonly tokens: number
}

interface UnderWay {
  readonly item: Server.ThreadItem
  readonly text: Text.Text
}

/** @internal */
export const make = (options: { readonly threadId: string; readonly turnId: string }): TurnCollector => {
  const items = new Map<string, Server.ThreadItem>()
  const underWay = new Map<string, UnderWay>()
  let unnamed = 0
  let usage: Server.ThreadTokenUsage | null = null
  let turnUsage: Server.TokenUsageBreakdown | null = null
  const watchers = new Set<() => void>()
  let completed = 0
  let startedAt: number | null = null
  let error: Server.TurnError | undefined

  const keyOf = (item: Server.ThreadItem): string =>
    // Items of a kind that this version does not know have theirs in what came.
    stringAt(item, ["id"]) ?? stringAt(item, ["raw", "id"]) ?? `$unknown/${unnamed++}`

  const tellProgress = () => {
    for (const onProgress of watchers) {
      onProgress()
    }
  }

  return {
    add(event) {
      switch (event._tag) {
        case "ItemStarted":
          underWay.set(keyOf(event.item), { item: event.item, text: Text.make("") })
          break
        case "ItemCompleted": {
          const key = keyOf(event.item)
          underWay.delete(key)
          if (!items.has(key) && event.item.type !== "userMessage") {
            completed++
          }
          items.set(key, event.item)
          tellProgress()
          break
        }
        case "Error":
          error = event.willRetry ? error : event.error
          break
        case "ThreadTokenUsageUpdated":
          usage = event.tokenUsage
          break
        case "TurnStarted":
          startedAt = event.turn.startedAt ?? null
          break
      }
    },
    addUsage(used) {
      turnUsage = Usage.add(turnUsage, used)
      tellProgress()
    },
    addText(itemId, text) {
      underWay.get(itemId)?.text.add(text)
    },
    itemUnderWay: (itemId) => underWay.get(itemId)?.item,
    get error() {
      return error
    },
    get progress() {
      return { items: completed, tokens: turnUsage?.totalTokens ?? 0 }
    },
    watch(onProgress) {
      watchers.add(onProgress)
      return () => watchers.delete(onProgress)
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
        turnUsage,
        startedAt: turn.startedAt ?? startedAt,
        completedAt: turn.completedAt ?? null,
        durationMs: turn.durationMs ?? null
      }
    }
  }
}

const soFar = ({ item, text }: UnderWay): Server.ThreadItem =>
  item.type === "agentMessage" ? { ...item, text: item.text + text.toString() } : item

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
