import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

/**
 * A pipe of bytes: filled synchronously by the router, read as a stream whose every run goes on where the one before
 * stopped. It is bounded in bytes: what is too much ends it with an error, after what waits.
 *
 * @internal
 */
export interface ByteQueue<E> {
  /** Takes bytes in; never waits. After the end it does nothing. */
  readonly offer: (bytes: Uint8Array) => void
  /** Sets the end that follows what waits. The first end counts. */
  readonly end: (exit: Exit.Exit<void, E>) => void
  /** Each element is everything that waits, so that who takes one element loses nothing. */
  readonly stream: Stream.Stream<Uint8Array, E>
}

/** @internal */
export const make = <E>(capacity: number, onOverflow: () => E): Effect.Effect<ByteQueue<E>> =>
  Effect.map(Mailbox.make<Uint8Array, E>(), (mailbox) => {
    let waiting = 0
    return {
      offer: (bytes) => {
        waiting += Math.max(bytes.length, overhead)
        // What is no number bounds nothing, so it is none.
        if (!(waiting <= capacity)) {
          mailbox.unsafeDone(Exit.fail(onOverflow()))
        } else {
          mailbox.unsafeOffer(bytes)
        }
      },
      end: (exit) => {
        mailbox.unsafeDone(exit)
      },
      stream: Stream.repeatEffectOption(
        mailbox.takeAll.pipe(
          Effect.mapError(Option.some),
          Effect.flatMap(([pieces]) => {
            waiting = 0
            return Chunk.isEmpty(pieces) ? Effect.fail(Option.none()) : Effect.succeed(concat(pieces))
          })
        )
      )
    }
  })

/** What a piece costs however small it is, so that many of them are bounded as well. */
const overhead = 128

/** @internal */
export const concat = (pieces: Chunk.Chunk<Uint8Array>): Uint8Array => {
  if (Chunk.size(pieces) === 1) {
    return Chunk.unsafeGet(pieces, 0)
  }
  const whole = new Uint8Array(Chunk.reduce(pieces, 0, (length, piece) => length + piece.length))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
