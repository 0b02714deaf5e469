/**
 * A turn while it happens: the agent's words as they come, what it does as that begins and ends, and a stream of which
 * less than all is read, which stops the turn.
 */
import { Codex } from "@effect-codex/sdk"
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const write = (text: string) => Effect.sync(() => process.stdout.write(text))

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const thread = yield* codex.startThread({ sandbox: "read-only" })

  // Every event is a tagged value; the compiler knows what stands beside each tag.
  yield* thread.stream("Which files are here?").pipe(
    Stream.runForEach((event) => {
      switch (event._tag) {
        case "ItemAgentMessageDelta":
          return write(event.delta)
        case "ItemStarted":
          return event.item.type === "commandExecution" ? Console.log(`runs: ${event.item.command}`) : Effect.void
        case "ItemCompleted":
          return event.item.type === "commandExecution" ? Console.log(`exit code: ${event.item.exitCode}`) : Effect.void
        case "TurnCompleted":
          return Console.log(`\n${event.turn.status}`)
        default:
          return Effect.void
      }
    })
  )

  // A started turn has several streams, which do not take events from one another.
  yield* Effect.scoped(Effect.gen(function*() {
    const turn = yield* thread.startTurn("Say that again, please.")
    const text = Stream.mkString(turn.textDeltas)
    const items = Stream.runCollect(Stream.map(turn.items, ({ type }) => type))
    const [said, done] = yield* Effect.all([text, items], { concurrency: "unbounded" })
    yield* Console.log(`${said} (${Array.from(done).join(", ")})`)
  }))

  yield* thread.stream("Count to a million.").pipe(
    Stream.filter((event) => event._tag === "ItemAgentMessageDelta"),
    Stream.take(3),
    Stream.runForEach(({ delta }) => write(delta))
  )
  const stopped = yield* thread.turns().pipe(Stream.runHead, Effect.flatten)
  yield* Console.log(`\n${stopped.status}`)
})

// Without a script it would be `NodeCodex.layer()`.
const script: ScriptedModel.Script = ({ toolOutputs, userText }) =>
  userText.startsWith("Count")
    ? ScriptedModel.text(["one, ", "two, ", "three, ", ScriptedModel.hang])
    : userText.startsWith("Say") || toolOutputs.length > 0
    ? ScriptedModel.text(["There ", "is ", "nothing ", "here."])
    : ScriptedModel.toolCall({ name: "exec_command", arguments: { cmd: "ls", login: false } })

program.pipe(Effect.provide(CodexTest.layer({ script })), NodeRuntime.runMain)
