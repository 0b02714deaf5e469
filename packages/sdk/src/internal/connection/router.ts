import * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import { RequestFailed } from "../../CodexError.js"
import type { ServerEvent, ThreadEvent, TurnEvent } from "../../TurnEvent.js"
import { many } from "../delivery/wakeUps.js"
import { parentOf } from "../thread/parentOf.js"
import * as TurnEntry from "../turn/turnEntry.js"
import { exitOf, turnOf } from "../turn/turnExit.js"
import * as Turns from "../turn/turns.js"
import * as Envelope from "./envelope.js"
import { FramePattern } from "./framePattern.js"
import * as Notification from "./notification.js"
import type { Registry } from "./registry.js"

/**
 * A question of the server.
 *
 * @internal
 */
export interface ServerRequest {
  readonly id: Envelope.RequestId
  readonly method: string
  readonly params: unknown
}

/** @internal */
export interface Counters {
  messagesIn: number
  messagesOut: number
  overloads: number
  lateAnswers: number
  noise: number
  undecodable: number
  serverRequestsRefused: number
}

/** @internal */
export interface Options {
  readonly registry: Registry
  readonly counters: Counters
  readonly onServerRequest: (request: ServerRequest) => void
  readonly onServerRequestResolved: (id: Envelope.RequestId) => void
  /** Called with a turn that must be over, since its thread is idle or runs another one. */
  readonly onCompletionDue: (turn: TurnEntry.TurnEntry) => void
  readonly onNoise: (problem: string, frame: string) => void
}

/**
 * Routes each frame to whoever waits for it. It never waits: it completes Deferreds and fills queues, synchronously
 * and in order, from inside the transport's data event.
 *
 * @internal
 */
