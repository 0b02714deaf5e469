import type { TransportError } from "@effect-codex/sdk/CodexError"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import type * as Scope from "effect/Scope"
import { constants } from "node:buffer"
import type { IncomingMessage } from "node:http"
import * as Net from "node:net"
import type * as Ws from "ws"
import type { Endpoint } from "./endpoint.js"
import type { Source } from "./frameReader.js"
import { atMost, within } from "./wallClock.js"
import type * as WebSocketError from "./webSocketError.js"

/** @internal */
export interface Request {
  readonly endpoint: Endpoint
  readonly headers: Readonly<Record<string, string>>
  readonly ca: string | Array<string> | undefined
  readonly maxFrameBytes: number
  readonly openTimeout: Duration.DurationInput
  readonly closeGrace: Duration.DurationInput
  readonly describe: WebSocketError.Describe
  readonly onMessage: (chunk: Buffer, source: Source) => void
}

/**
 * An open connection.
 *
 * @internal
 */
export interface WebSocket {
  readonly ws: Ws.WebSocket
  /** What the messages end up in. */
  readonly stream: Net.Socket
  readonly closed: Deferred.Deferred<WebSocketError.Closed>
}

// After the connection was cut, only Node itself is waited for.
const cutGrace = "1 second"

// As much of a refusal as is shown.
const maxRefusal = 1024
const bodyGrace = "1 second"

const connect = (
  { WebSocket }: typeof Ws,
  { ca, closeGrace, endpoint, headers, maxFrameBytes }: Request
): Ws.WebSocket => {
  const { lookup, socketPath, url } = endpoint
  const options = {
    headers: { ...headers },
    maxPayload: Math.min(maxFrameBytes, constants.MAX_STRING_LENGTH),
    // App-servers up to 0.150 hang up on a unix socket when an extension is so much as offered.
    perMessageDeflate: false,
    // An invalid byte becomes a replacement character, as it does from a process, and does not end the connection.
    skipUTF8Validation: true,
    ...(ca === undefined ? {} : { ca }),
    ...(lookup === undefined ? {} : { lookup }),
    ...(socketPath === undefined ? {} : { createConnection: () => Net.connect(socketPath) }),
    // How long a server may take that has said farewell and does not go.
    closeTimeout: Duration.toMillis(closeGrace)
  }
  return new WebSocket(url, options)
}

const watchEnd = (ws: Ws.WebSocket): Deferred.Deferred<WebSocketError.Closed> => {
  const closed = Deferred.unsafeMake<WebSocketError.Closed>(FiberId.none)
  let failure: Error | undefined
  // Attached for good: without a listener an error would be an uncaught exception, however late it comes.
  ws.on("error", (cause) => {
    failure ??= cause
  })
  ws.on("close", (code, reason) => {
    Deferred.unsafeDone(closed, Exit.succeed({ code, reason: reason.toString(), failure }))
  })
  return closed
}

/** The beginning of what is said, for a moment: the refusal itself is known without it. */
const bodyOf = (response: IncomingMessage): Effect.Effect<string> =>
  Effect.async<string>((resume) => {
    let text = ""
    const done = (): void => resume(Effect.succeed(text.slice(0, maxRefusal)))
    response.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk
      if (text.length >= maxRefusal) {
        done()
      }
    })
    response.on("close", done)
  }).pipe(Effect.timeoutTo({ duration: bodyGrace, onSuccess: (text) => text, onTimeout: () => "" }))

const watchOpening = (
  ws: Ws.WebSocket,
  describe: WebSocketError.Describe
): Deferred.Deferred<Net.Socket, TransportError> => {
  const opened = Deferred.unsafeMake<Net.Socket, TransportError>(FiberId.none)
  ws.once("upgrade", ({ socket }) => {
    ws.once("open", () => Deferred.unsafeDone(opened, Exit.succeed(socket)))
  })
  ws.once("unexpected-response", (_request, response) => {
    Deferred.unsafeDone(opened, Effect.flatMap(bodyOf(response), (body) => describe.refused(response, body)))
  })
  ws.once("error", (cause) => Deferred.unsafeDone(opened, describe.unreachable(cause)))
  return opened
}

const release = (
  ws: Ws.WebSocket,
  closed: Deferred.Deferred<WebSocketError.Closed>,
  closeGrace: Duration.DurationInput
): Effect.Effect<void> =>
  Effect.sync(() => {
    // Nobody wants them any more, and paused by them the socket would not come to the other side's farewell.
    ws.removeAllListeners("message")
    if (ws.readyState === ws.CONNECTING) {
      ws.terminate()
    } else {
      ws.resume()
      ws.close(1000)
    }
  }).pipe(
    Effect.zipRight(atMost(Deferred.await(closed), closeGrace)),
    Effect.zipRight(Effect.sync(() => ws.terminate())),
    Effect.zipRight(atMost(Deferred.await(closed), cutGrace))
  )

interface Started extends Pick<WebSocket, "ws" | "closed"> {
  readonly opened: Deferred.Deferred<Net.Socket, TransportError>
}

const start = (library: typeof Ws, request: Request): Effect.Effect<Started, TransportError> =>
  Effect.try({
    try: () => {
      const ws = connect(library, request)
      // A binary message is taken as text: what is no JSON in it is skipped by the router as any other noise.
      ws.on("message", (data: Buffer) => request.onMessage(data, ws))
      // Listened to from the start: what happens before somebody waits for it is not told again.
      return { ws, closed: watchEnd(ws), opened: watchOpening(ws, request.describe) }
    },
    catch: (cause) => request.describe.unusable(cause)
  })

/**
 * Opens a connection, within its time, and closes it when the scope closes: by the closing handshake where the other side
 * takes part in it, else by force.
 *
 * @internal
 */
export const make = (request: Request): Effect.Effect<WebSocket, TransportError, Scope.Scope> =>
  Effect.gen(function*() {
    const { closeGrace, describe, openTimeout } = request
    // Loaded here, because a program that runs the app-server itself does not need it, and it takes some 40 ms.
    const library = yield* Effect.promise(() => import("ws"))
    const { closed, opened, ws } = yield* Effect.acquireRelease(
      start(library, request),
      ({ closed, ws }) => release(ws, closed, closeGrace)
    )
    const stream = yield* within(Deferred.await(opened), openTimeout, () => describe.late(openTimeout))
    return { ws, stream, closed }
  })
