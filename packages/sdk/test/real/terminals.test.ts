import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { assertIdle, codexTest, codexTestExperimental, statusesOf } from "./harness.js"
import { hear } from "./hear.js"
import { from, promises } from "./releases.js"

const exec = (cmd: string) => ScriptedModel.toolCall({ name: "exec_command", arguments: { cmd, yield_time_ms: 250 } })

/** Starts two commands that outlive their turn. */
const script = (request: ScriptedModel.ModelRequest) =>
  request.userText === "start servers" && request.toolOutputs.length === 0
    ? ScriptedModel.reply(exec("sleep 300"), exec("sleep 301"))
    : ScriptedModel.echo(request)

layer(codexTestExperimental({ script }), { excludeTestServices: true })(
  "the background terminals of a thread",
  (it) => {
    from(promises.terminals, it.effect)(
      "are listed page by page, ended one by one or all at once",
      () =>
        Effect.gen(function*() {
          const { list, request } = yield* AppServer
          const codex = yield* Codex.Codex
          const thread = yield* codex.startThread()
          yield* thread.run("start servers")
          const threadId = thread.id
          const terminals = Effect.map(
            Stream.runCollect(list("thread/backgroundTerminals/list", { threadId, limit: 1 })),
            Chunk.toReadonlyArray
          )
          const [first, ...rest] = yield* terminals
          assert.lengthOf(rest, 1)
          const processId = first?.processId ?? ""
          const terminate = request("thread/backgroundTerminals/terminate", { threadId, processId })
          const [{ terminated }, { item }] = yield* hear(thread, "ItemCompleted", terminate)
          assert.isTrue(terminated)
          assert.strictEqual(item.type === "commandExecution" ? item.processId : undefined, processId)
          assert.deepStrictEqual(
            (yield* terminals).map((terminal) => terminal.processId),
            rest.map((one) => one.processId)
          )
          yield* request("thread/backgroundTerminals/clean", { threadId })
          assert.deepStrictEqual(yield* terminals, [])
          yield* assertIdle
        })
    )
  }
)

layer(codexTest({ script }), { excludeTestServices: true })("a shell command of the user", (it) => {
  const startThread = Effect.flatMap(Codex.Codex, (codex) => codex.startThread())

  it.effect("is a turn of its own, with its output and exit code, and the agent knows of it", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedModel.ScriptedModel
      const thread = yield* startThread
      const { items: [item], status } = yield* thread.shellCommand("echo from the shell; exit 3")
      assert.strictEqual(status, "completed")
      assert(item?.type === "commandExecution")
      assert.deepInclude(item, { source: "userShell", aggregatedOutput: "from the shell\n", exitCode: 3 })
      yield* thread.run("what did it say?")
      const { input } = yield* model.awaitRequest(({ userText }) => userText === "what did it say?")
      assert.include(JSON.stringify(input), "from the shell")
      yield* assertIdle
    }))

  it.effect("has what is started after it wait, since the server would not answer", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const [, { finalResponse }] = yield* Effect.all([thread.shellCommand("true"), thread.run("hello")], {
        concurrency: "unbounded"
      })
      assert.strictEqual(finalResponse, "You said: hello")
      assert.deepStrictEqual(yield* statusesOf(thread), ["completed", "completed"])
      yield* assertIdle
    }))

  it.effect("is stopped when it is interrupted", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const started = yield* thread.events.pipe(
        Stream.filter(({ _tag }) => _tag === "ItemStarted"),
        Stream.runHead,
        Effect.fork
      )
      yield* Effect.yieldNow()
      const running = yield* Effect.fork(thread.shellCommand("sleep 300"))
      yield* Fiber.join(started)
      yield* Fiber.interrupt(running)
      assert.strictEqual((yield* thread.read()).status.type, "idle")
      assert.strictEqual((yield* thread.run("again")).finalResponse, "You said: again")
      yield* assertIdle
    }))
})
