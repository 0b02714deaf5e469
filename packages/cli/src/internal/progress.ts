import type { TurnEvent } from "@effect-codex/sdk/TurnEvent"
import * as Format from "./format.js"
import * as Items from "./items.js"

/**
 * What a turn is at, as the live line shows it.
 *
 * @internal
 */
export interface Progress {
  readonly startedAt: number
  /** What is under way, oldest first: the id of the item and its label. */
  readonly underWay: ReadonlyArray<readonly [id: string, label: string]>
  /** What the thread has used so far. */
  readonly tokens: number | undefined
  readonly trouble: string | undefined
}

/** @internal */
export const start = (startedAt: number): Progress => ({
  startedAt,
  underWay: [],
  tokens: undefined,
  trouble: undefined
})

/** @internal */
export const step = (self: Progress, event: TurnEvent): Progress => {
  switch (event._tag) {
    case "ItemStarted":
      return event.item.type === "userMessage" || event.item.type === "$unknown" ? self : {
        ...self,
        trouble: undefined,
        underWay: [...without(self, event.item.id), [event.item.id, Items.labelOf(event.item)]]
      }
    case "ItemCompleted":
      return event.item.type === "$unknown" ? self : { ...self, underWay: without(self, event.item.id) }
    case "ThreadTokenUsageUpdated":
      return { ...self, tokens: event.tokenUsage.total.totalTokens }
    case "Error":
      return { ...self, trouble: event.willRetry ? "trying again" : undefined }
    default:
      return self
  }
}

const without = ({ underWay }: Progress, id: string) => underWay.filter(([other]) => other !== id)

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]

/**
 * The live line: what is under way, tokens, elapsed time. It is never wider than the terminal.
 *
 * @internal
 */
export const render = (
  { startedAt, tokens, trouble, underWay }: Progress,
  options: { readonly now: number; readonly columns: number; readonly style: Format.Style; readonly hint?: string }
): string => {
  const elapsed = Math.max(options.now - startedAt, 0)
  const facts = [
    ...(tokens === undefined ? [] : [Format.count(tokens, "token")]),
    // Whole seconds: tenths that run are restless.
    Format.duration(Math.floor(elapsed / 1000) * 1000).replace(".0 s", " s"),
    ...(options.hint === undefined ? [] : [options.hint])
  ].join(" · ")
  const current = underWay.at(-1)?.[1]
  const what = trouble ?? current ?? "working"
  const more = underWay.length > 1 ? ` (+${underWay.length - 1})` : ""
  const frame = frames[Math.floor(elapsed / 100) % frames.length] ?? ""
  const room = options.columns - 1 - Format.width(`${frame} ${more} · ${facts}`)
  return room < 8
    ? options.style.dim(Format.fit(`${frame} ${facts}`, options.columns - 1))
    : `${options.style.cyan(frame)} ${Format.fit(what, room)}${options.style.dim(`${more} · ${facts}`)}`
}
