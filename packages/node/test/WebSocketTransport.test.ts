import { WebSocketTransport } from "@effect-codex/node"
import { TransportError } from "@effect-codex/sdk/CodexError"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Scheduler from "effect/Scheduler"
import { lookupLoopback } from "../src/internal/loopback.js"
import { collect, eventually, tick } from "./support/child.js"
import * as Peer from "./support/peer.js"
import { open } from "./support/socket.js"

const failure = (url: string, options?: Partial<WebSocketTransport.Options>) =>
  Effect.flip(Effect.scoped(open(url, options)))

/** Who yields goes on only after all that has happened outside in the meantime was told. */
const unhurried: Scheduler.Scheduler = {
  shouldYield: Scheduler.defaultScheduler.shouldYield,
  scheduleTask: (task) => setImmediate(() => setImmediate(task))
}

const token = WebSocketTransport.capabilityToken(Redacted.make("a-token-for-nobody-else"))

describe("WebSocketTransport keeping a token", () => {
  it.scopedLive("refuses to send one, or a header, in plain to a host that is not this one, before it connects", () =>
    Effect.gen(function*() {
      const peer = yield* Peer.webSocket()
      // This host too, for the system; but to take any name of it for this one would be to ask who may be lying.
      const url = `ws://0.0.0.0:${peer.port}/`
      for (const secret of [{ auth: token }, { headers: { "x-api-key": Redacted.make("hush-hush") } }]) {
        const error = yield* failure(url, secret)
        assert.strictEqual(error.reason, "Open")
        assert.include(error.message, "use wss://")
      }
      assert.strictEqual(peer.connections(), 0)
      yield* Effect.scoped(open(url))
      assert.strictEqual(peer.connections(), 1)
    }))

  it.effect("resolves the name of this host to loopback addresses only", () =>
    Effect.gen(function*() {
      const lookup = (name: string, all: boolean) =>
        Effect.async<unknown, Error>((resume) =>
          lookupLoopback(name, { all }, (error, address) =>
            resume(error === null ? Effect.succeed(address) : Effect.fail(error)))
        )
      assert.match(String(yield* lookup("localhost", false)), /^(127\.|::1$)/)
      assert.isArray(yield* lookup("localhost", true))
      assert.strictEqual(yield* lookup("127.1.2.3", false), "127.1.2.3")
      for (const name of ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1"]) {
        assert.include((yield* Effect.flip(lookup(name, true))).message, "loopback")
      }
    }))

  it.scopedLive("does not follow a redirect", () =>
    Effect.gen(function*() {
      const other = yield* Peer.webSocket()
      const answer = `HTTP/1.1 302 Found\r\nLocation: ${other.url}\r\nContent-Length: 0\r\n\r\n`
      const peer = yield* Peer.answering(() => answer)
      const error = yield* failure(peer.url, { auth: token })
      assert.strictEqual(error.reason, "Open")
      assert.include(error.message, "302")
      assert.strictEqual(other.connections(), 0)
    }))

  it.scopedLive("takes it out of what the other side says", () =>
    Effect.gen(function*() {
      const echo = (request: string) => {
        const body = request.slice(request.search(/^authorization/im))
        return `HTTP/1.1 403 Forbidden\r\nContent-Length: ${body.length}\r\n\r\n${body}`
      }
      const refused = yield* failure((yield* Peer.answering(echo)).url, { auth: token })
      assert.strictEqual(refused.reason, "Unauthorized")
      assert.include(refused.message, "403 authorization: Bearer [redacted]")

      const transport = yield* open((yield* Peer.webSocket((ws) => ws.close(4001, "no a-token-for-nobody-else"))).url, {
        auth: token
      })
      const { cause, reason } = yield* transport.run(() => {})
      assert.strictEqual(reason, "EndOfStream")
      assert(cause instanceof TransportError)
      assert.include(cause.message, "(4001, no [redacted])")
    }))
})

