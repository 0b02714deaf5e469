/**
 * A turn that is not allowed to go on for ever: it is stopped by the first limit that it passes, and what it had come to
 * is kept.
 */
import { Codex } from "@effect-codex/sdk"
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const thread = yield* codex.startThread({ sandbox: "read-only" })

  yield* thread.run("Look into everything.", { maxDuration: "1 minute", maxTokens: 10_000, maxItems: 3 }).pipe(
    Effect.flatMap(({ finalResponse }) => Console.log(finalResponse)),
    Effect.catchTag(
      "LimitExceeded",
      ({ limit, partial }) =>
        Console.log(`Stopped by ${limit}: ${partial.items.length} items, status ${partial.status}.`)
    )
  )
  // The thread is as usable as before, and knows what was found.
  const { finalResponse, turnUsage } = yield* thread.run("Sum up what you have so far.")
  yield* Console.log(finalResponse)
  yield* Console.log(`${turnUsage?.totalTokens} tokens`)
})

// Without a script it would be `NodeCodex.layer()`.
const script: ScriptedModel.Script = ({ userText }) =>
  userText.startsWith("Look")
    ? ScriptedModel.toolCall({ name: "exec_command", arguments: { cmd: "echo another file" } })
    : ScriptedModel.text("There is another file.")

program.pipe(Effect.provide(CodexTest.layer({ script })), NodeRuntime.runMain)
