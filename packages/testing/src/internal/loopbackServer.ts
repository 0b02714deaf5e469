import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import type * as HttpServer from "@effect/platform/HttpServer"
import type { ServeError } from "@effect/platform/HttpServerError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Http from "node:http"

const closeGrace = "2 seconds"

// `close` alone waits for every open connection, and an event stream stays open for as long as its reader likes.
const closeNow = (server: Http.Server): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  }).pipe(
    Effect.interruptible,
    Effect.timeoutOption(closeGrace),
    Effect.withClock(Clock.make()),
    Effect.asVoid
  )

/**
 * An HTTP server on 127.0.0.1, with a port of the system's choice, that closes with its scope whoever is connected.
 *
 * @internal
 */
export const make: Effect.Effect<HttpServer.HttpServer, ServeError, Scope.Scope> = Effect.gen(function*() {
  const server = Http.createServer()
  // A client that sends a request just when its idle connection is timed out sees a failure nobody scripted.
  server.keepAliveTimeout = 0
  const httpServer = yield* NodeHttpServer.make(() => server, { host: "127.0.0.1", port: 0 })
  yield* Effect.addFinalizer(() => closeNow(server))
  return httpServer
})

/** @internal */
export const port = (server: HttpServer.HttpServer): Effect.Effect<number> =>
  server.address._tag === "TcpAddress"
    ? Effect.succeed(server.address.port)
    : Effect.dieMessage("the loopback server listens on a unix socket")
