import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { clock } from "./wallClock.js"
import type { WebSocket } from "./webSocket.js"

/** A turn of the event loop, in which Node looks what has come. */
const look = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/**
 * Pings the other side once a beat, and succeeds when nothing has come from it for a whole one.
 *
 * While something of ours is still on its way the ping would wait behind it; whether that arrives is TCP's to find out.
 *
 * @internal
 */
export const silence = ({ stream, ws }: WebSocket, beat: Duration.DurationInput): Effect.Effect<void> =>
  Effect.gen(function*() {
    while (true) {
      const before = stream.bytesRead
      const idle = stream.writableLength === 0
      if (idle) {
        ws.ping()
      }
      yield* Effect.sleep(beat)
      // A program that was busy for a beat may have the answer lying before it.
      yield* look
      if (idle && stream.bytesRead === before && stream.writableLength === 0) {
        return
      }
    }
  }).pipe(Effect.withClock(clock))
