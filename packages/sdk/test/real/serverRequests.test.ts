import * as Codex from "@effect-codex/sdk/Codex"
import type { Thread } from "@effect-codex/sdk/Thread"
import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { assertIdle, codexTest, codexTestExperimental } from "./harness.js"

const calls: { readonly [userText: string]: ScriptedModel.Reply } = {
  "touch a file": ScriptedModel.toolCall({
    name: "exec_command",
    arguments: {
      cmd: "touch made-by-the-command",
      login: false,
      sandbox_permissions: "require_escalated",
      justification: "The file has to be made."
    }
  }),
  "touch a file unasked": ScriptedModel.toolCall({
    name: "exec_command",
    arguments: { cmd: "touch made-by-the-command", login: false }
  }),
  "ask me": ScriptedModel.toolCall({
    name: "request_user_input",
    arguments: {
      questions: [{
        id: "color",
        header: "Color",
        question: "Which color?",
        options: [{ label: "Red", description: "warm" }, { label: "Blue", description: "cool" }]
      }]
    }
  }),
  "look it up": ScriptedModel.toolCall({ name: "lookup", arguments: { word: "fish" } })
}

const script = (request: ScriptedModel.ModelRequest) => {
  const call = calls[request.userText]
  return call !== undefined && request.toolOutputs.length === 0 ? call : ScriptedModel.text("All right.")
}

/** Runs the turn to its end: its items, how many of its questions the server saw settled, what the model heard. */
const runWith = Effect.fnUntraced(function*(thread: Thread, text: string) {
  const model = yield* ScriptedModel.ScriptedModel
  const settled = yield* thread.events.pipe(
    Stream.takeUntil((event) => event._tag === "TurnCompleted"),
    Stream.filter((event) => event._tag === "ServerRequestResolved"),
    Stream.runCount,
    Effect.fork
  )
  yield* Effect.yieldNow()
  const { finalResponse, items, status } = yield* thread.run(text)
  assert.strictEqual(status, "completed")
  assert.strictEqual(finalResponse, "All right.")
  const heard = yield* model.awaitRequest((request) => request.threadId === thread.id && request.toolOutputs.length > 0)
  return { items, settled: yield* Fiber.join(settled), heard: heard.toolOutputs.map(({ text }) => text).join("\n") }
})

layer(codexTest({ script, config: { features: { default_mode_request_user_input: true } } }), {
  excludeTestServices: true
})("a question of the server gets its safe answer, and the turn goes on", (it) => {
  it.effect("a command is declined, and does not run", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const { cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
      const thread = yield* codex.startThread({ approvalPolicy: "on-request", sandbox: "workspace-write" })
      const { items, settled } = yield* runWith(thread, "touch a file")
      assert.deepStrictEqual(
        items.flatMap((item) => item.type === "commandExecution" ? [item.status] : []),
        ["declined"]
      )
      assert.strictEqual(settled, 1)
      assert.isFalse(Fs.existsSync(Path.join(cwd, "made-by-the-command")))
      yield* assertIdle
    }))

  it.effect("the same command runs where nobody has to be asked", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const { cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
      const folder = Fs.mkdtempSync(Path.join(cwd, "trusted-"))
      const thread = yield* codex.startThread({ approvalPolicy: "never", sandbox: "danger-full-access", cwd: folder })
      const { settled } = yield* runWith(thread, "touch a file unasked")
      assert.strictEqual(settled, 0)
      assert.isTrue(Fs.existsSync(Path.join(folder, "made-by-the-command")))
      yield* assertIdle
    }))

  it.effect("a question to the user is answered with nothing", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const { heard, settled } = yield* runWith(yield* codex.startThread(), "ask me")
      assert.strictEqual(settled, 1)
      assert.deepStrictEqual(JSON.parse(heard), { answers: {} })
      yield* assertIdle
    }))
})

layer(codexTestExperimental({ script }), { excludeTestServices: true })("a dynamic tool that nobody provides", (it) => {
  it.effect("is answered as unsuccessful, and the turn goes on", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const thread = yield* codex.startThread({
        dynamicTools: [{
          name: "lookup",
          description: "Looks a word up.",
          inputSchema: { type: "object", properties: { word: { type: "string" } }, required: ["word"] }
        }]
      })
      const { heard, items } = yield* runWith(thread, "look it up")
      assert.include(heard, "This client does not provide the tool.")
      assert.deepStrictEqual(
        items.flatMap((item) => item.type === "dynamicToolCall" ? [[item.tool, item.success, item.status]] : []),
        [["lookup", false, "failed"]]
      )
      yield* assertIdle
    }))
})
