import type { CodexError, Thread, Turn, TurnEvent } from "@effect-codex/sdk"
import { CodexConfig, Delivery } from "@effect-codex/sdk"
import type * as Stream from "effect/Stream"
import { describe, expect, test } from "tstyche"

declare const thread: Thread.Thread
declare const turn: Turn.Turn

describe("a reader's policy", () => {
  test("changes nothing of the stream's type", () => {
    expect(turn.events.pipe(Delivery.withPolicy("slide"))).type.toBe<
      Stream.Stream<TurnEvent.TurnEvent, CodexError.TurnError | CodexError.EventOverflow>
    >()
    expect(Delivery.withPolicy(thread.events, "fail")).type.toBe<typeof thread.events>()
    expect(Delivery.withPolicy(turn.textDeltas, "coalesce")).type.toBe<typeof turn.textDeltas>()
  })

  test("is one of three", () => {
    expect<Delivery.Policy>().type.toBe<"coalesce" | "slide" | "fail">()
    expect(Delivery.withPolicy).type.not.toBeCallableWith("drop")
    expect(CodexConfig.layer).type.toBeCallableWith({ delivery: "slide" })
    expect(CodexConfig.layer).type.not.toBeCallableWith({ delivery: "drop" })
  })

  test("may have a reader told that it lags", () => {
    expect<Extract<TurnEvent.TurnEvent, { readonly _tag: "Lagged" }>>().type.toBe<TurnEvent.Lagged>()
    expect<Extract<TurnEvent.ThreadEvent, { readonly _tag: "Lagged" }>>().type.toBe<TurnEvent.Lagged>()
    expect<Extract<TurnEvent.ServerEvent, { readonly _tag: "Lagged" }>>().type.toBe<TurnEvent.Lagged>()
  })
})

describe("a silent turn", () => {
  test("is bounded by an option of any turn, and fails with an error of any turn", () => {
    expect(thread.run).type.toBeCallableWith("text", { stallTimeout: "10 minutes" })
    expect(thread.startTurn).type.toBeCallableWith("text", { stallTimeout: "10 minutes" })
    expect(thread.stream).type.toBeCallableWith("text", { stallTimeout: "10 minutes", maxItems: 3 })
    expect<Extract<CodexError.TurnError, { readonly _tag: "TurnStalled" }>>().type.toBe<CodexError.TurnStalled>()
  })
})
