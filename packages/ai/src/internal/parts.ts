import type * as Server from "@effect-codex/protocol/Server"
import type { TurnEvent } from "@effect-codex/sdk/TurnEvent"
import type * as Response from "@effect/ai/Response"
import type * as Calls from "./calls.js"

type Part = Response.StreamPartEncoded

type Kind = "text" | "reasoning"

/** @internal */
export interface Options {
  readonly calls: Pick<Calls.Service, "results" | "unresolved"> | undefined
  /** Whether what the agent says is told as it comes, or the answer at the end alone. */
  readonly answerOnly: boolean
}

/**
 * What the events of a turn are as parts of a response: what the agent says, its reasoning and commentary, and the calls
 * of the toolkit's tools. What codex does on its own, such as commands, has no part that stands for it.
 *
 * @internal
 */
export const make = ({ answerOnly, calls }: Options): (event: TurnEvent) => ReadonlyArray<Part> => {
  /** What is being said, and whether any of it has been told. */
  const open = new Map<string, { readonly kind: Kind; told: boolean }>()

  const begin = (id: string, kind: Kind): ReadonlyArray<Part> => {
    open.set(id, { kind, told: false })
    return [{ type: `${kind}-start`, id }]
  }

  const tell = (id: string, delta: string): ReadonlyArray<Part> => {
    const said = open.get(id)
    if (said === undefined) {
      return []
    }
    said.told = true
    return [{ type: `${said.kind}-delta`, id, delta }]
  }

  const end = (id: string, whole: string): ReadonlyArray<Part> => {
    const said = open.get(id)
    if (said === undefined) {
      return []
    }
    const rest = said.told || whole === "" ? [] : tell(id, whole)
    open.delete(id)
    return [...rest, { type: `${said.kind}-end`, id }]
  }

  const started = (item: Server.ThreadItem): ReadonlyArray<Part> => {
    switch (item.type) {
      case "agentMessage":
        return item.phase === "commentary" ? begin(item.id, "reasoning") : answerOnly ? [] : begin(item.id, "text")
      case "reasoning":
        return begin(item.id, "reasoning")
      case "dynamicToolCall":
        return calls === undefined ? [] : [
          { type: "tool-params-start", id: item.id, name: item.tool },
          { type: "tool-params-delta", id: item.id, delta: JSON.stringify(item.arguments) },
          { type: "tool-params-end", id: item.id },
          ...(calls.unresolved ? [callOf(item)] : [])
        ]
      default:
        return []
    }
  }

  const completed = (item: Server.ThreadItem): ReadonlyArray<Part> => {
    switch (item.type) {
      case "agentMessage":
        return end(item.id, item.text)
      case "reasoning":
        return end(item.id, (item.summary?.length ? item.summary : item.content ?? []).join("\n\n"))
      case "dynamicToolCall": {
        const result = calls?.results.get(item.id)
        return result === undefined ? [] : [
          { ...callOf(item), providerExecuted: true },
          {
            type: "tool-result",
            id: item.id,
            name: item.tool,
            result: result.encodedResult,
            isFailure: result.isFailure,
            providerExecuted: true
          }
        ]
      }
      default:
        return []
    }
  }

  return (event) => {
    switch (event._tag) {
      case "ItemStarted":
        return started(event.item)
      case "ItemAgentMessageDelta":
      case "ItemReasoningSummaryTextDelta":
        return tell(event.itemId, event.delta)
      case "ItemReasoningSummaryPartAdded":
        return open.get(event.itemId)?.told === true ? tell(event.itemId, "\n\n") : []
      case "ItemCompleted":
        return completed(event.item)
      default:
        return []
    }
  }
}

const callOf = (item: Extract<Server.ThreadItem, { readonly type: "dynamicToolCall" }>) => ({
  type: "tool-call" as const,
  id: item.id,
  name: item.tool,
  params: item.arguments
})

/**
 * The same response in whole parts.
 *
 * @internal
 */
export const whole = (parts: Iterable<Part>): Array<Response.PartEncoded> => {
  const texts = new Map<string, string>()
  const found: Array<Response.PartEncoded> = []
  for (const part of parts) {
    switch (part.type) {
      case "text-start":
      case "reasoning-start":
        texts.set(part.id, "")
        break
      case "text-delta":
      case "reasoning-delta":
        texts.set(part.id, `${texts.get(part.id) ?? ""}${part.delta}`)
        break
      case "text-end":
      case "reasoning-end":
        found.push({ type: part.type === "text-end" ? "text" : "reasoning", text: texts.get(part.id) ?? "" })
        break
      case "tool-params-start":
      case "tool-params-delta":
      case "tool-params-end":
      case "error":
        break
      default:
        found.push(part)
    }
  }
  return found
}
