/**
 * The model of a soak, as a process of its own, so that its memory, fibers and sockets are not taken for those of the
 * SDK. It prints its address and ends when its stdin does.
 */
import { ScriptedModel } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { toolName } from "./talk.js"

/** What is said is what to answer: `words 20 100` is 20 words, one every 100 ms. */
const script: ScriptedModel.Script = ({ toolOutputs, userText }) => {
  const [kind, ...numbers] = userText.split(" ")
  const [count = 1, delay = 0] = numbers.map(Number)
  const words = Array.from({ length: count }, (_, i) => `word-${i} `)
  switch (kind) {
    case "fail":
      return ScriptedModel.reply(
        ScriptedModel.text(words, { delay }),
        ScriptedModel.fail({ message: "the script says so" })
      )
    case "tool":
      return toolOutputs.length === 0
        ? ScriptedModel.toolCall({ name: toolName, arguments: { milliseconds: delay } })
        : ScriptedModel.text("done")
    default:
      return ScriptedModel.text(words, { delay })
  }
}

const stdinEnded = Effect.async<void>((resume) => {
  process.stdin.on("close", () => resume(Effect.void)).resume()
})

Effect.flatMap(ScriptedModel.ScriptedModel, ({ baseUrl }) => Console.log(baseUrl)).pipe(
  Effect.zipRight(stdinEnded),
  Effect.provide(ScriptedModel.layer(script, { maxRequests: 1 })),
  NodeRuntime.runMain
)
