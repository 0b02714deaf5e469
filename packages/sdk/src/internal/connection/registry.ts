import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as MutableRef from "effect/MutableRef"
import * as Predicate from "effect/Predicate"
import type { Stats } from "../../AppServer.js"
import type { ConnectionClosed, EventOverflow, RequestFailed, RequestTimeout } from "../../CodexError.js"
import type { Policy } from "../../Delivery.js"
import type { Handlers } from "../../ServerRequests.js"
import type { ServerEvent } from "../../TurnEvent.js"
import type { Delivery, EventQueue } from "../delivery/eventQueue.js"
import { WakeUps } from "../delivery/wakeUps.js"
import { OperationTable } from "../operations/operationTable.js"
import * as ThreadEntry from "../thread/threadEntry.js"
import { type Carried, ThreadMemory } from "../thread/threadMemory.js"
import { Liveness } from "../turn/liveness.js"
import * as TurnEntry from "../turn/turnEntry.js"
import { Answer } from "./answer.js"
import { keepLatest } from "./keepLatest.js"

/**
 * A request that waits for its answer.
 *
 * @internal
 */
export interface Pending {
  readonly method: string
  readonly answer: Answer<unknown, RequestFailed | ConnectionClosed | RequestTimeout>
  /** Called by the router with the result, before it looks at the next frame. */
  readonly onResult: ((result: unknown) => void) | undefined
}

/**
 * Someone who listens to the connection.
 *
 * @internal
 */
export interface Listener {
  readonly queue: EventQueue<ServerEvent, ConnectionClosed | EventOverflow>
  /** Whether it wants only what belongs to no thread. */
  readonly outsideThreads: boolean
}

const nobody: ReadonlySet<Listener> = new Set()

// Native maps: every message looks something up, and a HashMap hashes the whole key each time.
class Open {
  readonly _tag = "Open"
  readonly pending = new Map<number, Pending>()
  readonly turns = new Map<string, TurnEntry.TurnEntry>()
  readonly threads = new Map<string, ThreadEntry.ThreadEntry>()
  /** Never changed but replaced, so that the router can go through it while somebody comes or goes. */
  listeners: ReadonlySet<Listener> = nobody
}

interface Closed {
  readonly _tag: "Closed"
  readonly error: ConnectionClosed
}

/** @internal */
export interface Options {
  /** Requests that may wait for their answers at once. */
  readonly maxPendingRequests: number
  /** Events a subscriber's queue holds. */
  readonly eventCapacity: number
  /** What happens to what it does not hold. */
  readonly delivery: Policy
  /** Turns a thread keeps while it waits for the answer to `turn/start`. */
  readonly earlyTurns: number
}

/**
 * What the router knows: pending requests, turns, threads, and who listens to everything. One cell holds it, with the
 * end of the connection as its last state; it changes only when one of these begins or ends. All of it is synchronous,
 * since the router runs inside the data event of the transport.
 *
 * @internal
 */
export class Registry {
  readonly #state: MutableRef.MutableRef<Open | Closed> = MutableRef.make<Open | Closed>(new Open())
  /** What is done before the connection is closed, while the server can still be asked. */
  readonly closing = new Set<Effect.Effect<void>>()
  #nextRequestId = 1
  #refusal: ConnectionClosed | undefined
  /** What to do with answers that nobody waits for, by request id; the oldest give way. */
  readonly #late = new Map<number, (result: unknown) => void>()
  /** Which codex the server is, once the handshake has told. */
  serverVersion: string | null = null
  /** Told of every turn that is over, held here or not. */
  onTurnOver: (turnId: string) => void = () => {}
  /** Told of every thread that the server has closed. */
  onThreadClosed: (threadId: string) => void = () => {}
  readonly options: Options
  /** What is remembered of threads that nobody holds. */
  readonly memory: ThreadMemory
  /** How the queues of subscribers are made. */
  readonly delivery: Delivery
  /** Whether the turns that are watched are alive. */
  readonly liveness = new Liveness((threadId) => this.memory.parentOf(threadId))
  /** Who hears of logins, commands, watches and the like. */
  readonly operations: OperationTable

