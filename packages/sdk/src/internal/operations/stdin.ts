import type * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Sink from "effect/Sink"
import type { RequestError } from "../../CodexError.js"
import * as Bounded from "../connection/bounded.js"
import * as Race from "../connection/race.js"
import { concat } from "../delivery/byteQueue.js"

/**
 * What one request writes.
 *
 * @internal
 */
export interface Piece {
  readonly deltaBase64?: string
  readonly closeStdin?: true
}

/**
 * Writes what comes, one piece after the other, and closes stdin when no more comes. The server answers late where the
 * process reads slowly, so that waiting for each answer is the back-pressure.
 *
 * @internal
 */
export const make = (
  exit: Deferred.Deferred<number, RequestError>,
  write: (piece: Piece) => Effect.Effect<unknown, RequestError>
): Sink.Sink<void, Uint8Array, never, RequestError> => {
  /** Says whether the process takes more. */
  const writing = (piece: Piece) =>
    Race.first(
      Effect.interruptible(unlessEnded(exit, Effect.as(write(piece), true), false)),
      Effect.interruptible(Effect.as(Effect.exit(Deferred.await(exit)), false))
    )
  const writeAll = (bytes: Uint8Array, from: number): Effect.Effect<boolean, RequestError> =>
    from >= bytes.length ? Effect.succeed(true) : Effect.flatMap(
      writing({ deltaBase64: Encoding.encodeBase64(bytes.subarray(from, from + pieceBytes)) }),
      (more) => more ? writeAll(bytes, from + pieceBytes) : Effect.succeed(false)
    )
  return Sink.forEachChunkWhile((chunk: Chunk.Chunk<Uint8Array>) => writeAll(concat(chunk), 0)).pipe(
    Sink.ignoreLeftover,
    Sink.mapEffect(() => Effect.asVoid(writing({ closeStdin: true })))
  )
}

/**
 * Asks something of a process. Where the server refuses because it has ended, of which word may still be under way,
 * there is nothing left to ask.
 *
 * @internal
 */
export const unlessEnded = <A>(
  exit: Deferred.Deferred<number, RequestError>,
  ask: Effect.Effect<A, RequestError>,
  ended: A
): Effect.Effect<A, RequestError> =>
  Effect.flatMap(
    Deferred.isDone(exit),
    (done) =>
      done ?
        Effect.succeed(ended) :
        Effect.catchTag(ask, "RequestFailed", (refusal) =>
          Effect.exit(Deferred.await(exit)).pipe(
            Bounded.timeoutFail({ duration: "1 second", onTimeout: () => refusal }),
            Effect.as(ended)
          ))
  )

const pieceBytes = 64 * 1024
