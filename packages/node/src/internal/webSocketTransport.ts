import type { TransportError } from "@effect-codex/sdk/CodexError"
import * as Transport from "@effect-codex/sdk/Transport"
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { Options } from "../WebSocketTransport.js"
import * as Credentials from "./credentials.js"
import * as Endpoint from "./endpoint.js"
import * as FrameReader from "./frameReader.js"
import * as FrameWriter from "./frameWriter.js"
import * as Heartbeat from "./heartbeat.js"
import * as Redact from "./redact.js"
import * as TransportRun from "./transportRun.js"
import * as WebSocket from "./webSocket.js"
import * as WebSocketError from "./webSocketError.js"
import * as WebSocketSink from "./webSocketSink.js"

// `@effect/platform/Socket` does not hold here: its constructor takes no headers, so there is no place for a token; its
// `writer` hands everything to the socket at once (100 MB to a server that reads nothing were all held in memory); and
// its close is begun but not awaited, so that it has no bound. `ws`, which it stands on as well, has all three.

const defaults = {
  openTimeout: "10 seconds",
  closeGrace: "2 seconds",
  heartbeat: "30 seconds",
  maxFrameBytes: 256 * 1024 * 1024
} as const

const messages: FrameReader.Framing = {
  push: (message) => [message.toString()],
  flush: () => []
}

const awaitEnd = (
  connection: WebSocket.WebSocket,
  describe: WebSocketError.Describe,
  beat: Duration.DurationInput
): Effect.Effect<Transport.TransportEnd> =>
  TransportRun.whichever(
    Deferred.await(connection.closed),
    Effect.as(Heartbeat.silence(connection, beat), undefined)
  ).pipe(Effect.map((closed) => {
    if (closed === undefined) {
      connection.ws.terminate()
      return Transport.end("Failed", { cause: describe.silent(beat) })
    }
    return Transport.end(closed.failure === undefined ? "EndOfStream" : "Failed", { cause: describe.closed(closed) })
  }))

/** @internal */
export const make = (
  options: Options,
  hint = "start an app-server there, or correct the url"
): Effect.Effect<Context.Tag.Service<typeof Transport.Transport>, TransportError, Scope.Scope> =>
  Effect.gen(function*() {
    const endpoint = yield* Endpoint.parse(options.url)
    const credentials = yield* Credentials.make(options, endpoint)
    const learned = Redact.learning()
    const describe = WebSocketError.make({
      endpoint,
      hint,
      withToken: credentials.withToken,
      redact: (text) => credentials.redact(learned.redact(text))
    })
    const reader = FrameReader.make(messages)
    const connection = yield* WebSocket.make({
      endpoint,
      describe,
      headers: credentials.headers,
      ca: typeof options.ca === "object" ? Array.from(options.ca) : options.ca,
      maxFrameBytes: options.maxFrameBytes ?? defaults.maxFrameBytes,
      openTimeout: options.openTimeout ?? defaults.openTimeout,
      closeGrace: options.closeGrace ?? defaults.closeGrace,
      onMessage: reader.accept
    })
    const end = awaitEnd(connection, describe, options.heartbeat ?? defaults.heartbeat)
    return {
      run: TransportRun.make(reader, connection.ws, end),
      ...FrameWriter.make(WebSocketSink.make(connection, describe)),
      conceal: (secrets) => learned.learn(secrets.map(Redacted.value))
    }
  })
