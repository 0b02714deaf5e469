import type * as Faults from "../Faults.js"

const rememberedRequests = 1_000

interface Subject {
  readonly method: string | undefined
  readonly threadId: string | undefined
  readonly turnId: string | undefined
}

const nothing: Subject = { method: undefined, threadId: undefined, turnId: undefined }

type Id = string | number

const isId = (u: unknown): u is Id => typeof u === "string" || typeof u === "number"

const isRecord = (u: unknown): u is { readonly [key: string]: unknown } => typeof u === "object" && u !== null

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const idIn = (body: unknown, ...keys: ReadonlyArray<string>): string | undefined => {
  for (const key of keys) {
    const value = isRecord(body) ? body[key] : undefined
    const id = isRecord(value) ? value["id"] : value
    if (typeof id === "string") {
      return id
    }
  }
  return undefined
}

const subjectOf = (method: string, params: unknown): Subject => ({
  method,
  threadId: idIn(params, "threadId", "thread", "conversationId"),
  turnId: idIn(params, "turnId", "turn")
})

/**
 * Reads the frames of one connection, which it has to see all of: an answer does not name its method.
 *
 * @internal
 */
export const makeReader = (): (direction: Faults.Direction, text: string) => Faults.Frame => {
  const counts = { incoming: 0, outgoing: 0 }
  const requests = { incoming: new Map<Id, Subject>(), outgoing: new Map<Id, Subject>() }

  const remember = (direction: Faults.Direction, id: Id, subject: Subject): void => {
    const known = requests[direction]
    known.set(id, subject)
    if (known.size > rememberedRequests) {
      for (const oldest of known.keys()) {
        known.delete(oldest)
        return
      }
    }
  }

  const asked = (direction: Faults.Direction, id: Id): Subject =>
    requests[direction === "incoming" ? "outgoing" : "incoming"].get(id) ?? nothing

  return (direction, text) => {
    const message = parse(text)
    const frame = { direction, index: ++counts[direction], message, text }
    if (!isRecord(message)) {
      return { ...frame, ...nothing, kind: "noise" }
    }
    const { id, method, params, result } = message
    if (typeof method === "string") {
      const subject = subjectOf(method, params)
      if (!isId(id)) {
        return { ...frame, ...subject, kind: "notification" }
      }
      remember(direction, id, subject)
      return { ...frame, ...subject, kind: "request" }
    }
    if (!isId(id)) {
      return { ...frame, ...nothing, kind: "noise" }
    }
    const request = asked(direction, id)
    return {
      ...frame,
      kind: "answer",
      method: request.method,
      threadId: idIn(result, "threadId", "thread") ?? request.threadId,
      turnId: idIn(result, "turnId", "turn") ?? request.turnId
    }
  }
}
