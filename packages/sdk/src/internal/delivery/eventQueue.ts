import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { EventOverflow } from "../../CodexError.js"
import type { Policy } from "../../Delivery.js"
import type { Lagged, ServerEvent } from "../../TurnEvent.js"
import * as EventBuffer from "./eventBuffer.js"
import type { WakeUps } from "./wakeUps.js"

/**
 * The queue of one subscriber: filled synchronously by the router, read by one fiber. What is buffered is delivered
 * first, then the end. It is bounded: where an event finds no room under the policy, the queue ends with an overflow,
 * and everybody else goes on without this subscriber.
 *
 * @internal
 */
export interface EventQueue<A, E> {
  /** Takes one event in; never waits. After the end it does nothing. */
  readonly offer: (event: A) => void
  /** Sets the end that follows what is buffered. The first end counts. */
  readonly end: (exit: Exit.Exit<void, E>) => void
  /** Everything that is buffered, or what comes next; `undefined` once it has ended well. */
  readonly take: Effect.Effect<Chunk.Chunk<A> | undefined, E>
}

/**
 * A queue whose reader chooses the policy, which it may have been filled without.
 *
 * @internal
 */
export interface Configurable<A, E> extends EventQueue<A, E> {
  readonly setPolicy: (policy: Policy) => void
}

/**
 * How the queues of a connection are made.
 *
 * @internal
 */
export interface Delivery {
  readonly capacity: number
  readonly policy: Policy
  readonly counts: EventBuffer.Counts
  readonly wakeUps: WakeUps
}

/** @internal */
export interface Options<A> extends Partial<Omit<Delivery, "capacity">> {
  readonly capacity: number
  /** What stands for deltas that were dropped; without it, `slide` merges. */
  readonly lagged?: ((event: Lagged) => A) | undefined
  /** Whether it is filled for a reader who may never come: then little of it is kept as it came. */
  readonly unread?: boolean | undefined
  /** What the subscriber wants of what is offered; everything, where it is not given. */
  readonly accepts?: ((event: A) => boolean) | undefined
}

/** @internal */
export const make = <A extends ServerEvent, E>(options: Options<A>): Configurable<A, E | EventOverflow> =>
  new BufferedQueue<A, E>(options)

// A class, since the router calls it for every event: closures of each queue could not be compiled into their caller.
class BufferedQueue<A extends ServerEvent, E> implements Configurable<A, E | EventOverflow> {
  readonly #capacity: number
  readonly #counts: EventBuffer.Counts
  readonly #wakeUps: WakeUps | undefined
  readonly #lagged: Options<A>["lagged"]
  readonly #accepts: Options<A>["accepts"]
  /** How many waiting events are worth a wake-up of their own. */
  readonly #enough: number
  #buffer: EventBuffer.EventBuffer<A>
  #exit: Exit.Exit<void, E | EventOverflow> | undefined
  /** How the reader that waits goes on. */
  #wake: ((take: EventQueue<A, E | EventOverflow>["take"]) => void) | undefined
  #toBeWoken = false

  constructor(options: Options<A>) {
    // What is no number bounds nothing, so it is none.
    this.#capacity = Math.max(1, options.capacity || 1)
    this.#counts = options.counts ?? { merged: 0, dropped: 0 }
    this.#wakeUps = options.wakeUps
    this.#lagged = options.lagged
    this.#accepts = options.accepts
    this.#enough = Math.min(worthWaking, this.#capacity / 2)
    this.#buffer = this.#bufferOf(options.policy ?? "coalesce", options.unread === true ? keptUnread : undefined)
  }

  offer(event: A): void {
    if (this.#exit !== undefined || (this.#accepts !== undefined && !this.#accepts(event))) {
      return
    }
    if (!this.#buffer.add(event)) {
      this.end(Exit.fail(new EventOverflow({ capacity: this.#capacity })))
    } else if (this.#wake !== undefined) {
      this.#wakeSoon(this.#wakeUps)
    }
  }

  end(exit: Exit.Exit<void, E | EventOverflow>): void {
    if (this.#exit === undefined) {
      this.#exit = exit
      this.#notify()
    }
  }

  readonly take: EventQueue<A, E | EventOverflow>["take"] = Effect.suspend(() => this.#poll() ?? this.#wait)

  // What came while the reader yielded on its way here woke nobody, so it is looked for again. Nothing is undone where
  // it is interrupted, since resuming a fiber that has gone on does nothing.
  readonly #wait: EventQueue<A, E | EventOverflow>["take"] = Effect.async((resume) => {
    const come = this.#poll()
    if (come === undefined) {
      this.#wake = resume
    } else {
      resume(come)
    }
  })

  setPolicy(policy: Policy): void {
    const waiting = this.#buffer.takeAll()
    this.#buffer = this.#bufferOf(policy)
    for (const event of waiting) {
      // It held no more than this one has room for.
      this.#buffer.add(event)
    }
  }

  #bufferOf(policy: Policy, asTheyCame?: number): EventBuffer.EventBuffer<A> {
    return EventBuffer.make<A>({
      policy,
      capacity: this.#capacity,
      asTheyCame,
      counts: this.#counts,
      lagged: this.#lagged
    })
  }

  #wakeSoon(wakeUps: WakeUps | undefined): void {
    if (wakeUps === undefined || !wakeUps.mayWait || this.#buffer.size >= this.#enough) {
      this.#notify()
    } else if (!this.#toBeWoken) {
      this.#toBeWoken = true
      wakeUps.later(() => this.#notify())
    }
  }

  #notify(): void {
    this.#toBeWoken = false
    if (this.#wake !== undefined) {
      const resume = this.#wake
      this.#wake = undefined
      resume(this.take)
    }
  }

  #poll(): EventQueue<A, E | EventOverflow>["take"] | undefined {
    if (this.#buffer.size > 0) {
      return Effect.succeed(Chunk.unsafeFromArray(this.#buffer.takeAll()))
    }
    return this.#exit === undefined ? undefined : Exit.as(this.#exit, undefined)
  }
}

/** For so many events a wake-up costs next to nothing. */
const worthWaking = 256

/**
 * How many events are kept as they came for a reader who has not come yet, where more can be merged. Events that are
 * held for long outlive the first collections of garbage, and cost more than those that are read at once.
 */
const keptUnread = 256

/**
 * Reads a queue to its end.
 *
 * @internal
 */
export type Reading<A, E> = Channel.Channel<Chunk.Chunk<A>, unknown, E, unknown, void>

/** @internal */
export const toChannel = <A, E>(queue: EventQueue<A, E>): Reading<A, E> => {
  const read: Reading<A, E> = Channel.flatMap(
    Channel.fromEffect(queue.take),
    (events): Reading<A, E> => events === undefined ? Channel.void : Channel.flatMap(Channel.write(events), () => read)
  )
  return read
}

/** @internal */
export const toStream = <A, E>(queue: EventQueue<A, E>): Stream.Stream<A, E> => Stream.fromChannel(toChannel(queue))
