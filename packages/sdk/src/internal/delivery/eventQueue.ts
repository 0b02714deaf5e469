import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
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
  /** Everything that is buffered, or the first of what comes, or the end. */
  readonly take: Effect.Effect<Chunk.Chunk<A>, Option.Option<E>>
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
export const make = <A extends ServerEvent, E>(options: Options<A>): Configurable<A, E | EventOverflow> => {
  const { capacity, counts = { merged: 0, dropped: 0 }, wakeUps } = options
  const bufferOf = (policy: Policy, asTheyCame?: number) =>
    // What is no number bounds nothing, so it is none.
    EventBuffer.make<A>({ policy, capacity: Math.max(1, capacity || 1), asTheyCame, counts, lagged: options.lagged })

  let buffer = bufferOf(options.policy ?? "coalesce", options.unread === true ? keptUnread : undefined)
  let exit: Exit.Exit<void, E | EventOverflow> | undefined
  let wake: (() => void) | undefined
  let toBeWoken = false
  const enough = Math.min(worthWaking, capacity / 2)

  const notify = () => {
    toBeWoken = false
    if (wake !== undefined) {
      const resume = wake
      wake = undefined
      resume()
    }
  }

  const end = (with_: Exit.Exit<void, E | EventOverflow>) => {
    if (exit === undefined) {
      exit = with_
      notify()
    }
  }

  const offer = (event: A) => {
    if (exit !== undefined || options.accepts?.(event) === false) {
      return
    }
    if (buffer.add(event)) {
      if (wakeUps === undefined || !wakeUps.mayWait || buffer.size >= enough) {
        notify()
      } else if (!toBeWoken) {
        toBeWoken = true
        wakeUps.later(notify)
      }
    } else {
      end(Exit.fail(new EventOverflow({ capacity })))
    }
  }

  const poll = (): Effect.Effect<Chunk.Chunk<A>, Option.Option<E | EventOverflow>> | undefined => {
    if (buffer.size > 0) {
      return Effect.succeed(Chunk.unsafeFromArray(buffer.takeAll()))
    }
    return exit === undefined
      ? undefined
      : Exit.matchEffect(exit, {
        onSuccess: () => Effect.fail(Option.none()),
        onFailure: (cause) => Effect.mapError(Effect.failCause(cause), Option.some)
      })
  }

  const take: EventQueue<A, E | EventOverflow>["take"] = Effect.suspend(() =>
    poll() ?? Effect.zipRight(
      Effect.async<void>((resume) => {
        const wakeUp = () => resume(Effect.void)
        wake = wakeUp
        return Effect.sync(() => {
          if (wake === wakeUp) {
            wake = undefined
          }
        })
      }),
      take
    )
  )

  const setPolicy = (policy: Policy) => {
    const waiting = buffer.takeAll()
    buffer = bufferOf(policy)
    for (const event of waiting) {
      // It held no more than this one has room for.
      buffer.add(event)
    }
  }

  return { offer, end, take, setPolicy }
}

/** For so many events a wake-up costs next to nothing. */
const worthWaking = 64

/**
 * How many events are kept as they came for a reader who has not come yet, where more can be merged. Events that are
 * held for long outlive the first collections of garbage, and cost more than those that are read at once.
 */
const keptUnread = 256

/**
 * Reads the queue to its end.
 *
 * @internal
 */
export const toStream = <A, E>(queue: EventQueue<A, E>): Stream.Stream<A, E> =>
  Stream.repeatEffectChunkOption(queue.take)
