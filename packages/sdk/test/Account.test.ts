import * as Account from "@effect-codex/sdk/Account"
import { AppServer } from "@effect-codex/sdk/AppServer"
import type { TransportEnd } from "@effect-codex/sdk/Transport"
import { assert, describe } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { type Env, promise, settle } from "./support/env.js"

const loginId = "login-1"
const end: TransportEnd = { reason: "EndOfStream", exitCode: null, signal: null, stderrTail: "", cause: undefined }

const authUrl = "https://auth.example.invalid/authorize?state=1"

/** A login that the server has answered, and the scope it belongs to. */
const begin = ({ appServer, server }: Env) =>
  Effect.gen(function*() {
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
    const starting = yield* Account.loginBrowser().pipe(
      Scope.extend(scope),
      Effect.provideService(AppServer, appServer),
      Effect.fork
    )
    const { id } = yield* server.takeRequest("account/login/start")
    yield* server.respond(id, { type: "chatgpt", loginId, authUrl })
    return { login: yield* starting, close: Scope.close(scope, Exit.void) }
  })

const says = ({ server }: Env, params: { readonly success: boolean; readonly error?: string }, id = loginId) =>
  server.notify("account/login/completed", { loginId: id, ...params })

/** Takes the cancellation and does what the server does. */
const cancelled = (env: Env) =>
  Effect.gen(function*() {
    const { id, params } = yield* env.server.takeRequest("account/login/cancel")
    yield* env.server.respond(id, { status: "canceled" })
    yield* says(env, { success: false, error: "Login was not completed" }, params.loginId)
    return params.loginId
  })