export const make = (options: Options): (frames: ReadonlyArray<string>) => void => {
  const { counters, registry } = options

  let lastMethod: string | undefined
  let lastKnown: Notification.NotificationMethod | undefined

  /** Most messages are of the method of the one before, and comparing is cheaper than looking up. */
  const methodOf = (method: string): Notification.NotificationMethod => {
    if (lastKnown === undefined || method !== lastMethod) {
      lastKnown = Notification.methodOf(method) ?? Notification.unknownMethod(method)
      lastMethod = method
    }
    return lastKnown
  }

  /**
   * Deltas are nearly all that comes. One goes a straight way to those who read its turn, where that is under way here and
   * nobody else wants to hear of it; what is done then is what the long way does.
   */
  const isStraight = (turn: TurnEntry.TurnEntry): boolean =>
    turn.role === "open" && turn.begun && turn.thread.subscribers.size === 0 && registry.listeners.size === 0 &&
    !registry.liveness.isWatching

  const deliver = (turn: TurnEntry.TurnEntry, event: TurnEvent) => {
    if (event._tag === "ItemAgentMessageDelta") {
      turn.collector.addText(event.itemId, event.delta)
    }
    for (const queue of turn.subscribers) {
      queue.offer(event)
    }
  }

  /** The turn of the frame before, and where its id stood. */
  let latestId = ""
  let idAt = 0

  /** The turn that a frame tells of, if it is one that is known. Most ids stand where the one before did. */
  const turnOfFrame = (frame: string): TurnEntry.TurnEntry | undefined => {
    const id = frame.slice(idAt, idAt + latestId.length)
    // An id that was looked up before is looked up faster than one that has just come.
    const turn = registry.turn(id === latestId ? latestId : id)
    if (turn !== undefined) {
      latestId = turn.id
      return turn
    }
    const at = frame.indexOf(turnIdKey)
    if (at === -1) {
      return undefined
    }
    idAt = at + turnIdKey.length
    latestId = frame.slice(idAt, frame.indexOf("\"", idAt))
    return registry.turn(latestId)
  }

  /** A frame that need not be parsed, since but for its piece of text it is known. */
  const onKnownFrame = (frame: string): boolean => {
    const turn = turnOfFrame(frame)
    if (turn?.pattern === undefined || !isStraight(turn)) {
      return false
    }
    const event = turn.pattern.read(frame)
    if (event === undefined) {
      return false
    }
    deliver(turn, event)
    return true
  }

  const onTurnDelta = (known: Notification.NotificationMethod, params: unknown, frame: string): boolean => {
    if (!Envelope.isRecord(params)) {
      return false
    }
    const { threadId, turnId } = params
    const turn = typeof turnId === "string" ? registry.turn(turnId) : undefined
    if (turn === undefined || turn.thread.id !== threadId || !isStraight(turn)) {
      return false
    }
    // Only notifications that carry a turn id come here, and those are the ones TurnEvent is made of.
    const event = known.decode(params) as TurnEvent
    if (event._tag === "Undecodable") {
      counters.undecodable++
    } else {
      turn.pattern = turn.pattern?.after(event, frame) ?? new FramePattern(event)
    }
    deliver(turn, event)
    return true
  }

  const onNotification = (method: string, params: unknown, frame: string) => {
    const known = methodOf(method)
    if (known.isTurnDelta && onTurnDelta(known, params, frame)) {
      return
    }
    const turnId = known.turnId(params)
    const threadId = known.threadId(params)
    let event: ServerEvent | undefined
    const decoded = (): ServerEvent => {
      if (event === undefined) {
        event = known.decode(params)
        if (event._tag === "Undecodable") {
          counters.undecodable++
        }
      }
      return event
    }

    const thread = threadId === undefined ? undefined : registry.thread(threadId)
    const ofThreads = known.scope === "unknown"
      ? threadId !== undefined || turnId !== undefined
      : known.scope === "turn" || known.scope === "thread"
    // Listeners hear of an event before the turn is ended by it, so that the end never overtakes it.
    if (ofThreads && thread !== undefined && thread.subscribers.size > 0) {
      for (const queue of thread.subscribers) {
        // ThreadEvent is made of the notifications of these scopes.
        queue.offer(decoded() as ThreadEvent)
      }
    }
    for (const listener of registry.listeners) {
      if (!listener.outsideThreads || !ofThreads) {
        listener.queue.offer(decoded())
      }
    }

    if (known.operationKey !== undefined) {
      const id = Envelope.stringAt(params, [known.operationKey])
      if (id !== undefined) {
        registry.operations.receiver(known.operationKey, id)?.offer(decoded())
      }
    }

    if (method === "serverRequest/resolved") {
      const id = Envelope.isRecord(params) ? params["requestId"] : undefined
      if (typeof id === "string" || typeof id === "number") {
        registry.liveness.settled(id)
        options.onServerRequestResolved(id)
      }
    }

    if (threadId !== undefined) {
      registry.liveness.heard(threadId, turnId)
      if (method === "thread/started") {
        const parentId = Envelope.isRecord(params) ? parentOf(params["thread"]) : undefined
        if (parentId !== undefined) {
          registry.memory.setParent(threadId, parentId)
        }
      } else if (method === "thread/closed" || method === "thread/deleted") {
        registry.closeThread(threadId)
      } else if (method === "item/started" || method === "item/completed") {
        // The threads of sub-agents are not announced; an item of their parent names them.
        for (const agentId of agentsOf(params)) {
          registry.memory.setParent(agentId, threadId)
        }
      }
    }

    if (method === "thread/status/changed" && thread !== undefined) {
      const status = Envelope.stringAt(params, ["status", "type"])
      Turns.noteStatus(registry, thread, status)
      if (thread.active !== undefined && status !== undefined && inactive.has(status)) {
        options.onCompletionDue(thread.active)
      }
    }

    const report = method === "thread/tokenUsage/updated" ? decoded() : undefined
    // Of every turn, held here or not, since the next one is told from it.
    const used = report?._tag === "ThreadTokenUsageUpdated"
      ? registry.memory.noteUsage(report.threadId, report.tokenUsage)
      : undefined

    if (turnId === undefined) {
      return
    }
    if (method === "turn/completed") {
      registry.onTurnOver(turnId)
    }
    const before = thread?.active
    const turn = registry.turn(turnId) ??
      (thread === undefined ? undefined : Turns.observe(registry, thread, turnId, method === "turn/started"))
    if (turn === undefined) {
      return
    }
    // Only notifications that carry a turn id come here, and those are the ones TurnEvent is made of.
    const ofTurn = () => decoded() as TurnEvent
    if (method === "turn/started") {
      if (before !== undefined && before !== turn && before.role === "open") {
        options.onCompletionDue(before)
      }
      Turns.begin(registry, turn)
    } else if (!turn.begun && !turn.review) {
      TurnEntry.begin(turn)
    }
    if (method === "item/agentMessage/delta") {
      const itemId = Envelope.stringAt(params, ["itemId"])
      const delta = Envelope.stringAt(params, ["delta"])
      if (itemId !== undefined && delta !== undefined) {
        turn.collector.addText(itemId, delta)
      }
    }
    if (turn.role !== "foreign" && (turn.subscribers.size > 0 || collected.has(method))) {
      const turnEvent = ofTurn()
      turn.collector.add(turnEvent)
      if (used !== undefined) {
        turn.collector.addUsage(used)
      }
      if (method === "item/started" || method === "item/completed") {
        turn.observer?.item(turnEvent)
      }
      for (const queue of turn.subscribers) {
        queue.offer(turnEvent)
      }
    }
    if (method === "error" && turn.collector.error !== undefined) {
      // A turn that fails before it has begun, as a review may, has no completion.
      options.onCompletionDue(turn)
    }
    if (method === "turn/completed" && turn.exit === undefined) {
      const turnEvent = ofTurn()
      Turns.end(registry, turn, exitOf(turn, turnOf(turnEvent, params)), turnEvent)
    }
  }

  const onResponse = (id: unknown, result: unknown) => {
    const pending = registry.takePending(id)
    if (pending === undefined) {
      counters.lateAnswers++
      registry.settleLate(id, result)
      return
    }
    pending.onResult?.(result)
    pending.answer.done(Exit.succeed(result))
  }

  const onError = (id: unknown, error: Envelope.WireError) => {
    const reason = reasonOf(error.code)
    if (reason === "Overloaded") {
      counters.overloads++
    }
    const pending = registry.takePending(id)
    if (pending === undefined) {
      counters.lateAnswers++
      registry.forgetLate(id)
      return
    }
    pending.answer.done(
      Exit.fail(
        new RequestFailed({
          method: pending.method,
          reason,
          code: error.code,
          serverMessage: error.message,
          data: error.data
        })
      )
    )
  }

  return (frames) => {
    registry.delivery.wakeUps.mayWait = frames.length > many
    for (let i = 0; i < frames.length; i++) {
      const frame = frames[i] ?? ""
      counters.messagesIn++
      if (onKnownFrame(frame)) {
        continue
      }
      const envelope = Envelope.parse(frame)
      switch (envelope._tag) {
        case "Notification":
          onNotification(envelope.method, envelope.params, frame)
          break
        case "Response":
          onResponse(envelope.id, envelope.result)
          break
        case "ErrorResponse":
          onError(envelope.id, envelope.error)
          break
        case "Request":
          options.onServerRequest(envelope)
          break
        case "Noise":
          counters.noise++
          options.onNoise(envelope.problem, frame)
          break
      }
    }
    registry.delivery.wakeUps.routed(frames.length)
  }
}

