import { Account, type AppServer, type CodexError, McpServers, type Realtime, type Thread } from "@effect-codex/sdk"
import type { Effect, Scope, Stream } from "effect"
import { Redacted } from "effect"
import { describe, expect, test } from "tstyche"

const key = Redacted.make("key")

declare const thread: Thread.Thread

describe("logins", () => {
  test("take secrets as Redacted only", () => {
    expect(Account.loginApiKey).type.toBeCallableWith(key)
    expect(Account.loginApiKey).type.not.toBeCallableWith("key")
    expect(Account.loginBedrock).type.not.toBeCallableWith({ apiKey: "key", region: "eu-west-1" })
    expect(Account.loginBedrock).type.toBeCallableWith({ apiKey: key, region: "eu-west-1" })
  })

  test("that a person completes belong to a scope, and fail in ways of their own", () => {
    expect(Account.loginBrowser()).type.toBe<
      Effect.Effect<Account.BrowserLogin, CodexError.RequestError, AppServer.AppServer | Scope.Scope>
    >()
    expect<Account.Login["completed"]>().type.toBe<
      Effect.Effect<void, CodexError.LoginFailed | CodexError.ConnectionClosed>
    >()
    expect(McpServers.login("tracker")).type.toBe<
      Effect.Effect<McpServers.Login, CodexError.RequestError, AppServer.AppServer | Scope.Scope>
    >()
  })

  test("with tokens need the experimental API", () => {
    expect(Account.loginTokens({ accessToken: key, chatgptAccountId: "account-1" })).type.toBe<
      Effect.Effect<void, CodexError.RequestError, AppServer.AppServer | AppServer.ExperimentalApi>
    >()
  })
})

describe("experimental parts", () => {
  test("need the experimental API", () => {
    expect(thread.realtime({ outputModality: "text" })).type.toBe<
      Effect.Effect<
        Realtime.Session,
        CodexError.RequestError | CodexError.RealtimeClosed,
        AppServer.ExperimentalApi | Scope.Scope
      >
    >()
    expect(McpServers.events({ threadId: "1", server: "apps", name: "issues", arguments: {} })).type.toBeAssignableTo<
      Stream.Stream<
        { readonly method: string; readonly params: unknown },
        CodexError.RequestError | CodexError.EventsError,
        AppServer.AppServer | AppServer.ExperimentalApi
      >
    >()
  })
})