describe("a login by browser", () => {
  promise("says where to log in, and completes when the server says so", (env) =>
    Effect.gen(function*() {
      const { close, login } = yield* begin(env)
      assert.strictEqual(login.authUrl, authUrl)
      const completing = yield* Effect.fork(login.completed)
      yield* settle
      assert.isTrue(Option.isNone(yield* Fiber.poll(completing)))
      yield* says(env, { success: true })
      yield* completing
      // Once for each who asks.
      yield* login.completed
      yield* close
      assert.isEmpty(yield* env.server.takeAll)
    }))

  promise("completes where word of its end came before the answer that names it", (env) =>
    Effect.gen(function*() {
      const starting = yield* Account.loginBrowser().pipe(
        Effect.flatMap((login) => login.completed),
        Effect.scoped,
        Effect.provideService(AppServer, env.appServer),
        Effect.fork
      )
      const { id } = yield* env.server.takeRequest("account/login/start")
      yield* says(env, { success: true })
      yield* env.server.respond(id, { type: "chatgpt", loginId, authUrl })
      yield* starting
    }))

  promise("is cancelled on the server when its scope closes before it has completed", (env) =>
    Effect.gen(function*() {
      const { close, login } = yield* begin(env)
      const completing = yield* Effect.fork(Effect.flip(login.completed))
      const closing = yield* Effect.fork(close)
      assert.strictEqual(yield* cancelled(env), loginId)
      yield* closing
      assert.deepInclude(yield* completing, { _tag: "LoginFailed", reason: "Cancelled", loginId })
    }))

  promise(
    "lets its scope close within the grace where the cancellation is not answered",
    (env) =>
      Effect.gen(function*() {
        const { close, login } = yield* begin(env)
        const closing = yield* Effect.fork(close)
        yield* env.server.takeRequest("account/login/cancel")
        yield* TestClock.adjust("5 seconds")
        yield* closing
        assert.deepInclude(yield* Effect.flip(login.completed), { _tag: "LoginFailed", reason: "Cancelled" })
      })
  )

  promise("fails with LoginFailed and the server's words when it is denied", (env) =>
    Effect.gen(function*() {
      const { login } = yield* begin(env)
      yield* says(env, { success: false, error: "Sign-in failed: no thanks" })
      const error = yield* Effect.flip(login.completed)
      assert.deepInclude(error, { _tag: "LoginFailed", reason: "Failed", serverMessage: "Sign-in failed: no thanks" })
      assert.include(error.message, "no thanks")
    }))

  promise("fails with LoginFailed when the program cancels it, once and for all", (env) =>
    Effect.gen(function*() {
      const { close, login } = yield* begin(env)
      const cancelling = yield* Effect.fork(login.cancel)
      yield* cancelled(env)
      yield* cancelling
      assert.deepInclude(yield* Effect.flip(login.completed), { _tag: "LoginFailed", reason: "Cancelled" })
      yield* login.cancel
      yield* close
      assert.isEmpty(yield* env.server.takeAll)
    }))

  promise(
    "that is cancelled in a finalizer is over within the grace, though no word of it comes",
    (env) =>
      Effect.gen(function*() {
        const { close, login } = yield* begin(env)
        const cancelling = yield* Effect.fork(Effect.uninterruptible(login.cancel))
        const { id } = yield* env.server.takeRequest("account/login/cancel")
        yield* env.server.respond(id, { status: "notFound" })
        yield* TestClock.adjust("5 seconds")
        yield* cancelling
        assert.strictEqual((yield* Effect.flip(login.completed))._tag, "LoginFailed")
        yield* close
      })
  )

  promise("succeeds where it completed while it was being cancelled", (env) =>
    Effect.gen(function*() {
      const { login } = yield* begin(env)
      const cancelling = yield* Effect.fork(login.cancel)
      const { id } = yield* env.server.takeRequest("account/login/cancel")
      yield* says(env, { success: true })
      yield* env.server.respond(id, { status: "notFound" })
      yield* cancelling
      yield* login.completed
    }))

  promise("goes on where its cancellation is refused", (env) =>
    Effect.gen(function*() {
      const { login } = yield* begin(env)
      const cancelling = yield* Effect.fork(Effect.flip(login.cancel))
      const { id } = yield* env.server.takeRequest("account/login/cancel")
      yield* env.server.fail(id, { code: -32603, message: "not now" })
      assert.strictEqual((yield* cancelling)._tag, "RequestFailed")
      yield* says(env, { success: false, error: "denied" })
      assert.deepInclude(yield* Effect.flip(login.completed), { _tag: "LoginFailed", reason: "Failed" })
    }))

  promise("does not hear of the end of another login", (env) =>
    Effect.gen(function*() {
      const { login } = yield* begin(env)
      yield* says(env, { success: true }, "login-2")
      yield* env.server.notify("account/login/completed", { loginId: null, success: true })
      yield* says(env, { success: false, error: "denied" })
      assert.strictEqual((yield* Effect.flip(login.completed))._tag, "LoginFailed")
    }))

  promise("ends where word of its end does not decode", (env) =>
    Effect.gen(function*() {
      const { login } = yield* begin(env)
      yield* env.server.send({ method: "account/login/completed", params: { loginId, success: true, error: 5 } })
      yield* login.completed
      const { login: denied } = yield* begin(env)
      yield* env.server.send({ method: "account/login/completed", params: { loginId, success: "no" } })
      assert.deepInclude(yield* Effect.flip(denied.completed), { reason: "Failed", serverMessage: null })
    }))

  promise("fails with ConnectionClosed when the connection ends", (env) =>
    Effect.gen(function*() {
      const { login } = yield* begin(env)
      const completing = yield* Effect.fork(Effect.flip(login.completed))
      yield* env.server.end(end)
      assert.strictEqual((yield* completing)._tag, "ConnectionClosed")
      yield* login.cancel
    }))

  promise("that was given up before its answer is cancelled when that comes", (env) =>
    Effect.gen(function*() {
      const starting = yield* Account.loginBrowser().pipe(
        Effect.scoped,
        Effect.provideService(AppServer, env.appServer),
        Effect.fork
      )
      const { id } = yield* env.server.takeRequest("account/login/start")
      yield* Fiber.interrupt(starting)
      yield* env.server.respond(id, { type: "chatgpt", loginId, authUrl })
      assert.strictEqual(yield* cancelled(env), loginId)
    }))

  promise("that is given up in the moment of its answer is cancelled", (env) =>
    Effect.gen(function*() {
      const starting = yield* Account.loginBrowser().pipe(
        Effect.scoped,
        Effect.provideService(AppServer, env.appServer),
        Effect.fork
      )
      const { id } = yield* env.server.takeRequest("account/login/start")
      yield* env.server.respond(id, { type: "chatgpt", loginId, authUrl })
      const interrupting = yield* Effect.fork(Fiber.interrupt(starting))
      assert.strictEqual(yield* cancelled(env), loginId)
      yield* interrupting
    }))

  promise("whose answer is of no use fails with UndecodableResult and is cancelled", (env) =>
    Effect.gen(function*() {
      const starting = yield* Account.loginBrowser().pipe(
        Effect.scoped,
        Effect.provideService(AppServer, env.appServer),
        Effect.flip,
        Effect.fork
      )
      const { id } = yield* env.server.takeRequest("account/login/start")
      yield* env.server.respond(id, { type: "chatgptMagicLink", loginId })
      assert.strictEqual(yield* cancelled(env), loginId)
      assert.strictEqual((yield* starting)._tag, "UndecodableResult")
    }))
})