  constructor(options: Options, carried?: Carried) {
    this.options = options
    this.memory = new ThreadMemory(carried)
    this.delivery = {
      capacity: options.eventCapacity,
      policy: options.delivery,
      counts: { merged: 0, dropped: 0 },
      wakeUps: new WakeUps()
    }
    this.operations = new OperationTable({ capacity: options.eventCapacity, earlyOperations: options.earlyTurns })
  }

  /** The end of the connection, once it has ended. */
  get closed(): ConnectionClosed | undefined {
    const state = MutableRef.get(this.#state)
    return state._tag === "Closed" ? state.error : undefined
  }

  /** Fails where the connection has ended, or takes in nothing new any more. */
  readonly ensureOpen: Effect.Effect<void, ConnectionClosed> = Effect.suspend(() => {
    const error = this.closed ?? this.#refusal
    return error === undefined ? Effect.void : Effect.fail(error)
  })

  /** From here on nothing new begins; what is under way goes on until `close`. */
  refuse(error: ConnectionClosed): void {
    this.#refusal = error
  }

  get #open(): Open | undefined {
    const state = MutableRef.get(this.#state)
    return state._tag === "Open" ? state : undefined
  }

  // requests

  addPending(
    method: string,
    onResult: ((result: unknown) => void) | undefined
  ): readonly [id: number, pending: Pending] {
    const id = this.#nextRequestId++
    const pending: Pending = { method, onResult, answer: new Answer() }
    this.#open?.pending.set(id, pending)
    return [id, pending]
  }

  takePending(id: unknown): Pending | undefined {
    if (typeof id !== "number") {
      return undefined
    }
    const pending = this.#open?.pending
    const found = pending?.get(id)
    pending?.delete(id)
    return found
  }

  /** Stops waiting for an answer. What `onLateResult` wants to know of it still reaches it. */
  dropPending(id: number, onLateResult: ((result: unknown) => void) | undefined): void {
    if (this.takePending(id) === undefined || onLateResult === undefined) {
      return
    }
    this.#late.set(id, onLateResult)
    keepLatest(this.#late, lateAnswers)
  }

  /** Hands an answer that nobody waits for to whoever left word about it. */
  settleLate(id: unknown, result: unknown): void {
    if (typeof id === "number") {
      this.#late.get(id)?.(result)
      this.#late.delete(id)
    }
  }

  /** Drops the word left about an answer, since it brings nothing. */
  forgetLate(id: unknown): void {
    if (typeof id === "number") {
      this.#late.delete(id)
    }
  }

  // threads

  /** The entry of a thread, held for one more user until `releaseThread`. */
  retainThread(threadId: string): ThreadEntry.ThreadEntry {
    const entry = this.thread(threadId) ?? ThreadEntry.make(threadId)
    if (entry.users++ === 0) {
      this.#open?.threads.set(threadId, entry)
    }
    return entry
  }

  releaseThread(entry: ThreadEntry.ThreadEntry): void {
    if (--entry.users > 0) {
      return
    }
    const { active } = entry
    if (active !== undefined) {
      this.removeTurn(active)
      TurnEntry.drop(active)
    }
    this.#open?.threads.delete(entry.id)
  }

  thread(threadId: string): ThreadEntry.ThreadEntry | undefined {
    return this.#open?.threads.get(threadId)
  }

  /** The server has closed a thread. */
  closeThread(threadId: string): void {
    this.memory.closeThread(threadId)
    this.onThreadClosed(threadId)
  }

  /**
   * What answers a question, the narrowest first: the handlers of its turn and of its thread, and then those of the
   * threads that it is a sub-agent of, each with the turn that runs there.
   */
  handlersOf(
    { threadId, turnId }: { readonly threadId: string | undefined; readonly turnId: string | undefined }
  ): ReadonlyArray<Handlers> {
    const found: Array<Handlers | undefined> = []
    for (const id of this.#upwards(threadId)) {
      const thread = this.thread(id)
      // A turn that is over has no handlers any more, and those of the next one are not its own.
      const turn = id === threadId && turnId !== undefined ? this.turnAsking(thread, turnId) : thread?.active
      found.push(turn?.handlers, thread?.desk?.handlers, ...this.memory.handlersOf(id))
    }
    return found.filter(Predicate.isNotUndefined)
  }

  /** The starts that may yet turn out to be what a question is asked for: on its thread, and on those above it. */
  startsAbove({ threadId }: { readonly threadId: string | undefined }): ReadonlyArray<ThreadEntry.ThreadEntry> {
    return Array.from(this.#upwards(threadId), (id) => this.thread(id)).filter(Predicate.isNotUndefined).filter(
      ({ active, expecting, id }) => expecting > 0 && (id === threadId || active?.role !== "open")
    )
  }

  /** The thread and those that it is a sub-agent of. */
  #upwards(threadId: string | undefined): ReadonlySet<string> {
    const ids = new Set<string>()
    for (let id = threadId; id !== undefined && !ids.has(id); id = this.memory.parentOf(id)) {
      ids.add(id)
    }
    return ids
  }

  /** The turn of a question, which a review asks under the id of the reviewer's turn. */
  turnAsking(thread: ThreadEntry.ThreadEntry | undefined, turnId: string): TurnEntry.TurnEntry | undefined {
    return thread?.active?.stopId === turnId ? thread.active : this.turn(turnId)
  }

  // turns

  turn(turnId: string): TurnEntry.TurnEntry | undefined {
    return this.#open?.turns.get(turnId)
  }

  addTurn(entry: TurnEntry.TurnEntry): void {
    this.#open?.turns.set(entry.id, entry)
  }

  removeTurn(entry: TurnEntry.TurnEntry): void {
    this.#open?.turns.delete(entry.id)
    if (entry.thread.active === entry) {
      entry.thread.active = undefined
    }
  }

  // listeners

  get listeners(): ReadonlySet<Listener> {
    return this.#open?.listeners ?? nobody
  }

  listen(listener: Listener): void {
    if (this.#open !== undefined) {
      this.#open.listeners = new Set(this.#open.listeners).add(listener)
    }
  }

  unlisten(listener: Listener): void {
    if (this.#open !== undefined) {
      this.#open.listeners = new Set(Array.from(this.#open.listeners).filter((other) => other !== listener))
    }
  }

  // the end

  /** The turns that this program holds and that have not ended. */
  get openTurns(): ReadonlyArray<TurnEntry.TurnEntry> {
    return Array.from(this.#open?.turns.values() ?? []).filter(({ role }) => role === "open")
  }

  /** The threads on which a start is under way. */
  get startingThreads(): ReadonlyArray<ThreadEntry.ThreadEntry> {
    return Array.from(this.#open?.threads.values() ?? []).filter(({ expecting }) => expecting > 0)
  }

  get pendingRequests(): number {
    return this.#open?.pending.size ?? 0
  }

  /** How much is held at this moment, and what slow readers have not got as it came. */
  get sizes(): Pick<Stats, "dropped" | "merged" | "operations" | "pendingRequests" | "threads" | "turns"> {
    const open = this.#open
    return {
      ...this.delivery.counts,
      pendingRequests: this.pendingRequests,
      turns: open?.turns.size ?? 0,
      threads: open?.threads.size ?? 0,
      operations: open === undefined ? 0 : this.operations.size
    }
  }

  /** Ends everything with one error; what is asked of the registry later meets the same. */
  close(error: ConnectionClosed): void {
    const state = MutableRef.get(this.#state)
    if (state._tag === "Closed") {
      return
    }
    MutableRef.set(this.#state, { _tag: "Closed", error })
    const exit = Exit.fail(error)
    for (const pending of state.pending.values()) {
      pending.answer.done(exit)
    }
    for (const entry of state.turns.values()) {
      TurnEntry.end(entry, exit, undefined)
    }
    for (const thread of state.threads.values()) {
      for (const queue of thread.subscribers) {
        queue.end(exit)
      }
      thread.desk?.end(exit)
    }
    for (const { queue } of state.listeners) {
      queue.end(exit)
    }
    this.operations.close(exit)
    this.#late.clear()
    this.memory.end()
  }
}

/** How many requests that were given up are remembered until their answer comes. */
const lateAnswers = 256
