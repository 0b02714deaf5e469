import type { CodexError, Thread, Turn, TurnEvent, TurnResult } from "@effect-codex/sdk"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { describe, expect, test } from "tstyche"

declare const thread: Thread.Thread

type RunError = CodexError.TurnError | Thread.StartTurnError

describe("limits", () => {
  test("are what makes `run` and `stream` list LimitExceeded", () => {
    expect(thread.run("hi")).type.toBe<Effect.Effect<TurnResult.TurnResult, RunError>>()
    expect(thread.run("hi", { effort: "high" })).type.toBe<Effect.Effect<TurnResult.TurnResult, RunError>>()
    expect(thread.run("hi", { maxTokens: 10, effort: "high" })).type.toBe<
      Effect.Effect<TurnResult.TurnResult, RunError | CodexError.LimitExceeded>
    >()
    expect(thread.stream("hi")).type.toBe<Stream.Stream<TurnEvent.TurnEvent, RunError | CodexError.EventOverflow>>()
    expect(thread.stream("hi", { maxDuration: "1 minute" })).type.toBe<
      Stream.Stream<TurnEvent.TurnEvent, RunError | CodexError.EventOverflow | CodexError.LimitExceeded>
    >()
  })

  test("are seen in options that were made elsewhere, given or not", () => {
    const given = { effort: "high", maxItems: 3 } as const
    expect(thread.run("hi", given)).type.toBe<
      Effect.Effect<TurnResult.TurnResult, RunError | CodexError.LimitExceeded>
    >()
    const options = undefined as unknown as Turn.LimitedOptions
    expect(thread.run("hi", options)).type.toBe<
      Effect.Effect<TurnResult.TurnResult, RunError | CodexError.LimitExceeded>
    >()
    const unlimited = undefined as unknown as Turn.TurnOptions
    expect(thread.run("hi", unlimited)).type.toBe<Effect.Effect<TurnResult.TurnResult, RunError>>()
  })

  test("are not for a turn that is joined, and none of `startTurn`", () => {
    expect(thread.run).type.not.toBeCallableWith("hi", { maxItems: 1, whenActive: "join" })
    expect(thread.stream).type.not.toBeCallableWith("hi", { maxItems: 1, whenActive: "join" })
    expect(thread.run).type.toBeCallableWith("hi", { maxItems: 1, whenActive: "fail" })
    expect(thread.startTurn).type.not.toBeCallableWith("hi", { maxItems: 1 })
  })

  test("are closed", () => {
    expect(thread.run).type.not.toBeCallableWith("hi", { maxTokens: "many" })
    expect(thread.run).type.not.toBeCallableWith("hi", { maxItems: 1, whenActive: "queue" })
    expect(thread.run).type.not.toBeCallableWith("hi", { maxItem: 1 })
  })
})
