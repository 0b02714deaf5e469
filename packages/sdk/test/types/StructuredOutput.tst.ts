import { type CodexError, StructuredOutput, type Thread } from "@effect-codex/sdk"
import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { describe, expect, test } from "tstyche"

declare const thread: Thread.Thread
declare class Service extends Context.Tag("Service")<Service, string>() {}
declare const needsService: Schema.Schema<Date, string, Service>

type RunAsError = CodexError.TurnError | Thread.StartTurnError | CodexError.StructuredOutputError

describe("runAs", () => {
  test("succeeds with what the schema decodes to, and needs what it needs", () => {
    expect(thread.runAs(Schema.NumberFromString, "hi")).type.toBe<
      Effect.Effect<StructuredOutput.Decoded<number>, RunAsError>
    >()
    expect(thread.runAs(needsService, "hi", { repair: 2, effort: "high" })).type.toBe<
      Effect.Effect<StructuredOutput.Decoded<Date>, RunAsError, Service>
    >()
  })

  test("lists LimitExceeded where it has limits", () => {
    expect(thread.runAs(Schema.String, "hi", { repair: 1, maxTokens: 10 })).type.toBe<
      Effect.Effect<StructuredOutput.Decoded<string>, RunAsError | CodexError.LimitExceeded>
    >()
  })

  test("neither joins nor takes another schema", () => {
    expect(thread.runAs).type.not.toBeCallableWith(Schema.String, "hi", { whenActive: "join" })
    expect(thread.runAs).type.not.toBeCallableWith(Schema.String, "hi", { outputSchema: {} })
    expect(thread.runAs).type.not.toBeCallableWith(Schema.String, "hi", { repair: true })
    expect(thread.runAs).type.toBeCallableWith(Schema.String, ["hi"], { whenActive: "fail", timeout: "1 second" })
  })
})

describe("StructuredOutput", () => {
  test("make gives both sides of a turn", () => {
    expect(StructuredOutput.make(needsService)).type.toBe<
      Effect.Effect<StructuredOutput.StructuredOutput<Date, Service>, CodexError.InvalidParams>
    >()
  })
})
