import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { EventOverflow } from "../CodexError.js"
import type { ServerEvent } from "../TurnEvent.js"
import { merge } from "./notification.js"

/**
 * The queue of one subscriber: filled synchronously by the router, read by one fiber. What is buffered is delivered
 * first, then the end. It is bounded: when it is full, an event is merged into the last one where that loses nothing,
 * else the queue ends with an overflow, and the turn goes on without this subscriber.
 *
 * @internal
 */
export interface TurnQueue<A, E> {
  /** Takes one event in; never waits. After the end it does nothing. */
  readonly offer: (event: A) => void
  /** Sets the end that follows what is buffered. The first end counts. */
  readonly end: (exit: Exit.Exit<void, E>) => void
  /** Everything that is buffered, or the first of what comes, or the end. */
  readonly take: Effect.Effect<Chunk.Chunk<A>, Option.Option<E>>
}

/** @internal */
export interface Options<A> {
  readonly capacity: number
  /** What the subscriber wants of what is offered; everything, where it is not given. */
  readonly accepts?: ((event: A) => boolean) | undefined
}

/** @internal */
export const make = <A extends ServerEvent, E>(options: Options<A>): TurnQueue<A, E | EventOverflow> => {
  let buffer: Array<A> = []
  let exit: Exit.Exit<void, E | EventOverflow> | undefined
  let wake: (() => void) | undefined

  const notify = () => {
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
    const last = buffer[buffer.length - 1]
    if (buffer.length < options.capacity || last === undefined) {
      buffer.push(event)
      notify()
      return
    }
    const merged = merge(last, event)
    if (merged === undefined) {
      end(Exit.fail(new EventOverflow({ capacity: options.capacity })))
    } else {
      buffer[buffer.length - 1] = merged
    }
  }

  const poll = (): Effect.Effect<Chunk.Chunk<A>, Option.Option<E | EventOverflow>> | undefined => {
    if (buffer.length > 0) {
      const events = buffer
      buffer = []
      return Effect.succeed(Chunk.unsafeFromArray(events))
    }
    return exit === undefined
      ? undefined
      : Exit.matchEffect(exit, {
        onSuccess: () => Effect.fail(Option.none()),
        onFailure: (cause) => Effect.mapError(Effect.failCause(cause), Option.some)
      })
  }

  const take: TurnQueue<A, E | EventOverflow>["take"] = Effect.suspend(() =>
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

  return { offer, end, take }
}

/**
 * Reads the queue to its end.
 *
 * @internal
 */
export const toStream = <A, E>(queue: TurnQueue<A, E>): Stream.Stream<A, E> =>
  Stream.repeatEffectChunkOption(queue.take)
