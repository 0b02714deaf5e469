import type { AppServer, CodexConfig, CodexError } from "@effect-codex/sdk"
import { Command, Files, FuzzyFileSearch, Process } from "@effect-codex/sdk"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Sink from "effect/Sink"
import type * as Stream from "effect/Stream"
import { describe, expect, test } from "tstyche"

type Experimental = AppServer.AppServer | AppServer.ExperimentalApi | Scope.Scope

describe("operations of the connection", () => {
  test("need the experimental API where the server says so", () => {
    expect(Command.exec({ command: ["ls"] })).type.toBe<
      Effect.Effect<Process.Process, CodexError.RequestError, AppServer.AppServer | Scope.Scope>
    >()
    expect(Process.spawn({ command: ["ls"], cwd: "/" })).type.toBe<
      Effect.Effect<Process.Process, CodexError.RequestError, Experimental>
    >()
    expect(FuzzyFileSearch.session({ roots: ["/"] })).type.toBe<
      Effect.Effect<FuzzyFileSearch.Session, CodexError.RequestError, Experimental>
    >()
  })

  test("list the errors they have", () => {
    expect<Process.Process["stdin"]>().type.toBe<Sink.Sink<void, Uint8Array, never, CodexError.RequestError>>()
    expect<Process.Process["stdout"]>().type.toBe<
      Stream.Stream<Uint8Array, CodexError.RequestError | CodexError.OutputOverflow>
    >()
    expect(Files.watch("/")).type.toBe<
      Stream.Stream<ReadonlyArray<string>, CodexError.RequestError | CodexError.EventOverflow, AppServer.AppServer>
    >()
    expect<FuzzyFileSearch.Session["results"]>().type.toBe<
      Stream.Stream<FuzzyFileSearch.Results, CodexError.ConnectionClosed>
    >()
  })

  test("keep what the SDK itself decides from being given", () => {
    expect(Command.exec).type.not.toBeCallableWith({ command: ["ls"], processId: "1" })
    expect(Command.exec).type.not.toBeCallableWith({ command: ["ls"], outputBytesCap: 1 })
    expect(Process.spawn).type.not.toBeCallableWith({ command: ["ls"], cwd: "/", processHandle: "1" })
    expect(Process.spawn).type.not.toBeCallableWith({ command: ["ls"] })
  })

  test("need their notifications", () => {
    expect<"process/exited">().type.not.toBeAssignableTo<CodexConfig.OptionalNotification>()
    expect<"fs/changed">().type.not.toBeAssignableTo<CodexConfig.OptionalNotification>()
  })
})
