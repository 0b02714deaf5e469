import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import type { StartOptions } from "@effect-codex/sdk/Thread"
import type { Transport } from "@effect-codex/sdk/Transport"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { assertIdle, codexTest, home, start, statusesOf } from "./harness.js"

const stallTimeout = "500 millis"

const command = ScriptedModel.toolCall({
  name: "exec_command",
  arguments: {
    cmd: "touch it",
    login: false,
    sandbox_permissions: "require_escalated",
    justification: "To have something to ask."
  }
})

const latch = Effect.unsafeMakeLatch()

const script = ({ toolOutputs, userText }: ScriptedModel.ModelRequest) => {
  if (userText === "ask first" && toolOutputs.length === 0) {
    return command
  }
  return userText === "hang" || userText === "ask first"
    ? ScriptedModel.text(["one ", ScriptedModel.hang])
    : userText === "wait"
    ? ScriptedModel.text(["one ", latch.await, "two"])
    : ScriptedModel.text("done")
}

const startThread = (options?: StartOptions) => Effect.flatMap(Codex.Codex, (codex) => codex.startThread(options))

layer(codexTest({ script }), { excludeTestServices: true })("a turn that is silent", (it) => {
  it.effect("is interrupted on the server and fails with TurnStalled, and the thread takes the next one", () =>
    Effect.gen(function*() {
      const thread = yield* startThread()
      const error = yield* Effect.flip(thread.run("hang", { stallTimeout }))
      assert(error._tag === "TurnStalled")
      assert.strictEqual(error.partial.status, "interrupted")
      assert.deepStrictEqual(yield* statusesOf(thread), ["interrupted"])
      assert.strictEqual((yield* thread.run("next", { stallTimeout: "1 minute" })).finalResponse, "done")
      yield* assertIdle
    }))

  it.effect("is so on an ephemeral thread, and after its questions were answered", () =>
    Effect.gen(function*() {
      const thread = yield* startThread({
        approvalPolicy: "on-request",
        ephemeral: true,
        sandbox: "workspace-write"
      })
      const error = yield* Effect.flip(thread.run("ask first", { stallTimeout }))
      assert(error._tag === "TurnStalled")
      assert.include(error.partial.items.map(({ type }) => type), "commandExecution")
      assert.strictEqual((yield* thread.run("next")).finalResponse, "done")
      yield* assertIdle
    }))
})

/** Loses the completions of all turns. */
const losing = (inner: Context.Tag.Service<Transport>) =>
  Effect.succeed<Context.Tag.Service<Transport>>({
    ...inner,
    run: (onFrames) =>
      inner.run((frames) => onFrames(frames.filter((frame) => JSON.parse(frame).method !== "turn/completed")))
  })

layer(home(script), { excludeTestServices: true })("a turn whose completion is lost", (it) => {
  it.scoped("is read back from the server, or completes by what was heard where the thread keeps no history", () =>
    Effect.gen(function*() {
      const context = yield* start({ wrap: losing })
      for (const ephemeral of [false, true]) {
        const thread = yield* Effect.provide(startThread({ ephemeral }), context)
        const { finalResponse, status } = yield* thread.run("be short")
        assert.deepStrictEqual([finalResponse, status], ["done", "completed"])
        const stopped = yield* Effect.scoped(Effect.gen(function*() {
          const turn = yield* thread.startTurn("hang")
          return yield* Effect.zipRight(turn.interrupt, Effect.flip(turn.result))
        }))
        assert.strictEqual(stopped._tag, "TurnInterrupted")
      }
      yield* Effect.provide(assertIdle, context)
    }))
})

layer(codexTest({ script }), { excludeTestServices: true })(
  "a turn that is started while another client's runs",
  (it) => {
    it.effect("ends, though the server may tell nothing of it", () =>
      Effect.gen(function*() {
        const { request } = yield* AppServer
        const model = yield* ScriptedModel.ScriptedModel
        const thread = yield* startThread()
        // Not by the thread, which would wait: as another client does.
        const input = [{ type: "text", text: "wait", text_elements: [] }] as const
        yield* request("turn/start", { threadId: thread.id, input })
        yield* model.awaitRequest(({ userText }) => userText === "wait")
        yield* Effect.scoped(Effect.gen(function*() {
          const turn = yield* thread.startTurn("more")
          yield* latch.open
          // The input joined the turn of the other client. Which turn that is differs by the version, not that it ends.
          yield* Effect.exit(turn.result)
        }))
        assert.strictEqual((yield* thread.run("next")).finalResponse, "done")
        yield* assertIdle
      }))
  }
)
