import * as Codex from "@effect-codex/sdk/Codex"
import * as Review from "@effect-codex/sdk/Review"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { assertIdle, codexTest } from "./harness.js"

const findings = {
  findings: [{
    title: "Off by one",
    body: "The loop reads past the end.",
    confidence_score: 0.9,
    priority: 1,
    code_location: { absolute_file_path: "/a.ts", line_range: { start: 1, end: 2 } }
  }],
  overall_correctness: "patch is incorrect",
  overall_explanation: "It reads too far.",
  overall_confidence_score: 0.8
}

const gate = Effect.unsafeMakeLatch()

const script = (request: ScriptedModel.ModelRequest) => {
  switch (request.userText) {
    case "slow":
      return ScriptedModel.text(["wait", gate.await, "ed"])
    case "look for ever":
      return ScriptedModel.hang
    case "find something":
      return ScriptedModel.text(JSON.stringify(findings))
    default:
      return ScriptedModel.echo(request)
  }
}

layer(codexTest({ script }), { excludeTestServices: true })("a review", (it) => {
  const startThread = Effect.flatMap(Codex.Codex, (codex) => codex.startThread())

  it.effect("is a turn whose final response is what the review says", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const { finalResponse, items, status } = yield* thread.review(Review.custom("find something"))
      assert.strictEqual(status, "completed")
      assert.include(finalResponse ?? "", "It reads too far.")
      assert.include(finalResponse ?? "", "Off by one — /a.ts:1-2")
      const exited = items.find((item) => item.type === "exitedReviewMode")
      assert.strictEqual(exited?.type === "exitedReviewMode" ? exited.review : undefined, finalResponse)
      assert.strictEqual((yield* thread.run("again")).finalResponse, "You said: again")
      yield* assertIdle
    }))

  it.effect("is asked of the model in the server's words, by what it looks at", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedModel.ScriptedModel
      const thread = yield* startThread
      yield* thread.review(Review.uncommittedChanges)
      yield* thread.review(Review.commit("abc123", { title: "A title" }))
      yield* model.awaitRequest(({ userText }) => userText.includes("staged, unstaged, and untracked files"))
      yield* model.awaitRequest(({ userText }) => userText.includes("abc123") && userText.includes("A title"))
      yield* assertIdle
    }))

  it.effect("that was started tells where it begins and ends", () =>
    Effect.scoped(Effect.gen(function*() {
      const thread = yield* startThread
      const turn = yield* thread.startReview(Review.custom("hello"))
      const items = Chunk.toReadonlyArray(yield* Stream.runCollect(turn.items))
      assert.deepStrictEqual(items.map(({ type }) => type), [
        "enteredReviewMode",
        "userMessage",
        "exitedReviewMode",
        "agentMessage"
      ])
      assert.strictEqual((yield* turn.result).finalResponse, "You said: hello")
    })).pipe(Effect.zipRight(assertIdle)))

  it.effect("waits for the active turn, which the server would interrupt", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedModel.ScriptedModel
      const thread = yield* startThread
      const running = yield* Effect.fork(thread.run("slow"))
      yield* model.awaitRequest(({ userText }) => userText === "slow")
      const reviewing = yield* Effect.fork(thread.review(Review.custom("hello")))
      yield* Effect.yieldNow()
      yield* gate.open
      assert.strictEqual((yield* Fiber.join(running)).finalResponse, "waited")
      assert.strictEqual((yield* Fiber.join(reviewing)).finalResponse, "You said: hello")
      yield* assertIdle
    }))

  it.effect("stops on the server when it is interrupted", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedModel.ScriptedModel
      const thread = yield* startThread
      const reviewing = yield* Effect.fork(thread.review(Review.custom("look for ever")))
      yield* model.awaitRequest(({ userText }) => userText === "look for ever")
      yield* Fiber.interrupt(reviewing)
      const { status } = yield* thread.read()
      assert.strictEqual(status.type, "idle")
      assert.strictEqual((yield* thread.run("again")).finalResponse, "You said: again")
      yield* assertIdle
    }))

  it.effect("that is told to stop says that it was interrupted, and cannot be steered before", () =>
    Effect.scoped(Effect.gen(function*() {
      const thread = yield* startThread
      const turn = yield* thread.startReview(Review.custom("look for ever"))
      yield* turn.events.pipe(Stream.takeUntil(({ _tag }) => _tag === "TurnStarted"), Stream.runDrain)
      const refusal = yield* Effect.flip(turn.steer("look elsewhere"))
      assert.strictEqual(refusal._tag, "TurnNotSteerable")
      assert.strictEqual((yield* turn.interrupt).status, "interrupted")
    })).pipe(Effect.zipRight(assertIdle)))

  it.effect("that cannot begin fails with what the server says", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const error = yield* Effect.flip(thread.review(Review.baseBranch("main")))
      assert.strictEqual(error._tag, "TurnFailed")
      assert.include(error.message, "not a git repository")
      yield* assertIdle
    }))
})
