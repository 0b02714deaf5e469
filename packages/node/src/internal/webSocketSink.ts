import type { TransportError } from "@effect-codex/sdk/CodexError"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Ws from "ws"
import type { Sink } from "./frameWriter.js"
import type { WebSocket } from "./webSocket.js"
import type { Describe } from "./webSocketError.js"

// The app-server takes messages of up to 64 MiB, but hangs up on one that comes in a piece of more than 16 MiB.
const maxPiece = 8 * 1024 * 1024

const send = (ws: Ws.WebSocket, frame: string): void => {
  // No character of a string takes more than three bytes, so that most frames need not be measured.
  if (frame.length * 3 <= maxPiece) {
    ws.send(frame)
    return
  }
  const bytes = Buffer.from(frame)
  for (let start = 0; start < bytes.length; start += maxPiece) {
    const end = start + maxPiece
    ws.send(bytes.subarray(start, end), { binary: false, fin: end >= bytes.length })
  }
}

/**
 * A WebSocket as a place for frames: one a text message.
 *
 * @internal
 */
export const make = ({ closed, stream, ws }: WebSocket, describe: Describe): Sink => ({
  stream,
  isOpen: () => ws.readyState === ws.OPEN && stream.writable,
  write: (frame) => send(ws, frame),
  closed: Effect.flatMap(
    // What is not open any more has ended, or is about to within its bounds.
    Deferred.await(closed),
    (end): Effect.Effect<never, TransportError> => describe.closed(end)
  )
})
