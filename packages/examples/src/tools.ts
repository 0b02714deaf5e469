/**
 * Tools of this program that the agent calls: one answers, one fails in words that the model can act on. Their Effects
 * take what they need from where the thread is started.
 */
import { Codex, Tool } from "@effect-codex/sdk"
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

class Stock extends Context.Tag("Stock")<Stock, ReadonlyMap<string, number>>() {}

class UnknownArticle extends Schema.TaggedError<UnknownArticle>()("UnknownArticle", {
  article: Schema.String,
  known: Schema.Array(Schema.String)
}) {}

const stockOf = Tool.make("stock_of", {
  description: "How many pieces of an article are in stock.",
  parameters: Schema.Struct({ article: Schema.String.annotations({ description: "its name, in the singular" }) }),
  success: Schema.Struct({ pieces: Schema.Int }),
  failure: UnknownArticle,
  handler: ({ article }) =>
    Effect.gen(function*() {
      const stock = yield* Stock
      const pieces = stock.get(article)
      yield* Console.log(`stock_of ${article}: ${pieces ?? "unknown"}`)
      return pieces === undefined
        ? yield* new UnknownArticle({ article, known: Array.from(stock.keys()) })
        : { pieces }
    })
})

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const thread = yield* codex.startThread({ tools: [stockOf], sandbox: "read-only" })
  const { finalResponse } = yield* thread.run("How many kettles do we have?")
  yield* Console.log(finalResponse)
})

// Without a script it would be `NodeCodex.layerExperimental()`.
const script: ScriptedModel.Script = [
  ScriptedModel.toolCall({ name: "stock_of", arguments: { article: "kettles" } }),
  ScriptedModel.toolCall({ name: "stock_of", arguments: { article: "kettle" } }),
  ScriptedModel.text("There are 12 kettles in stock.")
]

program.pipe(
  Effect.provide(Layer.merge(
    CodexTest.layerExperimental({ script }),
    Layer.succeed(Stock, new Map([["kettle", 12], ["toaster", 3]]))
  )),
  NodeRuntime.runMain
)