const turnIdKey = "\"turnId\":\""

const agentsOf = (params: unknown): ReadonlyArray<string> => {
  switch (Envelope.stringAt(params, ["item", "type"])) {
    case "subAgentActivity":
      return [Envelope.stringAt(params, ["item", "agentThreadId"])].filter(Predicate.isString)
    case "collabAgentToolCall": {
      const item = Envelope.isRecord(params) ? params["item"] : undefined
      const ids = Envelope.isRecord(item) ? item["receiverThreadIds"] : undefined
      return Array.isArray(ids) ? ids.filter(Predicate.isString) : []
    }
    default:
      return []
  }
}

/** The statuses of a thread on which no turn is under way. */
const inactive: ReadonlySet<string> = new Set(["idle", "notLoaded", "systemError"])

const collected: ReadonlySet<string> = new Set([
  "error",
  "turn/started",
  "item/started",
  "item/completed",
  "thread/tokenUsage/updated",
  "turn/completed"
])

const reasonOf = (code: number): RequestFailed["reason"] => {
  switch (code) {
    case -32001:
      return "Overloaded"
    case -32600:
      return "InvalidRequest"
    case -32601:
      return "MethodNotFound"
    case -32602:
      return "InvalidParams"
    case -32603:
      return "InternalError"
    case -32700:
      return "ParseError"
    default:
      return "Other"
  }
}
