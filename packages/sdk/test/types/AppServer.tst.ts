import type * as Server from "@effect-codex/protocol/Server"
import { AppServer, CodexConfig, type CodexError, type TurnEvent } from "@effect-codex/sdk"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import { describe, expect, test } from "tstyche"

declare const server: AppServer.Service

describe("AppServer.request", () => {
  test("params and result are those of the method", () => {
    expect(server.request("thread/start", {})).type.toBe<
      Effect.Effect<Server.ThreadStartResponse, CodexError.RequestError>
    >()
    expect(server.request("thread/read", { threadId: "id" })).type.toBe<
      Effect.Effect<Server.ThreadReadResponse, CodexError.RequestError>
    >()
    expect(server.request("thread/read", { threadId: "id" }, { timeout: "1 second" })).type.toBe<
      Effect.Effect<Server.ThreadReadResponse, CodexError.RequestError>
    >()
    expect<AppServer.Result<"thread/list">>().type.toBe<Server.ThreadListResponse>()
  })

  test("params that are needed cannot be left out, nor be others", () => {
    expect(server.request).type.toBeCallableWith("thread/read", { threadId: "id" })
    expect(server.request).type.not.toBeCallableWith("thread/read")
    expect(server.request).type.not.toBeCallableWith("thread/read", {})
    expect(server.request).type.not.toBeCallableWith("thread/read", { threadId: 1 })
    expect(server.request).type.not.toBeCallableWith("thread/read", { threadId: "id", more: 1 })
    expect(server.request).type.not.toBeCallableWith("thread/unknown", {})
  })

  test("the handshake is the connection's own", () => {
    expect(server.request).type.not.toBeCallableWith("initialize", {})
    expect<"initialize">().type.not.toBeAssignableTo<AppServer.Method>()
  })

  test("params may be left out where the method needs none", () => {
    expect(server.request("account/logout")).type.toBe<
      Effect.Effect<Server.LogoutAccountResponse, CodexError.RequestError>
    >()
    expect(server.request("account/logout", undefined, { timeout: 100 })).type.toBe<
      Effect.Effect<Server.LogoutAccountResponse, CodexError.RequestError>
    >()
  })

  test("an experimental method needs the experimental API", () => {
    expect(server.request("collaborationMode/list", {})).type.toBe<
      Effect.Effect<Server.CollaborationModeListResponse, CodexError.RequestError, AppServer.ExperimentalApi>
    >()
    expect<AppServer.Requires<"thread/start">>().type.toBe<never>()
    expect<AppServer.Requires<"collaborationMode/list">>().type.toBe<AppServer.ExperimentalApi>()
  })

  test("which only the experimental Layer provides", () => {
    const program = Effect.flatMap(
      AppServer.AppServer,
      ({ request }) => request("collaborationMode/list", {})
    )
    const open = Effect.provide(program, AppServer.layer)
    const experimental = Effect.provide(program, AppServer.layerExperimental)
    expect<Effect.Effect.Context<typeof open>>().type.toBe<
      Layer.Layer.Context<typeof AppServer.layer> | AppServer.ExperimentalApi
    >()
    expect<Effect.Effect.Context<typeof experimental>>().type.toBe<
      Layer.Layer.Context<typeof AppServer.layerExperimental>
    >()
  })
})

describe("AppServer", () => {
  test("its streams say whose events they carry", () => {
    type Fails = CodexError.ConnectionClosed | CodexError.EventOverflow
    expect(server.events).type.toBe<Stream.Stream<TurnEvent.ServerEvent, Fails>>()
    expect(server.connectionEvents).type.toBe<Stream.Stream<TurnEvent.ConnectionEvent, Fails>>()
    expect(server.threadEvents("id")).type.toBe<Stream.Stream<TurnEvent.ThreadEvent, Fails>>()
    expect(server.closed).type.toBe<Effect.Effect<CodexError.ConnectionClosed>>()
    expect(server.info).type.toBe<Server.InitializeResponse>()
  })
})

describe("CodexConfig", () => {
  test("takes any part of its options, and no others", () => {
    expect(CodexConfig.layer({})).type.toBe<Layer.Layer<CodexConfig.CodexConfig>>()
    expect(CodexConfig.layer).type.toBeCallableWith({ requestTimeout: "10 seconds", eventCapacity: 16 })
    expect(CodexConfig.layer).type.not.toBeCallableWith({ requestTimeout: "10 fortnights" })
    expect(CodexConfig.layer).type.not.toBeCallableWith({ timeout: "10 seconds" })
  })

  test("is never missing, since it has defaults", () => {
    expect(Effect.map(CodexConfig.CodexConfig, (config) => config.eventCapacity)).type.toBe<Effect.Effect<number>>()
  })

  test("comes from the program's Config as well", () => {
    expect(CodexConfig.layerConfig({ requestTimeout: Config.duration("REQUEST_TIMEOUT") })).type.toBe<
      Layer.Layer<CodexConfig.CodexConfig, ConfigError.ConfigError>
    >()
    expect(CodexConfig.layerConfig).type.not.toBeCallableWith({ eventCapacity: Config.string("CAPACITY") })
  })
})
