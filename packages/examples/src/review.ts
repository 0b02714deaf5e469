/** A review: of what is not committed, to its end; and of a commit, until the time is up. */
import { Codex, Review } from "@effect-codex/sdk"
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const thread = yield* codex.startThread()

  const { finalResponse } = yield* thread.review(Review.uncommittedChanges)
  yield* Console.log(finalResponse)

  const commit = yield* thread.review(Review.commit("abc1234")).pipe(Effect.timeoutOption("1 second"))
  yield* Console.log(Option.isNone(commit) ? "The time is up: the review was stopped." : "A short commit.")
})

const findings = {
  findings: [{
    title: "The last line is never read",
    body: "The loop ends one too early.",
    confidence_score: 0.9,
    priority: 1,
    code_location: { absolute_file_path: "/src/read.ts", line_range: { start: 7, end: 9 } }
  }],
  overall_correctness: "patch is incorrect",
  overall_explanation: "One thing has to change.",
  overall_confidence_score: 0.9
}

// Without a script it would be `NodeCodex.layer()`.
const script: ScriptedModel.Script = ({ userText }) =>
  userText.includes("abc1234") ? ScriptedModel.hang : ScriptedModel.text(JSON.stringify(findings))

program.pipe(Effect.provide(CodexTest.layer({ script })), NodeRuntime.runMain)
