import { type AppServer, type Codex, Tool } from "@effect-codex/sdk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { describe, expect, test } from "tstyche"

declare const codex: Codex.Service

class Shelf extends Context.Tag("Shelf")<Shelf, { readonly find: (word: string) => Effect.Effect<string> }>() {}
class Clock extends Context.Tag("Clock")<Clock, string>() {}
class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { word: Schema.String }) {}

const options = { description: "d" }
const lookup = Tool.make("lookup", {
  ...options,
  parameters: Schema.Struct({ word: Schema.NumberFromString }),
  success: Schema.String,
  failure: NotFound,
  handler: ({ word }) => Effect.flatMap(Shelf, ({ find }) => find(word.toFixed()))
})
const now = Tool.make("now", { ...options, handler: () => Clock })
const hello = Tool.make("hello", { ...options, handler: () => Effect.succeed("hello") })

describe("Tool.make", () => {
  test("needs what its handler and its Schemas need", () => {
    expect(lookup).type.toBe<Tool.Tool<Shelf>>()
    expect(now).type.toBe<Tool.Tool<Clock>>()
    expect(hello).type.toBe<Tool.Tool>()
    expect(
      Tool.make("x", {
        ...options,
        parameters: Schema.Struct({
          a: Schema.transformOrFail(Schema.String, Schema.String, {
            strict: true,
            decode: () => Clock,
            encode: () => Clock
          })
        }),
        handler: ({ a }) => Effect.succeed(a)
      })
    ).type.toBe<Tool.Tool<Clock>>()
  })

  test("its handler is given the decoded parameters, and answers what the Schemas say", () => {
    expect(Tool.make).type.not.toBeCallableWith("x", {
      ...options,
      success: Schema.String,
      handler: () => Effect.succeed(1)
    })
    expect(Tool.make).type.not.toBeCallableWith("x", {
      ...options,
      success: Schema.String,
      failure: NotFound,
      handler: () => Effect.fail("no")
    })
    expect(Tool.make).type.not.toBeCallableWith("x", { ...options, handler: () => Effect.succeed(1) })
    expect(Tool.make).type.toBeCallableWith("x", { ...options, handler: () => Effect.fail("no") })
    expect(Tool.make).type.toBeCallableWith("x", {
      ...options,
      handler: () => Effect.succeed(["text", Tool.image("data:")])
    })
    expect(Tool.make).type.not.toBeCallableWith("x", { handler: () => Effect.succeed("") })
  })
})

describe("opening a thread", () => {
  test("with tools needs what they need, and the experimental API", () => {
    expect<Effect.Effect.Context<ReturnType<typeof codex.startThread<[typeof lookup, typeof now]>>>>().type.toBe<
      AppServer.ExperimentalApi | Shelf | Clock
    >()
    const started = codex.startThread({ tools: [lookup, now, hello], ephemeral: true })
    expect<Effect.Effect.Context<typeof started>>().type.toBe<AppServer.ExperimentalApi | Shelf | Clock>()
    const resumed = codex.resumeThread("id", { tools: [hello] })
    expect<Effect.Effect.Context<typeof resumed>>().type.toBe<AppServer.ExperimentalApi>()
    const forked = codex.forkThread("id", { tools: [Tool.namespace("n", { ...options, tools: [lookup, now] })] })
    expect<Effect.Effect.Context<typeof forked>>().type.toBe<AppServer.ExperimentalApi | Shelf | Clock>()
  })

  test("with tools that are not known beforehand needs the experimental API as well", () => {
    const tools: ReadonlyArray<Tool.Tool<Shelf>> = [lookup]
    const started = codex.startThread({ tools })
    expect<Effect.Effect.Context<typeof started>>().type.toBe<AppServer.ExperimentalApi | Shelf>()
  })

  test("without tools needs nothing", () => {
    const started = codex.startThread({ ephemeral: true })
    expect<Effect.Effect.Context<typeof started>>().type.toBe<never>()
    const empty = codex.startThread({ tools: [] })
    expect<Effect.Effect.Context<typeof empty>>().type.toBe<never>()
    expect(codex.startThread).type.not.toBeCallableWith({ tools: [{ name: "x" }] })
  })
})
