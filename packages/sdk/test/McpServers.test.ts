import { AppServer, ExperimentalApi } from "@effect-codex/sdk/AppServer"
import * as McpServers from "@effect-codex/sdk/McpServers"
import type { TransportEnd } from "@effect-codex/sdk/Transport"
import { assert, describe } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { type Env, promise, settle } from "./support/env.js"
import { threadId } from "./support/talk.js"

const authorizationUrl = "https://tracker.example.invalid/authorize"

const end: TransportEnd = { reason: "EndOfStream", exitCode: null, signal: null, stderrTail: "", cause: undefined }

/** A login that the server has answered, and the scope it belongs to. */
const begin = ({ appServer, server }: Env, loginId: string | null) =>
  Effect.gen(function*() {
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
    const starting = yield* McpServers.login("tracker", { timeoutSecs: 60 }).pipe(
      Scope.extend(scope),
      Effect.provideService(AppServer, appServer),
      Effect.fork
    )
    const { id, params } = yield* server.takeRequest("mcpServer/oauth/login")
    assert.deepStrictEqual(params, { name: "tracker", timeoutSecs: 60 })
    yield* server.respond(id, { authorizationUrl, loginId })
    return { login: yield* starting, close: Scope.close(scope, Exit.void) }
  })

describe("a login to an MCP server", () => {
  promise("says where to log in, and completes when the server says so, of this one", (env) =>
    Effect.gen(function*() {
      const { login } = yield* begin(env, "login-1")
      assert.deepInclude(login, { server: "tracker", loginId: "login-1", authorizationUrl })
      yield* env.server.notify("mcpServer/oauthLogin/completed", { name: "other", loginId: null, success: true })
      yield* env.server.notify("mcpServer/oauthLogin/completed", { name: "tracker", loginId: "old", success: true })
      yield* env.server.notify("mcpServer/oauthLogin/completed", {
        name: "tracker",
        loginId: "login-1",
        success: false,
        error: "denied"
      })
      const error = yield* Effect.flip(login.completed)
      assert.deepInclude(error, {
        _tag: "LoginFailed",
        server: "tracker",
        loginId: "login-1",
        reason: "Failed",
        serverMessage: "denied"
      })
      assert.include(error.message, "tracker")
    }))

  promise(
    "completes by the name of the server where that is too old to name the login",
    (env) =>
      Effect.gen(function*() {
        const { login } = yield* begin(env, null)
        yield* env.server.notify("mcpServer/oauthLogin/completed", { name: "tracker", success: true })
        yield* login.completed
      })
  )

  promise("completes where word of its end came before the answer that names it", (env) =>
    Effect.gen(function*() {
      const starting = yield* McpServers.login("tracker").pipe(
        Effect.flatMap((login) => login.completed),
        Effect.scoped,
        Effect.provideService(AppServer, env.appServer),
        Effect.fork
      )
      const { id } = yield* env.server.takeRequest("mcpServer/oauth/login")
      yield* env.server.notify("mcpServer/oauthLogin/completed", { name: "tracker", loginId: "login-1", success: true })
      yield* env.server.respond(id, { authorizationUrl, loginId: "login-1" })
      yield* starting
    }))

  promise("is not waited for any more once its scope has closed", (env) =>
    Effect.gen(function*() {
      const { close, login } = yield* begin(env, "login-1")
      const completing = yield* Effect.fork(Effect.flip(login.completed))
      yield* close
      assert.deepInclude(yield* completing, { _tag: "LoginFailed", reason: "Cancelled" })
      // The server knows no cancellation.
      assert.isEmpty(yield* env.server.takeAll)
    }))

  promise("completes however much else the server tells meanwhile", (env) =>
    Effect.gen(function*() {
      const { server } = env
      const completing = yield* McpServers.login("tracker").pipe(
        Effect.flatMap(({ completed }) => completed),
        Effect.scoped,
        Effect.provideService(AppServer, env.appServer),
        Effect.fork
      )
      const { id } = yield* server.takeRequest("mcpServer/oauth/login")
      for (let i = 0; i < 8; i++) {
        yield* server.notify("mcpServer/startupStatus/updated", { threadId: null, name: "other", status: "ready" })
        yield* server.notify("mcpServer/oauthLogin/completed", { name: "other", loginId: null, success: true })
      }
      yield* server.respond(id, { authorizationUrl, loginId: "login-1" })
      yield* server.notify("mcpServer/oauthLogin/completed", { name: "tracker", loginId: "login-1", success: true })
      yield* completing
    }), { config: { eventCapacity: 2 } })

  promise("fails with ConnectionClosed when the connection ends", (env) =>
    Effect.gen(function*() {
      const { login } = yield* begin(env, "login-1")
      const completing = yield* Effect.fork(Effect.flip(login.completed))
      yield* settle
      yield* env.server.end(end)
      assert.strictEqual((yield* completing)._tag, "ConnectionClosed")
    }))
})

