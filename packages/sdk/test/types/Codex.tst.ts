import type * as Server from "@effect-codex/protocol/Server"
import {
  AppServer,
  Codex,
  type CodexError,
  type Thread,
  type Transport,
  type Turn,
  type TurnEvent,
  type TurnResult
} from "@effect-codex/sdk"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { describe, expect, test } from "tstyche"

declare const codex: Codex.Service
declare const thread: Thread.Thread
declare const turn: Turn.Turn

describe("Codex", () => {
  test("opens threads, with what the server said of them", () => {
    expect(codex.startThread()).type.toBe<
      Effect.Effect<Thread.Opened<Server.ThreadStartResponse>, CodexError.RequestError>
    >()
    expect(codex.resumeThread("id")).type.toBe<
      Effect.Effect<Thread.Opened<Server.ThreadResumeResponse>, CodexError.ThreadError>
    >()
    expect(codex.forkThread("id")).type.toBe<
      Effect.Effect<Thread.Opened<Server.ThreadForkResponse>, CodexError.ThreadError>
    >()
    expect(codex.thread("id")).type.toBe<Thread.Thread>()
    expect<Thread.Opened<Server.ThreadStartResponse>>().type.toBeAssignableTo<Thread.Thread>()
  })

  test("lists without a cursor, which is the stream's own", () => {
    expect(codex.threads()).type.toBe<Stream.Stream<Server.Thread, CodexError.RequestError>>()
    expect(codex.models({ limit: 10 })).type.toBe<Stream.Stream<Server.Model, CodexError.RequestError>>()
    expect(codex.threads).type.toBeCallableWith({ limit: 10, archived: true })
    expect(codex.threads).type.not.toBeCallableWith({ cursor: "next" })
    expect(codex.models).type.not.toBeCallableWith({ cursor: "next" })
  })

  test("takes the server's own params, closed where they are", () => {
    expect(codex.startThread).type.toBeCallableWith({ approvalPolicy: "on-request", sandbox: "read-only" })
    expect(codex.startThread).type.toBeCallableWith({ model: null })
    expect(codex.startThread).type.not.toBeCallableWith({ approvalPolicy: "sometimes" })
    expect(codex.startThread).type.not.toBeCallableWith({ sandbox: "none" })
    expect(codex.startThread).type.not.toBeCallableWith({ modle: "typo" })
    expect(codex.resumeThread).type.not.toBeCallableWith("id", { threadId: "another" })
    expect(codex.forkThread).type.not.toBeCallableWith("id", { threadId: "another" })
  })

  test("its Layers say what they provide, need and fail with", () => {
    expect(Codex.layer).type.toBe<
      Layer.Layer<Codex.Codex | AppServer.AppServer, CodexError.HandshakeError, Transport.Transport>
    >()
    expect(Codex.layerExperimental).type.toBe<
      Layer.Layer<
        Codex.Codex | AppServer.AppServer | AppServer.ExperimentalApi,
        CodexError.HandshakeError,
        Transport.Transport
      >
    >()
    expect(Codex.layerNoConnection).type.toBe<Layer.Layer<Codex.Codex, never, AppServer.AppServer>>()
    expect(AppServer.layer).type.toBe<
      Layer.Layer<AppServer.AppServer, CodexError.HandshakeError, Transport.Transport>
    >()
    expect(AppServer.layerExperimental).type.toBe<
      Layer.Layer<AppServer.AppServer | AppServer.ExperimentalApi, CodexError.HandshakeError, Transport.Transport>
    >()
    expect(Codex.make).type.toBe<Effect.Effect<Codex.Service, never, AppServer.AppServer>>()
  })
})