describe("WebSocketTransport opening", () => {
  it.scopedLive("fails as Open in its time where the server accepts and never speaks, and nothing is left", () =>
    Effect.gen(function*() {
      const peer = yield* Peer.tcp((socket) => socket.resume())
      const error = yield* failure(peer.url, { openTimeout: "50 millis" })
      assert.strictEqual(error.reason, "Open")
      assert.include(error.message, "openTimeout")
      yield* peer.connection
      yield* peer.deserted
    }))

  it.scopedLive("interrupted leaves nothing", () =>
    Effect.gen(function*() {
      const peer = yield* Peer.tcp((socket) => socket.resume())
      const fiber = yield* Effect.fork(Effect.scoped(open(peer.url)))
      yield* peer.connection
      yield* Fiber.interrupt(fiber)
      yield* peer.deserted
    }))

  it.scopedLive("fails as Open where nothing listens, and says what to do", () =>
    Effect.gen(function*() {
      const { url } = yield* Effect.scoped(Peer.tcp(() => {}))
      const messages = yield* Effect.forEach([url, "unix:///nowhere/at/all"], (url) =>
        Effect.map(failure(url), ({ message, reason }) => `${reason}: ${message}`))
      messages.forEach((message) =>
        assert.match(message, /^Open: nothing listens at .*start an app-server there/)
      )
    }))

  it.scopedLive("hears the refusal however long a fiber rests between any two of its steps", () =>
    Effect.gen(function*() {
      const messages = yield* Effect.forEach(
        Array.from({ length: 40 }, (_, index) => 12 + index),
        (operations) =>
          failure("unix:///nowhere/at/all", { openTimeout: "300 millis" }).pipe(
            Effect.withMaxOpsBeforeYield(operations),
            Effect.withScheduler(unhurried),
            Effect.map(({ message }) => `${operations}: ${message}`)
          ),
        { concurrency: "unbounded" }
      )
      messages.forEach((message) => assert.include(message, "nothing listens at"))
    }))

  it.scopedLive("fails as Open where something else answers", () =>
    Effect.gen(function*() {
      const page = yield* Peer.answering(() => "HTTP/1.1 404 Not Found\r\nContent-Length: 8\r\n\r\nno\npage!")
      assert.include((yield* failure(page.url)).message, "answered 404 no page!")
      const noise = yield* Peer.answering(() => "SSH-2.0-OpenSSH\r\n")
      assert.strictEqual((yield* failure(noise.url)).reason, "Open")
      const hangsUp = yield* Peer.answering(() => "")
      assert.strictEqual((yield* failure(hangsUp.url)).reason, "Open")
    }))

  it.effect("refuses a url of another kind, and shows none of what may be secret in it", () =>
    Effect.gen(function*() {
      const urls = ["https://h/?k=hush", "ws://u:hush@h", "hush", "unix://hush", "unix://", "ws://h/#hush"]
      for (const url of urls) {
        const error = yield* failure(url)
        assert.strictEqual(error.reason, "Open")
        assert.notInclude(String(error), "hush")
      }
    }))

  it.scopedLive("knows a refused token by its status, though the server does not finish its sentence", () =>
    Effect.gen(function*() {
      const peer = yield* Peer.tcp((socket) => {
        socket.once("data", () => socket.write("HTTP/1.1 401 Unauthorized\r\nContent-Length: 100\r\n\r\nwell, "))
      })
      const error = yield* failure(peer.url)
      assert.strictEqual(error.reason, "Unauthorized")
      assert.include(error.message, "(401)")
    }))

  it.scopedLive("fails as Open for a header that cannot be sent, without its content", () =>
    Effect.gen(function*() {
      const { url } = yield* Peer.webSocket()
      const error = yield* failure(url, { headers: { "x-key": Redacted.make("hush\r\nx: y") } })
      assert.strictEqual(error.reason, "Open")
      assert.notInclude(error.message, "hush")
    }))
})

describe("WebSocketTransport reading", () => {
  it.scopedLive("frames that come before run are kept for it, even those of a server that is gone", () =>
    Effect.gen(function*() {
      const peer = yield* Peer.webSocket((ws) => {
        ws.send("one")
        ws.send("two")
        ws.close(1001, "going")
      })
      const transport = yield* open(peer.url)
      yield* peer.connection
      const frames: Array<string> = []
      const end = yield* transport.run((chunk) => frames.push(...chunk))
      assert.deepStrictEqual(frames, ["one", "two"])
      assert.strictEqual(end.reason, "EndOfStream")
      assert(end.cause instanceof TransportError)
      assert.include(end.cause.message, "(1001, going)")
    }))

  it.scopedLive("before run no more is read than the system had already handed out", () =>
    Effect.gen(function*() {
      const peer = yield* Peer.webSocket()
      const transport = yield* open(peer.url)
      const ws = yield* peer.connection
      let sent = 0
      while (ws.bufferedAmount < 16 * 1024 * 1024) {
        ws.send("y".repeat(1024 * 1024))
        sent++
        yield* tick
      }
      let frames = 0
      const reading = yield* Effect.fork(transport.run((chunk) => frames += chunk.length))
      yield* eventually(() => frames === sent)
      yield* Fiber.interrupt(reading)
    }))

  it.scopedLive("interrupting run detaches its handler, and the next run goes on where it stopped", () =>
    Effect.gen(function*() {
      const peer = yield* Peer.webSocket((ws) => ws.on("message", (data) => ws.send(String(data))))
      const transport = yield* open(peer.url)
      const first = yield* collect(transport)
      yield* transport.send("a")
      assert.strictEqual(yield* first.next, "a")
      yield* Fiber.interrupt(first.fiber)
      yield* transport.send("b")
      const second = yield* collect(transport)
      yield* transport.send("c")
      assert.strictEqual(yield* second.next, "b")
      assert.strictEqual(yield* second.next, "c")
    }))

  it.scopedLive("a handler that throws ends run with its defect, not the program", () =>
    Effect.gen(function*() {
      const peer = yield* Peer.webSocket((ws) => ws.send("x"))
      const transport = yield* open(peer.url)
      const exit = yield* Effect.exit(transport.run(() => {
        throw new RangeError("from the handler")
      }))
      assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
    }))

  it.scopedLive("a binary message and invalid bytes are noise, which does not end the connection", () =>
    Effect.gen(function*() {
      const peer = yield* Peer.webSocket((ws) => {
        ws.send(Buffer.from([0x7b, 0xff, 0x7d]))
        ws.send(Buffer.from([0xc3, 0x28]), { binary: false })
        ws.send("after")
      })
      const { next } = yield* collect(yield* open(peer.url))
      assert.strictEqual(yield* next, "{\ufffd}")
      assert.strictEqual(yield* next, "\ufffd(")
      assert.strictEqual(yield* next, "after")
    }))

  it.scopedLive("a frame beyond the bound ends the connection, and says what to do", () =>
    Effect.gen(function*() {
      const peer = yield* Peer.webSocket((ws) => ws.send("x".repeat(2000)))
      const transport = yield* open(peer.url, { maxFrameBytes: 1000 })
      const end = yield* transport.run(() => {})
      assert.strictEqual(end.reason, "Failed")
      assert(end.cause instanceof TransportError)
      assert.include(end.cause.message, "maxFrameBytes")
      yield* peer.deserted
      assert.strictEqual((yield* Effect.flip(transport.send("x"))).reason, "Closed")
    }))
})
