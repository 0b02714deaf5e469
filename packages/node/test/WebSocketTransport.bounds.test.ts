import { TransportError } from "@effect-codex/sdk/CodexError"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { collect, eventually, tick } from "./support/child.js"
import * as Peer from "./support/peer.js"
import { open } from "./support/socket.js"

const megabyte = (letter: string) => letter.repeat(1024 * 1024)

/** Until the other side takes nothing more in. */
const untilFull = (transport: Effect.Effect.Success<ReturnType<typeof open>>) =>
  Effect.gen(function*() {
    while (true) {
      const sending = yield* Effect.fork(transport.send(megabyte("x")))
      yield* tick
      yield* tick
      if (sending.unsafePoll() === null) {
        return sending
      }
    }
  })

describe("WebSocketTransport with a server that is gone or stuck", () => {
  it.scopedLive("ends when nothing comes, not even the answer to a ping", () =>
    Effect.gen(function*() {
      const peer = yield* Peer.upgradeOnly((socket) => socket.resume())
      const transport = yield* open(peer.url, { heartbeat: "50 millis" })
      const end = yield* transport.run(() => {})
      assert.strictEqual(end.reason, "Failed")
      assert(end.cause instanceof TransportError)
      assert.include(end.cause.message, "not even the answer to a ping")
      yield* peer.deserted
      assert.strictEqual((yield* Effect.flip(transport.send("x"))).reason, "Closed")
    }))

  it.scopedLive("does not end while a silent server answers pings", () =>
    Effect.gen(function*() {
      let pings = 0
      const peer = yield* Peer.webSocket((ws) => ws.on("ping", () => pings++))
      const { fiber } = yield* collect(yield* open(peer.url, { heartbeat: "50 millis" }))
      yield* eventually(() => pings > 4)
      assert.isNull(fiber.unsafePoll())
    }))

  it.scopedLive("a send waits while the server takes nothing in; interrupted meanwhile, nothing is written", () =>
    Effect.gen(function*() {
      const got: Array<string> = []
      const peer = yield* Peer.webSocket((ws) => ws.on("message", (data) => got.push(String(data).slice(0, 1))).pause())
      const transport = yield* open(peer.url)
      const ws = yield* peer.connection
      yield* Fiber.interrupt(yield* untilFull(transport))
      const interrupted = yield* Effect.fork(transport.send("i"))
      const waiting = yield* Effect.fork(transport.send("w"))
      yield* tick
      yield* Fiber.interrupt(interrupted)
      ws.resume()
      yield* Fiber.join(waiting)
      yield* eventually(() => got.at(-1) === "w")
      assert.notInclude(got, "i")
    }))

  it.scopedLive("closing is bounded where the server takes nothing in, and where it does not say farewell", () =>
    Effect.gen(function*() {
      const stuck = yield* Peer.webSocket((ws) => ws.pause())
      yield* Effect.scoped(Effect.gen(function*() {
        const transport = yield* open(stuck.url)
        yield* Effect.fork(transport.run(() => {}))
        yield* Fiber.interrupt(yield* untilFull(transport))
      })) // Before a paused socket can see its end it has to read again.
      ;(yield* stuck.connection).resume()
      yield* stuck.deserted

      const rude = yield* Peer.upgradeOnly((socket) => socket.resume())
      yield* Effect.scoped(open(rude.url))
      yield* rude.deserted
    }))

  it.scopedLive("closing is not held up by what the server still sends", () =>
    Effect.gen(function*() {
      const peer = yield* Peer.webSocket((ws) => {
        const flood = (): void => {
          if (ws.readyState === ws.OPEN) {
            ws.send(megabyte("z"), () => setImmediate(flood))
          }
        }
        flood()
      })
      const started = performance.now()
      yield* Effect.scoped(Effect.zipRight(open(peer.url, { closeGrace: "20 seconds" }), peer.connection))
      assert.isBelow(performance.now() - started, 10_000)
      yield* peer.deserted
    }))

  it.scopedLive("a send that waits fails when the server goes", () =>
    Effect.gen(function*() {
      const peer = yield* Peer.webSocket((ws) => ws.pause())
      const transport = yield* open(peer.url)
      const waiting = yield* untilFull(transport)
      const { end } = yield* collect(transport)
      ;(yield* peer.connection).terminate()
      yield* end
      assert.isTrue(Exit.isFailure(yield* Fiber.await(waiting)))
      assert.strictEqual((yield* Effect.flip(transport.send("x"))).reason, "Closed")
    }))
})
