import type * as Server from "@effect-codex/protocol/Server"
import * as Format from "./format.js"

/**
 * What the agent is at, in a few words of one line.
 *
 * @internal
 */
export const labelOf = (item: Server.ThreadItem): string => {
  switch (item.type) {
    case "commandExecution":
      return `$ ${Format.oneLine(withoutShell(item.command))}`
    case "fileChange":
      return changesOf(item.changes)
    case "mcpToolCall":
      return Format.oneLine(`call ${item.server}.${item.tool}`)
    case "dynamicToolCall":
      return Format.oneLine(`call ${item.namespace == null ? "" : `${item.namespace}.`}${item.tool}`)
    case "webSearch":
      return Format.oneLine(`search the web: ${item.query}`)
    case "collabAgentToolCall":
      return Format.oneLine(`agents: ${item.tool}`)
    case "subAgentActivity":
      return Format.oneLine(`agent ${item.agentPath}: ${item.kind}`)
    case "imageGeneration":
      return "make an image"
    case "imageView":
      return Format.oneLine(`look at ${item.path}`)
    case "contextCompaction":
      return "compact the history"
    case "enteredReviewMode":
    case "exitedReviewMode":
      return "review"
    case "reasoning":
      return "thinking"
    case "agentMessage":
      return "writing"
    case "plan":
      return "planning"
    case "sleep":
      return "waiting"
    case "$unknown":
    case "functionCallOutput":
    case "hookPrompt":
    case "userMessage":
      return "working"
  }
}

/** A command is mostly run as `/bin/bash -lc '…'`; what is told is what it does. */
const withoutShell = (command: string): string => {
  const inner = /^\S*\/?(?:ba|z|da)?sh -l?c (.+)$/s.exec(command)?.[1]
  if (inner === undefined) {
    return command
  }
  const quoted = /^(['"])(.*)\1$/s.exec(inner)
  return quoted?.[2] ?? inner
}

const changesOf = (changes: ReadonlyArray<Server.FileUpdateChange>): string => {
  const [first, ...more] = changes
  return first === undefined
    ? "change files"
    : Format.oneLine(`${kindOf(first.kind)} ${first.path}${more.length === 0 ? "" : ` and ${more.length} more`}`)
}

const kindOf = (kind: Server.PatchChangeKind): string => {
  switch (kind.type) {
    case "add":
      return "add"
    case "delete":
      return "delete"
    default:
      return "edit"
  }
}

/** @internal */
export interface Outcome {
  readonly ok: boolean
  readonly text: string
}

/**
 * What is worth a line when it is done: `undefined` for what shows itself or is of no interest.
 *
 * @internal
 */
export const outcomeOf = (item: Server.ThreadItem): Outcome | undefined => {
  switch (item.type) {
    case "commandExecution": {
      const took = item.durationMs == null ? [] : [Format.duration(item.durationMs)]
      const how = item.status === "declined"
        ? ["declined"]
        : item.exitCode == null || item.exitCode === 0
        ? []
        : [`exit ${item.exitCode}`]
      return {
        ok: item.status === "completed" && (item.exitCode ?? 0) === 0,
        text: withDetails(labelOf(item), [...how, ...took])
      }
    }
    case "fileChange":
    case "mcpToolCall":
      return {
        ok: item.status === "completed",
        text: withDetails(labelOf(item), item.status === "completed" ? [] : [Format.oneLine(item.status)])
      }
    case "dynamicToolCall":
      return { ok: item.success !== false, text: withDetails(labelOf(item), item.success === false ? ["failed"] : []) }
    case "webSearch":
    case "collabAgentToolCall":
    case "subAgentActivity":
    case "imageGeneration":
    case "imageView":
    case "contextCompaction":
      return { ok: true, text: labelOf(item) }
    default:
      return undefined
  }
}

const withDetails = (label: string, details: ReadonlyArray<string>): string =>
  details.length === 0 ? label : `${label} (${details.join(", ")})`