/** The events of a subscription, which the server has accepted, as they are read. */
const subscribe = ({ appServer, server }: Env) =>
  Effect.gen(function*() {
    const reading = yield* McpServers.events({
      threadId,
      server: "apps",
      name: "issues",
      arguments: { project: "one" }
    }).pipe(
      Stream.runCollect,
      Effect.provide(Context.make(AppServer, appServer).pipe(Context.add(ExperimentalApi, { enabled: true }))),
      Effect.fork
    )
    const { id, params } = yield* server.takeRequest("mcpServer/event/stream/start")
    return { reading, id, params, subscriptionId: params.subscriptionId }
  })

const stopped = ({ server }: Env) =>
  Effect.gen(function*() {
    const { id, params } = yield* server.takeRequest("mcpServer/event/stream/stop")
    yield* server.respond(id, {})
    return params.subscriptionId
  })

describe("the events of an MCP server", () => {
  promise(
    "come as they are sent, from before the answer on, until they are terminated",
    (env) =>
      Effect.gen(function*() {
        const { id, params, reading, subscriptionId } = yield* subscribe(env)
        assert.deepStrictEqual<unknown>(params, {
          threadId,
          server: "apps",
          name: "issues",
          arguments: { project: "one" },
          subscriptionId
        })
        const tell = (method: string, params: unknown, of = subscriptionId) =>
          env.server.notify("mcpServer/event/stream/notification", {
            subscriptionId: of,
            notification: { method, params }
          })
        yield* tell("notifications/events/active", {})
        yield* env.server.respond(id, {})
        yield* tell("notifications/events/event", { number: 1 })
        yield* tell("notifications/events/event", { number: 2 }, "of another")
        yield* tell("notifications/events/terminated", {})
        assert.strictEqual(yield* stopped(env), subscriptionId)
        assert.deepStrictEqual<unknown>(Chunk.toReadonlyArray(yield* reading), [
          { method: "notifications/events/active", params: {} },
          { method: "notifications/events/event", params: { number: 1 } },
          { method: "notifications/events/terminated", params: {} }
        ])
      }),
    { experimentalApi: true }
  )

  promise("are stopped when nobody reads them any more, within the grace", (env) =>
    Effect.gen(function*() {
      const { id, reading, subscriptionId } = yield* subscribe(env)
      yield* env.server.respond(id, {})
      yield* settle
      const interrupting = yield* Effect.fork(Fiber.interrupt(reading))
      const stop = yield* env.server.takeRequest("mcpServer/event/stream/stop")
      assert.strictEqual(stop.params.subscriptionId, subscriptionId)
      yield* TestClock.adjust("5 seconds")
      yield* interrupting
    }), { experimentalApi: true })

  promise("fail as their request does", (env) =>
    Effect.gen(function*() {
      const { id, reading } = yield* subscribe(env)
      yield* env.server.fail(id, { code: -32600, message: "only for hosted apps" })
      yield* stopped(env)
      assert.strictEqual((yield* Effect.flip(reading))._tag, "RequestFailed")
    }), { experimentalApi: true })

  promise("end with the connection", (env) =>
    Effect.gen(function*() {
      const { id, reading } = yield* subscribe(env)
      yield* env.server.respond(id, {})
      yield* settle
      yield* env.server.end(end)
      assert.strictEqual((yield* Effect.flip(reading))._tag, "ConnectionClosed")
    }), { experimentalApi: true })
})
