import type { Message } from "@effect-codex/testing/MemoryTransport"
import { isRecord } from "effect/Predicate"
import type { ServerTurn } from "./modelState.js"

/** A turn as the server tells of it. */
export const asTurn = ({ id, status }: ServerTurn) => ({
  id,
  items: [],
  status,
  error: status === "failed" ? { message: "failed" } : null
})

/** A string among the params. */
export const member = (params: unknown, name: string): string => {
  const value = isRecord(params) ? params[name] : undefined
  return typeof value === "string" ? value : ""
}

/** A message of the client, in the model's words. */
export const keyOf = ({ id, method, params }: Message): string => {
  const threadId = member(params, "threadId")
  switch (method) {
    case undefined:
      return `answer ${id}`
    case "turn/start":
      return `${method} ${threadId} ${textOf(params)}`
    case "turn/steer":
      return `${method} ${threadId} ${member(params, "expectedTurnId")} ${textOf(params)}`
    case "turn/interrupt":
      return `${method} ${threadId} ${member(params, "turnId")}`
    default:
      return `${method} ${threadId}`
  }
}

const textOf = (params: unknown): string => {
  const input = isRecord(params) ? params["input"] : undefined
  return Array.isArray(input) ? member(input[0], "text") : ""
}
