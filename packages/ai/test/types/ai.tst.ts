import { CodexLanguageModel, CodexTools } from "@effect-codex/ai"
import type { AppServer, Codex, Tool } from "@effect-codex/sdk"
import { type LanguageModel, type Model, Tool as AiTool, Toolkit } from "@effect/ai"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { describe, expect, test } from "tstyche"

class User extends Context.Tag("User")<User, string>() {}

const Desk = Toolkit.make(
  AiTool.make("ticket", { parameters: { id: Schema.Int }, success: Schema.String, dependencies: [User] }),
  AiTool.make("close", {})
)

type Connection = Codex.Codex | AppServer.AppServer | AppServer.ExperimentalApi

describe("CodexTools", () => {
  test("takes a toolkit's handlers from the context, and what they need of each request from the thread's", () => {
    expect(CodexTools.fromToolkit(Desk)).type.toBe<
      Effect.Effect<ReadonlyArray<Tool.Tool<User>>, never, AiTool.Handler<"ticket"> | AiTool.Handler<"close">>
    >()
    const handled = Effect.provide(Desk, Desk.toLayer({ ticket: () => User, close: () => Effect.void }))
    expect(CodexTools.fromToolkit(handled)).type.toBe<Effect.Effect<ReadonlyArray<Tool.Tool<User>>>>()
  })
})

describe("CodexLanguageModel", () => {
  test("its Layer and its Model need an experimental connection", () => {
    expect(CodexLanguageModel.layer()).type.toBe<Layer.Layer<LanguageModel.LanguageModel, never, Connection>>()
    expect(CodexLanguageModel.model()).type.toBe<Model.Model<"codex", LanguageModel.LanguageModel, Connection>>()
  })

  test("its options are those of threads and turns, but for what a request sets", () => {
    expect(CodexLanguageModel.layer).type.toBeCallableWith({ thread: { model: "x" }, turn: { effort: "low" } })
    expect(CodexLanguageModel.layer).type.not.toBeCallableWith({ thread: { dynamicTools: [] } })
    expect(CodexLanguageModel.layer).type.not.toBeCallableWith({ turn: { outputSchema: {} } })
    expect(CodexLanguageModel.layer).type.not.toBeCallableWith({ turn: { whenActive: "join" } })
  })
})
