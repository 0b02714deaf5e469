import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import * as Socket from "@effect/platform/Socket"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"

/** What the app-server says to the realtime API. */
export interface Said {
  readonly type: string
  readonly [key: string]: unknown
}

/** One connection of the app-server to the realtime API. */
export interface Peer {
  readonly said: Queue.Dequeue<Said>
  readonly say: (event: Said) => Effect.Effect<void, Socket.SocketError>
  readonly hangUp: Effect.Effect<void, Socket.SocketError>
}

/** A realtime API on loopback that says only what the test has it say. */
export const serve = Effect.gen(function*() {
  const server = yield* NodeSocketServer.makeWebSocket({ host: "127.0.0.1", port: 0 })
  const peers = yield* Queue.unbounded<Peer>()
  yield* server.run((socket) =>
    Effect.scoped(Effect.gen(function*() {
      const write = yield* socket.writer
      const said = yield* Queue.unbounded<Said>()
      yield* Queue.offer(peers, {
        said,
        say: (event) => write(JSON.stringify(event)),
        hangUp: write(new Socket.CloseEvent(1000))
      })
      yield* socket.runRaw((data) => {
        said.unsafeOffer(JSON.parse(String(data)))
      })
    })).pipe(
      // The app-server leaves without a word.
      Effect.catchTag("SocketError", () => Effect.void)
    )
  ).pipe(Effect.forkScoped)
  return { server, peers }
})

/** The next thing of that type that was said. */
export const take = ({ said }: Peer, type: string): Effect.Effect<Said> =>
  Effect.repeat(Queue.take(said), { until: (event) => event.type === type })
