import * as Codex from "@effect-codex/sdk/Codex"
import { LimitExceeded, StructuredOutputError } from "@effect-codex/sdk/CodexError"
import * as StructuredOutput from "@effect-codex/sdk/StructuredOutput"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { assertStrict } from "../support/strictModel.js"
import { assertIdle, codexTest, statusesOf } from "./harness.js"

class Review extends Schema.Class<Review>("Review")({
  verdict: Schema.Literal("merge", "change"),
  problems: Schema.Array(Schema.Struct({ file: Schema.NonEmptyString, line: Schema.optional(Schema.Int) })),
  at: Schema.DateFromString
}) {}

const good = `{"verdict":"change","problems":[{"file":"a.ts","line":null}],"at":"2026-01-01T00:00:00.000Z"}`
const bad = `{"verdict":"reject","problems":[{"file":"","line":null}],"at":"2026-01-01T00:00:00.000Z"}`

const script: ScriptedModel.Script = ({ toolOutputs, userText }) => {
  if (userText === "hang") {
    return ScriptedModel.text(["{", ScriptedModel.hang])
  }
  if (userText === "look first" && toolOutputs.length === 0) {
    return ScriptedModel.reply(
      ScriptedModel.text("I'll look.", { phase: "commentary" }),
      ScriptedModel.toolCall({ name: "exec_command", arguments: { cmd: "echo hi" } })
    )
  }
  return ScriptedModel.text(
    userText === "err" || userText.includes("never learn") ? [bad] : [good.slice(0, 20), good.slice(20)]
  )
}

const startThread = Effect.flatMap(Codex.Codex, (codex) => codex.startThread())

const requestsOf = (threadId: string) =>
  Effect.gen(function*() {
    const model = yield* ScriptedModel.ScriptedModel
    return (yield* model.requests).filter((request) => request.threadId === threadId)
  })

/** Where a request says what its answer has to be. */
const Asked = Schema.Struct({
  text: Schema.Struct({
    format: Schema.Struct({
      type: Schema.Literal("json_schema"),
      strict: Schema.Literal(true),
      schema: Schema.Unknown
    })
  })
})

const askedFor = (request: ScriptedModel.ModelRequest) =>
  Schema.decodeUnknownSync(Asked)(request.body).text.format.schema

layer(codexTest({ script }), { excludeTestServices: true })("runAs", (it) => {
  it.effect("holds the model to the schema, strictly, in every request of the turn, and gives the decoded value", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const { result, value } = yield* thread.runAs(Review, "look first")
      assert.deepStrictEqual(
        value,
        new Review({ verdict: "change", problems: [{ file: "a.ts" }], at: new Date("2026-01-01T00:00:00.000Z") })
      )
      assert.strictEqual(result.finalResponse, good)
      const requests = yield* requestsOf(thread.id)
      assert.lengthOf(requests, 2)
      const { outputSchema } = yield* StructuredOutput.make(Review)
      for (const request of requests) {
        assert.deepStrictEqual(askedFor(request), outputSchema)
        assertStrict(askedFor(request))
      }
      yield* thread.run("in your own words")
      const last = (yield* requestsOf(thread.id)).at(-1)
      assert.notProperty(last?.body, "text")
      yield* assertIdle
    }))

  it.effect("fails with the text, the issues and the turn, where the answer does not fit", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const error = yield* Effect.flip(thread.runAs(Review, "err"))
      assert.instanceOf(error, StructuredOutputError)
      assert.strictEqual(error.text, bad)
      assert.deepStrictEqual(error.issues.map((issue) => issue.split(":")[0]), [
        "verdict",
        "verdict",
        "problems.0.file"
      ])
      assert.strictEqual(error.result.status, "completed")
      assert.deepStrictEqual(yield* statusesOf(thread), ["completed"])
      yield* assertIdle
    }))

  it.effect("with `repair` asks again on the same thread, with the issues", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const { result, value } = yield* thread.runAs(Review, "err", { repair: 3 })
      assert.strictEqual(value.verdict, "change")
      assert.strictEqual(result.finalResponse, good)
      const [first, second, ...more] = yield* requestsOf(thread.id)
      assert(first !== undefined && second !== undefined)
      assert.deepStrictEqual(more, [])
      assert.include(second.userText, "problems.0.file")
      assert.deepStrictEqual(askedFor(second), askedFor(first))
      assert.include(JSON.stringify(second.input), JSON.stringify(bad).slice(1, -1))
      yield* assertIdle
    }))

  it.effect("interrupted stops its turn, and a limit does too", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const running = yield* Effect.fork(thread.runAs(Review, "hang"))
      const model = yield* ScriptedModel.ScriptedModel
      yield* model.awaitRequest(({ threadId }) => threadId === thread.id)
      yield* Fiber.interrupt(running)
      const error = yield* Effect.flip(thread.runAs(Review, "look first", { maxItems: 1, repair: 1 }))
      assert.instanceOf(error, LimitExceeded)
      assert.deepStrictEqual(yield* statusesOf(thread), ["interrupted", "interrupted"])
      yield* assertIdle
    }))

  it.effect("decodes with what the schema needs", () =>
    Effect.gen(function*() {
      class Prefix extends Context.Tag("Prefix")<Prefix, string>() {}
      const Prefixed = Schema.transformOrFail(Review, Schema.String, {
        strict: true,
        decode: ({ verdict }) => Effect.map(Prefix, (prefix) => prefix + verdict),
        encode: () => Effect.die("nothing is encoded")
      })
      const thread = yield* startThread
      const { value } = yield* Effect.provideService(thread.runAs(Prefixed, "go"), Prefix, "> ")
      assert.strictEqual(value, "> change")
    }))
})

layer(codexTest({ script }), { excludeTestServices: true })("a turn with an output schema of one's own", (it) => {
  it.scoped("is read as it comes, and decoded at its end", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const { decode, outputSchema } = yield* StructuredOutput.make(Review)
      const turn = yield* thread.startTurn("go", { outputSchema })
      const text = yield* Stream.mkString(turn.textDeltas)
      assert.strictEqual(text, good)
      assert.strictEqual((yield* decode(yield* turn.result)).verdict, "change")
      yield* assertIdle
    }))
})
