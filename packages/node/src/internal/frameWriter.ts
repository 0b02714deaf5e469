import type { TransportError } from "@effect-codex/sdk/CodexError"
import * as Effect from "effect/Effect"
import type { Writable } from "node:stream"

/**
 * Where frames go.
 *
 * @internal
 */
export interface Sink {
  /** What the frames end up in; it tells when it is full. */
  readonly stream: Writable
  readonly isOpen: () => boolean
  readonly write: (frame: string) => void
  /** Why nothing can be written any more. */
  readonly closed: Effect.Effect<never, TransportError>
}

/** Until the stream takes more, or never will. */
const writable = (stream: Writable): Effect.Effect<void> =>
  Effect.async((resume) => {
    const detach = (): void => {
      stream.off("drain", done)
      stream.off("close", done)
    }
    const done = (): void => {
      detach()
      resume(Effect.void)
    }
    if (!stream.writableNeedDrain) {
      // It has told so already, while the writer yielded on its way here.
      return resume(Effect.void)
    }
    stream.on("drain", done)
    stream.on("close", done)
    return Effect.sync(detach)
  })

/**
 * Writes frames, each in one piece and none while the stream is full.
 *
 * @internal
 */
export interface FrameWriter {
  readonly send: (frame: string) => Effect.Effect<void, TransportError>
  /** Writes a frame where it need not wait, and tells whether it did. */
  readonly sendNow: (frame: string) => boolean
}

/** @internal */
export const make = (sink: Sink): FrameWriter => {
  // Those who wait queue up here, so that they are served in order and only one listens to the stream.
  const turn = Effect.unsafeMakeSemaphore(1).withPermits(1)
  let waiting = 0

  const write = (frame: string): Effect.Effect<void, TransportError> =>
    Effect.suspend(() => {
      if (!sink.isOpen()) {
        return sink.closed
      }
      if (sink.stream.writableNeedDrain) {
        return Effect.zipRight(writable(sink.stream), write(frame))
      }
      sink.write(frame)
      return Effect.void
    })

  const sendNow = (frame: string): boolean => {
    if (waiting > 0 || !sink.isOpen() || sink.stream.writableNeedDrain) {
      return false
    }
    sink.write(frame)
    return true
  }

  const sendInTurn = (frame: string) =>
    Effect.acquireUseRelease(
      Effect.sync(() => waiting++),
      () => turn(write(frame)),
      () => Effect.sync(() => waiting--)
    )

  return { sendNow, send: (frame) => Effect.suspend(() => sendNow(frame) ? Effect.void : sendInTurn(frame)) }
}
