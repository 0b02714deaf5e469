import * as AppServer from "@effect-codex/sdk/AppServer"
import * as CodexConfig from "@effect-codex/sdk/CodexConfig"
import * as Transport from "@effect-codex/sdk/Transport"
import * as MemoryTransport from "@effect-codex/testing/MemoryTransport"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { handshake, settle } from "./support/env.js"

/** A connection that is being opened, and the server's end. */
const opening = (options: Partial<CodexConfig.Options> = {}, layer = AppServer.layer) =>
  Effect.gen(function*() {
    const pair = yield* Layer.build(MemoryTransport.layerPair)
    const fiber = yield* layer.pipe(
      Layer.provide(Layer.succeedContext(pair)),
      Layer.provide(CodexConfig.layer(options)),
      Layer.build,
      Effect.map(Context.get(AppServer.AppServer)),
      Effect.fork
    )
    return { fiber, server: Context.get(pair, MemoryTransport.Server) }
  })

describe("the handshake", () => {
  it.scoped("says who the client is and what it can do, and then that it is done", () =>
    Effect.gen(function*() {
      const { fiber, server } = yield* opening({
        clientName: "a-program",
        clientTitle: "A Program",
        clientVersion: "1.2.3",
        optOutNotifications: ["account/rateLimits/updated"]
      })
      const { id, params } = yield* server.takeRequest("initialize")
      assert.deepStrictEqual(params, {
        clientInfo: { name: "a-program", title: "A Program", version: "1.2.3" },
        capabilities: { experimentalApi: false, optOutNotificationMethods: ["account/rateLimits/updated"] }
      })
      assert.deepStrictEqual(yield* server.takeAll, [])
      yield* server.respond(id, handshake)
      const { info } = yield* fiber
      assert.deepStrictEqual(info, handshake)
      assert.deepStrictEqual(yield* server.takeAll, [{ method: "initialized" }])
    }))

  it.scoped("asks for the experimental API where the Layer does", () =>
    Effect.gen(function*() {
      const { server } = yield* opening({}, AppServer.layerExperimental)
      const { params } = yield* server.takeRequest("initialize")
      assert.isTrue(params.capabilities?.experimentalApi)
    }))

  it.scoped("fails with RequestTimeout after 30 seconds when the server is silent", () =>
    Effect.gen(function*() {
      const { fiber, server } = yield* opening()
      yield* server.takeRequest("initialize")
      yield* TestClock.adjust(Duration.millis(29_999))
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      yield* TestClock.adjust(Duration.millis(1))
      const error = yield* Effect.flip(fiber)
      assert.strictEqual(error._tag, "RequestTimeout")
    }))

  it.scoped("fails within its deadline when the server takes nothing in", () =>
    Effect.gen(function*() {
      const pair = yield* Layer.build(MemoryTransport.layerPair)
      const server = Context.get(pair, MemoryTransport.Server)
      yield* server.pause
      const fiber = yield* AppServer.layer.pipe(
        Layer.provide(Layer.succeedContext(pair)),
        Layer.provide(CodexConfig.layer({ initializeTimeout: "1 second" })),
        Layer.build,
        Effect.fork
      )
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Effect.flip(fiber))._tag, "RequestTimeout")
      assert.deepStrictEqual(yield* server.takeAll, [])
    }))

  it.scoped("fails with what the server says when it refuses", () =>
    Effect.gen(function*() {
      const { fiber, server } = yield* opening()
      const { id } = yield* server.takeRequest("initialize")
      yield* server.fail(id, { code: -32600, message: "Already initialized" })
      const error = yield* Effect.flip(fiber)
      assert(error._tag === "RequestFailed")
      assert.strictEqual(error.serverMessage, "Already initialized")
    }))

  it.scoped("fails with UndecodableResult when the answer makes no sense", () =>
    Effect.gen(function*() {
      const { fiber, server } = yield* opening()
      const { id } = yield* server.takeRequest("initialize")
      yield* server.respond(id, { userAgent: 1 })
      const error = yield* Effect.flip(fiber)
      assert(error._tag === "UndecodableResult")
      assert.deepStrictEqual(error.result, { userAgent: 1 })
    }))

  it.scoped("fails with how the server ended when it ends instead of answering", () =>
    Effect.gen(function*() {
      const { fiber, server } = yield* opening()
      yield* server.takeRequest("initialize")
      const trace = Array.from(
        { length: 9 },
        (_, frame) => `  ${frame}: <unknown>\n            at /src/main.rs:${frame}`
      )
      const stderrTail = ["cannot read config.toml", "", "Stack backtrace:", ...trace].join("\n")
      yield* server.end(Transport.end("Exited", { exitCode: 1, stderrTail }))
      const error = yield* Effect.flip(fiber)
      assert(error._tag === "ConnectionClosed")
      assert.strictEqual(error.exitCode, 1)
      assert.strictEqual(error.stderrTail, stderrTail)
      assert.match(error.message, /cannot read config\.toml$/)
    }))

  it.scoped("loses nothing that the server says right after its answer", () =>
    Effect.gen(function*() {
      const { fiber, server } = yield* opening()
      const { id } = yield* server.takeRequest("initialize")
      yield* server.sendFrames([
        JSON.stringify({ id, result: handshake }),
        JSON.stringify({ method: "account/updated", params: { authMode: null } })
      ])
      const { stats } = yield* fiber
      yield* settle
      assert.strictEqual((yield* stats).messagesIn, 2)
    }))
})