describe("a login by device code", () => {
  promise("says where to type in which code", (env) =>
    Effect.gen(function*() {
      const starting = yield* Account.loginDevice.pipe(
        Effect.tap((login) => login.completed),
        Effect.scoped,
        Effect.provideService(AppServer, env.appServer),
        Effect.fork
      )
      const { id, params } = yield* env.server.takeRequest("account/login/start")
      assert.deepStrictEqual(params, { type: "chatgptDeviceCode" })
      const shown = { verificationUrl: "https://auth.example.invalid/device", userCode: "ABCD-1234" }
      yield* env.server.respond(id, { type: "chatgptDeviceCode", loginId, ...shown })
      yield* settle
      yield* says(env, { success: true })
      assert.deepInclude(yield* starting, { loginId, ...shown })
    }))
})

const window = (usedPercent: number) => ({ usedPercent, windowDurationMins: 60, resetsAt: null })

describe("rate limits", () => {
  promise(
    "are told as they are, then as they become, and keep what an update leaves open",
    ({ appServer, server }) =>
      Effect.gen(function*() {
        const reading = yield* Account.rateLimits.pipe(
          Stream.take(4),
          Stream.runCollect,
          Effect.provideService(AppServer, appServer),
          Effect.fork
        )
        const { id } = yield* server.takeRequest("account/rateLimits/read")
        // Older than the answer.
        yield* server.notify("account/rateLimits/updated", { rateLimits: { limitId: "codex", primary: window(1) } })
        const codex = { limitId: "codex", primary: window(10), secondary: window(20), planType: "pro" }
        yield* server.respond(id, { accountId: "account-1", rateLimits: codex, rateLimitsByLimitId: { codex } })
        yield* server.notify("account/rateLimits/updated", {
          rateLimits: { limitId: "codex", primary: window(11), secondary: null, planType: null }
        })
        yield* server.notify("account/rateLimits/updated", { rateLimits: { limitId: "other", primary: window(5) } })
        yield* server.notify("account/rateLimits/updated", { rateLimits: { secondary: window(21) } })
        const values = Chunk.toReadonlyArray(yield* reading)
        const first = { ...codex, primary: window(11) }
        const second = { ...first, secondary: window(21) }
        const other = { limitId: "other", primary: window(5) }
        assert.deepStrictEqual<unknown>(values, [
          { accountId: "account-1", rateLimits: codex, rateLimitsByLimitId: { codex } },
          { accountId: "account-1", rateLimits: first, rateLimitsByLimitId: { codex: first } },
          { accountId: "account-1", rateLimits: first, rateLimitsByLimitId: { codex: first, other } },
          { accountId: "account-1", rateLimits: second, rateLimitsByLimitId: { codex: second, other } }
        ])
      })
  )

  promise(
    "fail with RequestFailed where nobody is logged in, and with the connection",
    ({ appServer, server }) =>
      Effect.gen(function*() {
        const reading = Account.rateLimits.pipe(
          Stream.runDrain,
          Effect.flip,
          Effect.provideService(AppServer, appServer)
        )
        const refused = yield* Effect.fork(reading)
        const { id } = yield* server.takeRequest("account/rateLimits/read")
        yield* server.fail(id, { code: -32600, message: "authentication required" })
        assert.strictEqual((yield* refused)._tag, "RequestFailed")
        const closed = yield* Effect.fork(reading)
        const { id: again } = yield* server.takeRequest("account/rateLimits/read")
        yield* server.respond(again, { rateLimits: {} })
        yield* settle
        yield* server.end(end)
        assert.strictEqual((yield* closed)._tag, "ConnectionClosed")
      })
  )
})
