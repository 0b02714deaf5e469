import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import { assert, it } from "@effect/vitest"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { program } from "../src/quickstart.js"

const capture = Effect.fnUntraced(function*<A, E, R>(self: Effect.Effect<A, E, R>) {
  const lines: Array<string> = []
  const console = yield* Console.consoleWith(Effect.succeed)
  yield* Effect.withConsole(self, { ...console, log: (line) => Effect.sync(() => lines.push(String(line))) })
  return lines
})

it.scoped("each conversation goes on while the others do, and the timeout alone ends the third", () =>
  Effect.gen(function*() {
    const tidesBegun = yield* Effect.makeLatch()
    const gardenBegun = yield* Effect.makeLatch()
    // One after the other, either would wait for ever.
    const script: ScriptedModel.Script = ({ userText }) =>
      userText.includes("tides")
        ? ScriptedModel.text(["The Moon ", tidesBegun.open, gardenBegun.await, "pulls."])
        : userText.includes("balcony")
        ? ScriptedModel.text("Pots, then.")
        : userText.includes("garden")
        ? ScriptedModel.text([
          ...Array.from({ length: 20 }, () => "dig "),
          gardenBegun.open,
          tidesBegun.await,
          ScriptedModel.hang
        ])
        : ScriptedModel.text(["Once ", ScriptedModel.hang])

    const lines = yield* Effect.gen(function*() {
      const running = yield* Effect.fork(capture(program({ patience: "1 hour" })))
      const model = yield* ScriptedModel.ScriptedModel
      yield* model.awaitRequest(({ userText }) => userText.includes("novel"))
      yield* TestClock.adjust("1 hour")
      return yield* Fiber.join(running)
    }).pipe(Effect.provide(CodexTest.layer({ script })))

    assert.include(lines, "[tides]  The Moon pulls.")
    assert.include(lines, "[garden] Pots, then.")
    assert.isTrue(lines.some((line) => line.startsWith("[novel]  -- ") && line.endsWith(": interrupted")))
    assert.match(lines[lines.length - 1] ?? "", /\nnovel +interrupted /)
  }))
