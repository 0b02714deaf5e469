import { ProcessTransport } from "@effect-codex/node"
import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import * as Supervision from "@effect-codex/sdk/Supervision"
import * as Tool from "@effect-codex/sdk/Tool"
import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { assertIdle, home, statusesOf, withPidFile } from "./harness.js"
import { gone, pidIn } from "./processes.js"

const ticket = Tool.make("ticket", {
  description: "Looks up a ticket by its number.",
  parameters: Schema.Struct({ id: Schema.Int }),
  success: Schema.String,
  handler: ({ id }) => Effect.succeed(`ticket ${id}`)
})

const hanging = Effect.unsafeMakeLatch()

/** It hangs where it is told to, looks up tickets, and else says what it remembers. */
const script = ({ input, toolOutputs, userText }: ScriptedModel.ModelRequest) =>
  userText === "hang"
    ? Effect.zipRight(hanging.open, ScriptedModel.hang)
    : userText === "ticket" && toolOutputs.length === 0
    ? ScriptedModel.toolCall({ name: "ticket", arguments: { id: 7 } })
    : ScriptedModel.text(toolOutputs.at(-1)?.text ?? (JSON.stringify(input).includes("my name is Ada") ? "Ada" : "?"))

/** A supervised app-server, and what ends its process as a crash does. */
const supervised = Effect.gen(function*() {
  const { codexHome, cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
  const transport = ProcessTransport.layer({ ...yield* withPidFile, codexHome, cwd })
  const context = yield* Layer.build(
    Codex.layerSupervisedExperimental(transport, { schedule: Schedule.spaced("50 millis"), maxCrashes: 3 })
  )
  const kill = Effect.tap(
    pidIn("server.pid"),
    (pid) => Effect.zipRight(Effect.sync(() => process.kill(pid, "SIGKILL")), gone(pid))
  )
  return {
    context,
    kill,
    codex: Context.get(context, Codex.Codex),
    state: Context.get(context, Supervision.Supervision).state
  }
})

layer(home(script), { excludeTestServices: true })("a supervised app-server that is killed", (it) => {
  it.scoped("in the middle of a turn fails that turn, runs it no more, and goes on with the conversation", () =>
    Effect.gen(function*() {
      const { codex, context, kill, state } = yield* supervised
      const { requests } = yield* ScriptedModel.ScriptedModel
      const thread = yield* Effect.provide(codex.startThread({ tools: [ticket] }), context)
      const other = yield* codex.startThread()
      yield* thread.run("my name is Ada")
      yield* other.run("my name is Bob")

      const turn = yield* thread.startTurn("hang")
      const reading = yield* Effect.fork(Effect.flip(Stream.runDrain(codex.events)))
      yield* hanging.await
      yield* kill
      const error = yield* Effect.flip(turn.result)
      assert(error._tag === "ConnectionClosed")
      assert.strictEqual(error.signal, "SIGKILL")
      assert.strictEqual((yield* reading)._tag, "ConnectionClosed")

      assert.strictEqual((yield* thread.run("who am I?")).finalResponse, "Ada")
      assert.strictEqual((yield* thread.run("ticket")).finalResponse, "ticket 7")
      assert.strictEqual((yield* other.run("who am I?")).finalResponse, "?")
      const asked = (yield* requests).map(({ userText }) => userText)
      assert.deepStrictEqual(asked.filter((text) => text === "hang"), ["hang"])
      assert.deepStrictEqual(yield* statusesOf(thread), ["completed", "interrupted", "completed", "completed"])

      const now = yield* state
      assert(now._tag === "Ready")
      assert.strictEqual(now.restarts, 1)
      yield* Effect.provide(assertIdle, context)
    }))

  it.scoped("keeps the settings of its threads, and has requests of the thread served as well", () =>
    Effect.gen(function*() {
      const { codex, context, kill } = yield* supervised
      const { request } = Context.get(context, AppServer)
      const thread = yield* codex.startThread({ approvalPolicy: "never", sandbox: "danger-full-access", cwd: "/usr" })
      yield* thread.run("hi")
      yield* kill
      const note = { type: "message", role: "user", content: [{ type: "input_text", text: "my name is Ada" }] }
      yield* request("thread/inject_items", { threadId: thread.id, items: [note] })
      assert.strictEqual((yield* thread.run("who am I?")).finalResponse, "Ada")
      const { sandbox } = yield* codex.resumeThread(thread.id).pipe(Effect.map(({ info }) => info))
      assert.strictEqual(sandbox.type, "dangerFullAccess")
    }))

  it.scoped("cannot bring back a thread that was never stored", () =>
    Effect.gen(function*() {
      const { codex, kill } = yield* supervised
      const thread = yield* codex.startThread({ ephemeral: true })
      yield* thread.run("hi")
      yield* kill
      const error = yield* Effect.flip(thread.run("again"))
      assert.strictEqual(error._tag, "ThreadNotFound")
    }))

  it.scoped("again and again is given up", () =>
    Effect.gen(function*() {
      const { codex, kill, state } = yield* supervised
      const givenUp = yield* state.changes.pipe(
        Stream.filterMap((now) => now._tag === "Failed" ? Option.some(now.cause) : Option.none()),
        Stream.runHead,
        Effect.fork
      )
      for (let restarts = 0; restarts <= 3; restarts++) {
        yield* state.changes.pipe(
          Stream.filter((now) => now._tag === "Ready" && now.restarts === restarts),
          Stream.runHead
        )
        yield* kill
      }
      const crashLoop = yield* Effect.flatten(Fiber.join(givenUp))
      assert.deepStrictEqual([crashLoop.reason, crashLoop.crashes, crashLoop.last.signal], [
        "TooManyCrashes",
        4,
        "SIGKILL"
      ])
      const error = yield* Effect.flip(codex.startThread())
      assert(error._tag === "ConnectionClosed")
      assert.strictEqual(error.reason, "CrashLoop")
    }))
})
