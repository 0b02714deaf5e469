import * as Codex from "@effect-codex/sdk/Codex"
import type * as CodexError from "@effect-codex/sdk/CodexError"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Assertions from "../src/Assertions.js"
import * as CodexTest from "../src/CodexTest.js"
import * as ScriptedModel from "../src/ScriptedModel.js"

const memory = CodexTest.layerMemory({
  script: {
    hi: ScriptedModel.text(["Hel", "lo", "."]),
    hang: ScriptedModel.hang,
    fail: ScriptedModel.fail({ message: "not now" })
  }
})

const startThread = Effect.flatMap(Codex.Codex, (codex) => codex.startThread())

/** What an assertion throws, as a runner shows it. */
const thrownBy = (
  assertion: () => void
): { readonly message: string; readonly actual: unknown; readonly name: string } => {
  try {
    assertion()
  } catch (error) {
    if (error instanceof Error && "actual" in error) {
      return { name: error.name, message: error.message, actual: error.actual }
    }
  }
  return assert.fail("it threw no assertion error")
}

const diesWith = <E, R>(effect: Effect.Effect<unknown, E, R>) =>
  Effect.map(
    Effect.catchAllDefect(Effect.as(effect, "nothing"), (defect) => Effect.succeed(defect)),
    (defect) => defect instanceof Error ? defect.message : "nothing"
  )

describe("events", () => {
  const came = Effect.flatMap(startThread, (thread) => Stream.runCollect(thread.stream("hi"))).pipe(
    Effect.provide(memory)
  )

  it.effect("are looked for in order, whatever stands between them", () =>
    Effect.gen(function*() {
      Assertions.events(yield* came, [
        "TurnStarted",
        { _tag: "ItemAgentMessageDelta", delta: "lo" },
        { _tag: "ItemCompleted", item: { type: "agentMessage", text: "Hello." } },
        "TurnCompleted"
      ])
    }))

  it.effect("that did not come are told with what came in their place", () =>
    Effect.gen(function*() {
      const events = yield* came
      const { actual, message, name } = thrownBy(() =>
        Assertions.events(events, ["ItemStarted", { _tag: "ItemAgentMessageDelta", delta: "la" }])
      )
      assert.strictEqual(name, "AssertionError")
      assert.include(actual, "TurnStarted")
      assert.strictEqual(
        message,
        [
          "There is no event {\"_tag\":\"ItemAgentMessageDelta\",\"delta\":\"la\"} after ItemStarted.",
          "Close to it: {\"_tag\":\"ItemAgentMessageDelta\",\"delta\":\"Hel\"}",
          "Close to it: {\"_tag\":\"ItemAgentMessageDelta\",\"delta\":\"lo\"}",
          "Close to it: {\"_tag\":\"ItemAgentMessageDelta\",\"delta\":\".\"}",
          "What came after these:",
          "  ItemCompleted",
          "  ItemStarted",
          "  ItemAgentMessageDelta (3 times)",
          "  ItemCompleted",
          "  ThreadTokenUsageUpdated",
          "  TurnCompleted"
        ].join("\n")
      )
    }))

  it.effect("in another order are told so", () =>
    Effect.gen(function*() {
      const events = yield* came
      assert.strictEqual(
        thrownBy(() => Assertions.events(events, ["TurnCompleted", "TurnStarted"])).message,
        "There is no event TurnStarted after TurnCompleted.\nNo more events came."
      )
    }))
})

describe("items", () => {
  const result = Effect.flatMap(startThread, (thread) => thread.run("hi")).pipe(Effect.provide(memory))

  it.effect("are all there, and no others", () =>
    Effect.gen(function*() {
      const turn = yield* result
      Assertions.items(turn, ["userMessage", { type: "agentMessage", text: "Hello." }])
      assert.strictEqual(
        thrownBy(() => Assertions.items(turn, ["userMessage", { type: "agentMessage", text: "Hallo." }])).message,
        [
          "The items of the turn are others.",
          "expected:",
          "  userMessage",
          "  {\"type\":\"agentMessage\",\"text\":\"Hallo.\"}",
          "actual:",
          "  userMessage",
          "  {\"type\":\"agentMessage\",\"text\":\"Hello.\"}"
        ].join("\n")
      )
      assert.deepStrictEqual(
        thrownBy(() => Assertions.items(turn, ["agentMessage"])).actual,
        ["userMessage", "agentMessage"]
      )
    }))
})

const onAppServer = CodexTest.layer({ script: { hi: ScriptedModel.text("hello"), hang: ScriptedModel.hang } })

describe("turns", () => {
  const interrupted = Effect.gen(function*() {
    const thread = yield* startThread
    yield* thread.run("hi")
    yield* thread.stream("hang").pipe(Stream.take(1), Stream.runDrain)
    yield* Assertions.turns(thread, ["completed", "interrupted"])
    assert.strictEqual(
      yield* diesWith(Assertions.turns(thread, ["completed"])),
      "The turns of the thread are others.\nexpected:\n  completed\nactual:\n  completed\n  interrupted"
    )
  })

  it.effect("are as the server in memory has them", () => Effect.provide(interrupted, memory))

  it.live("are as the real app-server has them", () => Effect.provide(interrupted, onAppServer))
})

describe("failsWith", () => {
  it.effect("answers the error of that tag", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const { error } = yield* Assertions.failsWith(thread.run("fail"), "TurnFailed")
      assert.strictEqual(error.message, "not now")
    }).pipe(Effect.provide(memory)))

  it.effect("says what happened instead", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      assert.match(
        yield* diesWith(Assertions.failsWith(thread.run("hi"), "TurnFailed")),
        /^It should have failed with TurnFailed, and succeeded with \{/
      )
      assert.match(
        yield* diesWith(Assertions.failsWith(thread.run("fail"), "ConnectionClosed")),
        /^It should have failed with ConnectionClosed, and failed otherwise:\nTurnFailed: /
      )
      const defect: Effect.Effect<never, CodexError.TurnError> = Effect.die(new Error("a defect"))
      assert.match(yield* diesWith(Assertions.failsWith(defect, "TurnFailed")), /otherwise:\nError: a defect/)
    }).pipe(Effect.provide(memory)))
})

describe("idle", () => {
  it.effect("says what is open", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      yield* Effect.scoped(Effect.gen(function*() {
        yield* thread.startTurn("hang")
        assert.strictEqual(
          yield* diesWith(Assertions.idle),
          "Something is open on the connection: 1 threads, 1 turns"
        )
      }))
      yield* Assertions.idle
    }).pipe(Effect.provide(memory)))
})
