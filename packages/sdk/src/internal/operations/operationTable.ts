import type * as Exit from "effect/Exit"
import type { ConnectionClosed, EventsError } from "../../CodexError.js"
import type { ServerEvent } from "../../TurnEvent.js"
import * as EventQueue from "../delivery/eventQueue.js"

/**
 * The member of a notification that names its operation.
 *
 * @internal
 */
export type Key =
  | "importId"
  | "loginId"
  | "processHandle"
  | "processId"
  | "sessionId"
  | "subscriptionId"
  | "watchId"

/**
 * Whoever hears of an operation. It is called from inside the router, so it never waits.
 *
 * @internal
 */
export interface Receiver<Event> {
  readonly offer: (event: Event) => void
  /** The connection has ended. */
  readonly end: (exit: Exit.Exit<never, ConnectionClosed>) => void
}

type Queue = EventQueue.EventQueue<ServerEvent, EventsError>

/** What is kept of operations that are not known, while a request is under way whose answer may name one of them. */
interface Expected {
  requests: number
  readonly early: Map<string, Queue>
}

/**
 * Who hears of which operation, by its key and id.
 *
 * @internal
 */
export class OperationTable {
  readonly #receivers = new Map<string, Receiver<ServerEvent>>()
  readonly #expected = new Map<string, Expected>()
  readonly #capacity: number
  readonly #earlyOperations: number

  constructor(options: {
    /** Events that are kept of an operation that is not known. */
    readonly capacity: number
    /** Operations that are kept until the answer says which one was started. */
    readonly earlyOperations: number
  }) {
    this.#capacity = options.capacity
    this.#earlyOperations = options.earlyOperations
  }

  get size(): number {
    return this.#receivers.size
  }

  /** Who is to hear of the operation, if anybody. */
  receiver(key: string, id: string): Receiver<ServerEvent> | undefined {
    return this.#receivers.get(nameOf(key, id)) ?? this.#early(key, id)
  }

  add<Event extends ServerEvent>(key: Key, id: string, receiver: Receiver<Event>): void {
    // The router offers it nothing but what carries the key, and those are the events of its type.
    this.#receivers.set(nameOf(key, id), receiver as Receiver<ServerEvent>)
  }

  remove(key: Key, id: string): void {
    this.#receivers.delete(nameOf(key, id))
  }

  /** From here on what is heard of unknown operations of the key is kept. */
  expect(key: Key): void {
    const expected = this.#expected.get(key)
    if (expected === undefined) {
      this.#expected.set(key, { requests: 1, early: new Map() })
    } else {
      expected.requests++
    }
  }

  /** What was kept and not taken is dropped once no request is under way any more. */
  unexpect(key: Key): void {
    const expected = this.#expected.get(key)
    if (expected !== undefined && --expected.requests === 0) {
      this.#expected.delete(key)
    }
  }

  /** What was kept of an operation. */
  takeEarly(key: Key, id: string): Queue | undefined {
    const early = this.#expected.get(key)?.early
    const queue = early?.get(id)
    early?.delete(id)
    return queue
  }

  close(exit: Exit.Exit<never, ConnectionClosed>): void {
    for (const receiver of this.#receivers.values()) {
      receiver.end(exit)
    }
    this.#receivers.clear()
    this.#expected.clear()
  }

  #early(key: string, id: string): Queue | undefined {
    const early = this.#expected.get(key)?.early
    if (early === undefined) {
      return undefined
    }
    const known = early.get(id)
    if (known !== undefined) {
      return known
    }
    const queue: Queue = EventQueue.make({ capacity: this.#capacity })
    early.set(id, queue)
    for (const oldest of early.keys()) {
      if (early.size <= this.#earlyOperations) {
        break
      }
      early.delete(oldest)
    }
    return queue
  }
}

const nameOf = (key: string, id: string) => `${key}:${id}`
