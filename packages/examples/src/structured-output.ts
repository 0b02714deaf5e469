/**
 * An answer that is a value: the model is held to the JSON Schema of an Effect Schema, and what it says is decoded by
 * it. Its first answer here does not fit, so it is asked again, once.
 */
import { Codex } from "@effect-codex/sdk"
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

class Release extends Schema.Class<Release>("Release")({
  version: Schema.String.pipe(Schema.pattern(/^\d+\.\d+\.\d+$/)),
  date: Schema.Date.pipe(Schema.validDate()),
  breaking: Schema.optional(Schema.Array(Schema.String)).annotations({ description: "what users have to change" })
}) {}

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const thread = yield* codex.startThread({ sandbox: "read-only" })
  const { result, value } = yield* thread.runAs(Release, "What was our last release?", { repair: 1 })
  yield* Console.log(`${value.version}, ${value.date.toDateString()}`)
  yield* Console.log(value.breaking === undefined ? "Nothing breaks." : `Breaking: ${value.breaking.join(", ")}`)
  yield* Console.log(`${result.turnUsage?.totalTokens} tokens`)
}).pipe(
  // After the last repair: the text and what is wrong with it, for whoever has to know.
  Effect.tapErrorTag("StructuredOutputError", ({ issues, text }) => Console.error(text, issues))
)

// Without a script it would be `NodeCodex.layer()`.
const script: ScriptedModel.Script = [
  ScriptedModel.text(`{"version":"v2.1","date":"2026-03-01","breaking":null}`),
  ScriptedModel.text(`{"version":"2.1.0","date":"2026-03-01","breaking":null}`)
]

program.pipe(Effect.provide(CodexTest.layer({ script })), NodeRuntime.runMain)