describe("Thread", () => {
  test("run and stream need nothing, and say how a turn may fail", () => {
    expect(thread.run("hello")).type.toBe<
      Effect.Effect<TurnResult.TurnResult, CodexError.TurnError | Thread.StartTurnError>
    >()
    expect(thread.stream("hello")).type.toBe<
      Stream.Stream<
        TurnEvent.TurnEvent,
        CodexError.TurnError | CodexError.EventOverflow | Thread.StartTurnError
      >
    >()
  })

  test("startTurn needs a scope", () => {
    expect(thread.startTurn("hello")).type.toBe<
      Effect.Effect<Turn.Turn, Thread.StartTurnError, Scope.Scope>
    >()
  })

  test("run fails with exactly these", () => {
    const running = thread.run("hello")
    expect<Effect.Effect.Error<typeof running>["_tag"]>().type.toBe<
      | "ConnectionClosed"
      | "RequestFailed"
      | "RequestTimeout"
      | "TooManyRequests"
      | "InvalidParams"
      | "ExperimentalApiRequired"
      | "UnsupportedByServer"
      | "UndecodableResult"
      | "ThreadNotFound"
      | "ThreadArchived"
      | "TurnFailed"
      | "TurnInterrupted"
      | "TurnStalled"
      | "TurnActive"
      | "TurnNotSteerable"
    >()
  })

  test("the other operations", () => {
    expect(thread.read({ includeTurns: true })).type.toBe<
      Effect.Effect<Server.Thread, CodexError.RequestError | CodexError.ThreadNotFound>
    >()
    expect(thread.setName("name")).type.toBe<Effect.Effect<void, CodexError.ThreadError>>()
    expect(thread.archive).type.toBe<Effect.Effect<void, CodexError.RequestError | CodexError.ThreadNotFound>>()
    expect(thread.unarchive).type.toBe<
      Effect.Effect<Server.Thread, CodexError.RequestError | CodexError.ThreadNotFound>
    >()
    expect(thread.events).type.toBe<
      Stream.Stream<TurnEvent.ThreadEvent, CodexError.ConnectionClosed | CodexError.EventOverflow>
    >()
  })

  test("input is text, parts, or several of either", () => {
    expect(thread.run).type.toBeCallableWith("text")
    expect(thread.run).type.toBeCallableWith({ type: "localImage", path: "a.png" })
    expect(thread.run).type.toBeCallableWith(["text", { type: "image", url: "data:" }])
    expect(thread.run).type.not.toBeCallableWith()
    expect(thread.run).type.not.toBeCallableWith(1)
    expect(thread.run).type.not.toBeCallableWith({ type: "sound", path: "a.wav" })
  })

  test("the options of a turn are closed", () => {
    expect(thread.run).type.toBeCallableWith("text", { whenActive: "join", effort: "high", timeout: "5 seconds" })
    expect(thread.run).type.toBeCallableWith("text", { approvalPolicy: "never", outputSchema: { type: "object" } })
    expect(thread.run).type.not.toBeCallableWith("text", { whenActive: "queue" })
    expect(thread.run).type.not.toBeCallableWith("text", { approvalPolicy: "sometimes" })
    expect(thread.run).type.not.toBeCallableWith("text", { effort: 3 })
    expect(thread.run).type.not.toBeCallableWith("text", { threadId: "another" })
    expect(thread.run).type.not.toBeCallableWith("text", { input: [] })
    expect<Turn.TurnOptions["whenActive"]>().type.toBe<"wait" | "join" | "fail" | undefined>()
  })
})

describe("Turn", () => {
  test("its members", () => {
    expect(turn.id).type.toBe<string>()
    expect(turn.joined).type.toBe<boolean>()
    expect(turn.events).type.toBe<
      Stream.Stream<TurnEvent.TurnEvent, CodexError.TurnError | CodexError.EventOverflow>
    >()
    expect(turn.textDeltas).type.toBe<Stream.Stream<string, CodexError.TurnError | CodexError.EventOverflow>>()
    expect(turn.items).type.toBe<
      Stream.Stream<Server.ThreadItem, CodexError.TurnError | CodexError.EventOverflow>
    >()
    expect(turn.result).type.toBe<Effect.Effect<TurnResult.TurnResult, CodexError.TurnError>>()
    expect(turn.steer("more")).type.toBe<Effect.Effect<void, Turn.SteerError>>()
    expect(turn.interrupt).type.toBe<
      Effect.Effect<TurnResult.TurnResult, CodexError.ConnectionClosed | CodexError.InterruptTimeout>
    >()
    expect(turn.detach).type.toBe<Effect.Effect<void>>()
  })

  test("the result's answer may be missing", () => {
    expect<TurnResult.TurnResult["finalResponse"]>().type.toBe<string | null>()
    expect<TurnResult.TurnResult["items"]>().type.toBe<ReadonlyArray<Server.ThreadItem>>()
  })
})
