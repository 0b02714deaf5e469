import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import { createHash } from "node:crypto"
import * as Net from "node:net"
import * as Ws from "ws"
import { eventually } from "./child.js"

/** The other side, on a port of its own, until the scope closes. */
export interface Peer<A> {
  readonly url: string
  readonly port: number
  /** The first connection. */
  readonly connection: Effect.Effect<A>
  /** Nothing of any connection is left here. */
  readonly deserted: Effect.Effect<void>
  readonly connections: () => number
}

const portOf = (address: Net.AddressInfo | string | null): number =>
  typeof address === "object" && address !== null ? address.port : 0

/** A server as one finds it: it speaks TCP, and whatever `serve` does with that. */
export const tcp = Effect.fnUntraced(function*(serve: (socket: Net.Socket) => void) {
  const first = Deferred.unsafeMake<Net.Socket>(FiberId.none)
  const open = new Set<Net.Socket>()
  let connections = 0
  const server = yield* Effect.acquireRelease(
    Effect.async<Net.Server>((resume) => {
      const server = Net.createServer((socket) => {
        connections++
        open.add(socket)
        socket.on("error", () => {}).on("close", () => open.delete(socket))
        serve(socket)
        Deferred.unsafeDone(first, Exit.succeed(socket))
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.async<void>((resume) => {
        open.forEach((socket) => socket.destroy())
        server.close(() => resume(Effect.void))
      })
  )
  const port = portOf(server.address())
  const peer: Peer<Net.Socket> = {
    url: `ws://127.0.0.1:${port}`,
    port,
    connection: Deferred.await(first),
    deserted: eventually(() => open.size === 0),
    connections: () => connections
  }
  return peer
})

const accepted = (request: string): string => {
  const [, key = ""] = /^sec-websocket-key: (.*)\r$/im.exec(request) ?? []
  const digest = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64")
  return `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${digest}\r\n\r\n`
}

/** A server that opens the WebSocket and takes no further part: `then` says what becomes of the bytes. */
export const upgradeOnly = (then: (socket: Net.Socket) => void) =>
  tcp((socket) => {
    socket.once("data", (request) => {
      socket.write(accepted(request.toString()))
      then(socket)
    })
  })

/** A server that answers every request for a WebSocket with this. */
export const answering = (answer: (request: string) => string) =>
  tcp((socket) => {
    socket.once("data", (request) => socket.end(answer(request.toString())))
  })

/** A WebSocket server that does what it should, and what `serve` adds to that. */
export const webSocket = Effect.fnUntraced(function*(serve: (ws: Ws.WebSocket) => void = () => {}) {
  const first = Deferred.unsafeMake<Ws.WebSocket>(FiberId.none)
  let connections = 0
  const server = yield* Effect.acquireRelease(
    Effect.async<Ws.WebSocketServer>((resume) => {
      const server: Ws.WebSocketServer = new Ws.WebSocketServer(
        { host: "127.0.0.1", port: 0 },
        () => resume(Effect.succeed(server))
      )
      server.on("connection", (ws) => {
        connections++
        ws.on("error", () => {})
        serve(ws)
        Deferred.unsafeDone(first, Exit.succeed(ws))
      })
    }),
    (server) =>
      Effect.async<void>((resume) => {
        server.clients.forEach((ws) => ws.terminate())
        server.close(() => resume(Effect.void))
      })
  )
  const port = portOf(server.address())
  const peer: Peer<Ws.WebSocket> = {
    url: `ws://127.0.0.1:${port}`,
    port,
    connection: Deferred.await(first),
    deserted: eventually(() => server.clients.size === 0),
    connections: () => connections
  }
  return peer
})
