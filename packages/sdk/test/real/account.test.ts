import * as Account from "@effect-codex/sdk/Account"
import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import { TemporaryCodexHome } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs/promises"
import { assertIdle, codexTestExperimental } from "./harness.js"
import * as Loopback from "./loopback.js"
import { from, promises } from "./releases.js"

const token = Loopback.accountToken

const window = (usedPercent: number) => ({
  used_percent: usedPercent,
  limit_window_seconds: 3600,
  reset_after_seconds: 120,
  reset_at: 5
})

const usage = {
  plan_type: "pro",
  rate_limit: { allowed: true, limit_reached: false, primary_window: window(42), secondary_window: window(7) }
}

const event = (value: { readonly type: string; readonly response: object }) => Loopback.sse(value, value.type)

/** A model's reply that uses the account up a little. */
const reply: Loopback.Response = {
  status: 200,
  headers: {
    "content-type": "text/event-stream",
    "x-codex-primary-used-percent": "50",
    "x-codex-primary-window-minutes": "60",
    "x-codex-primary-reset-at": "5"
  },
  body: event({ type: "response.created", response: { id: "response-1" } })
    + event({ type: "response.completed", response: { id: "response-1" } })
}

const respond = ({ path }: Loopback.Request): Loopback.Response => {
  switch (path) {
    case "/api/accounts/deviceauth/usercode":
      return Loopback.json({ device_auth_id: "device-1", user_code: "ABCD-1234", interval: "1" })
    case "/api/accounts/deviceauth/token":
      return Loopback.json({ authorization_code: "code-1", code_challenge: "challenge", code_verifier: "verifier" })
    case "/oauth/token":
      return Loopback.json({ id_token: token, access_token: token, refresh_token: "refresh-1" })
    case "/revoke":
      return Loopback.json({})
    case "/backend-api/wham/usage":
      return Loopback.json(usage)
    case "/v1/responses":
      return reply
    default:
      return Loopback.notFound
  }
}

const withAccounts = Layer.unwrapScoped(
  Effect.map(Loopback.serve(respond), ({ origin }) => {
    const { config, process } = Loopback.inPlaceOfHosts(origin)
    return codexTestExperimental({
      config: { ...config, model_providers: { scripted: { base_url: `${origin}/v1` } } },
      process
    })
  })
)

const logout = Effect.flatMap(AppServer, ({ request }) => request("account/logout", undefined))

const stored = Effect.flatMap(
  TemporaryCodexHome.TemporaryCodexHome,
  ({ codexHome }) => Effect.promise(() => Fs.readFile(`${codexHome}/auth.json`, "utf8"))
)

layer(withAccounts, { excludeTestServices: true })("the account", (it) => {
  from(promises.loginHosts, it.scoped)("is logged in by browser once that comes back", () =>
    Effect.gen(function*() {
      const login = yield* Account.loginBrowser()
      assert.strictEqual(new URL(login.authUrl).pathname, "/oauth/authorize")
      yield* Loopback.comeBack(login.authUrl, { code: "code-1" })
      yield* login.completed
      assert.include(yield* stored, "refresh-1")
      yield* logout
    }))

  it.scoped("is not logged in by browser where the person refuses", () =>
    Effect.gen(function*() {
      const login = yield* Account.loginBrowser()
      yield* Loopback.comeBack(login.authUrl, { error: "access_denied", error_description: "no thanks" })
      const error = yield* Effect.flip(login.completed)
      assert.strictEqual(error._tag, "LoginFailed")
      assert.deepInclude(error, { loginId: login.loginId, reason: "Failed" })
      assert.include(error.message, "no thanks")
    }))

  it.scoped("is not logged in where the scope of the login closes, and the next login is not in its way", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const first = yield* Scope.extend(Account.loginBrowser(), scope)
      yield* Scope.close(scope, Exit.void)
      const error = yield* Effect.flip(first.completed)
      assert.deepInclude(error, { _tag: "LoginFailed", reason: "Cancelled" })
      const { request } = yield* AppServer
      assert.deepStrictEqual(yield* request("account/login/cancel", { loginId: first.loginId }), { status: "notFound" })
      const second = yield* Account.loginBrowser()
      yield* second.cancel
      assert.deepInclude(yield* Effect.flip(second.completed), { _tag: "LoginFailed", reason: "Cancelled" })
    }))

  from(promises.loginHosts, it.scoped)(
    "is logged in by the last login where two are begun, and the first one fails",
    () =>
      Effect.gen(function*() {
        const first = yield* Account.loginBrowser()
        const second = yield* Account.loginBrowser()
        assert.deepInclude(yield* Effect.flip(first.completed), { _tag: "LoginFailed", reason: "Failed" })
        yield* Loopback.comeBack(second.authUrl, { code: "code-1" })
        yield* second.completed
        yield* logout
      })
  )

  from(promises.loginHosts, it.scoped)(
    "is logged in by a code that is typed in elsewhere",
    () =>
      Effect.gen(function*() {
        const login = yield* Account.loginDevice
        assert.strictEqual(login.userCode, "ABCD-1234")
        assert.match(login.verificationUrl, /\/codex\/device$/)
        yield* login.completed
        assert.include(yield* stored, "refresh-1")
        yield* logout
      })
  )

  it.effect("is logged in with an API key at once, and logged out again", () =>
    Effect.gen(function*() {
      const { connectionEvents, request } = yield* AppServer
      const updates = yield* connectionEvents.pipe(
        Stream.filterMap((event) => event._tag === "AccountUpdated" ? Option.some(event.authMode) : Option.none()),
        // The logouts of the other tests may still be told.
        Stream.dropWhile((authMode) => authMode !== "apikey"),
        Stream.take(2),
        Stream.runCollect,
        Effect.fork
      )
      yield* Effect.yieldNow()
      yield* Account.loginApiKey(Redacted.make("sk-of-a-test"))
      assert.include(yield* stored, "sk-of-a-test")
      yield* logout
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* updates), ["apikey", null])
      assert.isNull((yield* request("account/read", {})).account)
    }))

  it.scoped("tells its rate limits as they are, and as turns use it up", () =>
    Effect.gen(function*() {
      yield* Account.loginTokens({
        accessToken: Redacted.make(token),
        chatgptAccountId: "account-1",
        chatgptPlanType: "pro"
      })
      const first = yield* Deferred.make<void>()
      const reading = yield* Account.rateLimits.pipe(
        Stream.tap(() => Deferred.succeed(first, undefined)),
        Stream.take(2),
        Stream.map(({ rateLimits }) => [rateLimits.primary?.usedPercent, rateLimits.secondary?.usedPercent]),
        Stream.runCollect,
        Effect.fork
      )
      yield* Deferred.await(first)
      const codex = yield* Codex.Codex
      const thread = yield* codex.startThread()
      yield* thread.run("hello")
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* reading), [[42, 7], [50, 7]])
      yield* logout
    }))

  it.effect("has no rate limits where nobody is logged in", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Stream.runDrain(Account.rateLimits))
      assert.strictEqual(error._tag, "RequestFailed")
      yield* assertIdle
    }))
})
