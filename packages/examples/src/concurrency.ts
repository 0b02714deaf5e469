/**
 * Eight threads on one app-server, never more than three of them at work; each gets its own answer, and one that fails
 * does not take the others with it.
 */
import { Codex } from "@effect-codex/sdk"
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Ref from "effect/Ref"

const rivers = ["Amur", "Danube", "Ebro", "Ganges", "Loire", "Niger", "Po", "Volga"]

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const working = yield* Ref.make({ now: 0, most: 0 })
  const begin = Ref.update(working, ({ most, now }) => ({ now: now + 1, most: Math.max(most, now + 1) }))
  const end = Ref.update(working, ({ most, now }) => ({ now: now - 1, most }))

  const ask = (river: string) =>
    Effect.gen(function*() {
      const thread = yield* codex.startThread({ sandbox: "read-only" })
      const { finalResponse } = yield* thread.run(`Where does the ${river} rise?`)
      return finalResponse
    }).pipe((asking) => Effect.acquireUseRelease(begin, () => asking, () => end))

  // `Effect.either` keeps a failure for its own river; without it the first one would stop all that are at work.
  const answers = yield* Effect.forEach(rivers, (river) => Effect.either(ask(river)), { concurrency: 3 })
  yield* Effect.forEach(
    answers,
    Either.match({ onLeft: ({ message }) => Console.log(message), onRight: (answer) => Console.log(answer) })
  )
  yield* Console.log(`at work at once: ${(yield* Ref.get(working)).most}`)
})

// Without a script it would be `NodeCodex.layer()`.
const script: ScriptedModel.Script = ({ userText }) => {
  const river = userText.split(" ")[3]
  return river === "Niger"
    ? ScriptedModel.fail({ message: "Too far away." })
    : ScriptedModel.text(["The ", `${river} `, "rises ", "in ", "the ", "hills."], { delay: "20 millis" })
}

program.pipe(Effect.provide(CodexTest.layer({ script })), NodeRuntime.runMain)
