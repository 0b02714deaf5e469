/**
 * More to consider, given to a turn on its way: by the handle of the turn, and by whoever has only the thread. A turn
 * that has ended meanwhile does not take it, and a new one does.
 */
import { Codex } from "@effect-codex/sdk"
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** The scripted model waits for this in the middle of its first answer; any other one takes its time by itself. */
const bothSaid = Effect.runSync(Effect.makeLatch())

const program = Effect.scoped(Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const thread = yield* codex.startThread({ sandbox: "read-only" })

  const turn = yield* thread.startTurn("Plan a dinner.")
  yield* turn.textDeltas.pipe(Stream.take(1), Stream.runForEach((delta) => Console.log(`${delta}…`)))
  yield* turn.steer("Nobody eats meat.")

  // Whether it joins the active turn or starts one of its own is told by the handle.
  const second = yield* thread.startTurn("And there will be six of us.", { whenActive: "join" })
  yield* Console.log(`joined: ${second.joined}, the same turn: ${second.id === turn.id}`)
  yield* bothSaid.open

  const { finalResponse, items } = yield* turn.result
  yield* Console.log(`${items.filter(({ type }) => type === "userMessage").length} messages: ${finalResponse}`)

  const late = "Make it five."
  const answer = yield* turn.steer(late).pipe(
    Effect.as("it was in time"),
    Effect.catchTag("TurnNotActive", () => Effect.map(thread.run(late), ({ finalResponse }) => finalResponse))
  )
  yield* Console.log(answer)
}))

// Without a script it would be `NodeCodex.layer()`.
const script: ScriptedModel.Script = ({ userText }) =>
  userText === "Plan a dinner."
    ? ScriptedModel.text(["A roast, ", bothSaid.await, "then."])
    : ScriptedModel.text(userText.includes("six") ? "A lasagne for six." : "A lasagne for five.")

program.pipe(Effect.provide(CodexTest.layer({ script })), NodeRuntime.runMain)
