import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import { ConnectionClosed } from "@effect-codex/sdk/CodexError"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { home, start, withPidFile } from "./harness.js"
import { gone, isAlive, pidIn } from "./processes.js"

const script = (request: ScriptedModel.ModelRequest) => {
  const cmd = `echo $$ > "${request.userText}.pid"; exec sleep 600`
  // Not by a login shell: what a profile runs may take its time, or leave a lock behind when it is killed.
  const command = { cmd, login: false, yield_time_ms: 60_000 }
  return request.userText.startsWith("command")
    ? ScriptedModel.toolCall({ name: "exec_command", arguments: command })
    : ScriptedModel.text(["one ", ScriptedModel.hang])
}

const anything = { approvalPolicy: "never", sandbox: "danger-full-access" } as const

layer(home(script), { excludeTestServices: true })("the app-server", (it) => {
  it.effect("killed in the middle of a turn, fails everything that was open with one ConnectionClosed", () =>
    Effect.gen(function*() {
      const last = yield* Effect.scoped(Effect.gen(function*() {
        const context = yield* start(yield* withPidFile)
        const codex = Context.get(context, Codex.Codex)
        const appServer = Context.get(context, AppServer)
        const thread = yield* codex.startThread()
        const turn = yield* thread.startTurn("hang")
        yield* turn.textDeltas.pipe(Stream.take(1), Stream.runDrain)
        const errors = yield* Effect.all({
          result: Effect.flip(turn.result),
          events: Effect.flip(Stream.runDrain(turn.events)),
          waiting: Effect.flip(thread.run("next")),
          request: Effect.flip(appServer.request("command/exec", { command: ["sleep", "600"] })),
          threadEvents: Effect.flip(Stream.runDrain(thread.events)),
          codexEvents: Effect.flip(Stream.runDrain(codex.events)),
          connectionEvents: Effect.flip(Stream.runDrain(appServer.connectionEvents)),
          closed: appServer.closed
        }, { concurrency: "unbounded" }).pipe(Effect.fork)
        yield* Effect.zipRight(Effect.yieldNow(), appServer.stats).pipe(
          Effect.repeat({ until: ({ pendingRequests }) => pendingRequests === 1 })
        )
        process.kill(yield* pidIn("server.pid"), "SIGKILL")

        const { closed, ...open } = yield* Fiber.join(errors)
        assert.instanceOf(closed, ConnectionClosed)
        assert.deepInclude(closed, { reason: "Exited", signal: "SIGKILL", exitCode: null })
        for (const [name, error] of Object.entries(open)) {
          assert.strictEqual(error, closed, name)
        }

        const late = yield* Effect.all({
          run: Effect.flip(thread.run("late")),
          request: Effect.flip(appServer.request("thread/list", {})),
          startThread: Effect.flip(codex.startThread()),
          interrupt: Effect.flip(turn.interrupt),
          result: Effect.flip(turn.result),
          events: Effect.flip(Stream.runDrain(codex.events)),
          threadEvents: Effect.flip(Stream.runDrain(thread.events))
        }, { concurrency: "unbounded" })
        for (const [name, error] of Object.entries(late)) {
          assert.strictEqual(error, closed, name)
        }
        const { pendingRequests, serverRequests, threads, turns } = yield* appServer.stats
        assert.deepStrictEqual([pendingRequests, serverRequests, threads, turns], [0, 0, 0, 0])
        return closed
      }))
      assert.strictEqual(last.reason, "Exited")
    }))

  it.effect("is gone after the Layer is closed, with the command it was running", () =>
    Effect.gen(function*() {
      const { command, server } = yield* Effect.scoped(Effect.gen(function*() {
        const codex = Context.get(yield* start(yield* withPidFile), Codex.Codex)
        const thread = yield* codex.startThread(anything)
        yield* thread.startTurn("command")
        return { command: yield* pidIn("command.pid"), server: yield* pidIn("server.pid") }
      }))
      assert.isFalse(isAlive(server))
      yield* gone(-server)
      yield* gone(command)
    }))

  it.effect("killed, leaves no command behind either", () =>
    Effect.gen(function*() {
      const command = yield* Effect.scoped(Effect.gen(function*() {
        const context = yield* start(yield* withPidFile)
        const thread = yield* Context.get(context, Codex.Codex).startThread(anything)
        yield* thread.startTurn("command that outlives the server")
        const command = yield* pidIn("command that outlives the server.pid")
        process.kill(yield* pidIn("server.pid"), "SIGKILL")
        yield* Context.get(context, AppServer).closed
        return command
      }))
      yield* gone(command)
    }))

  it.effect("is gone after the Layer is closed in the middle of a turn that hangs", () =>
    Effect.gen(function*() {
      const server = yield* Effect.scoped(Effect.gen(function*() {
        const codex = Context.get(yield* start(yield* withPidFile), Codex.Codex)
        const thread = yield* codex.startThread()
        const turn = yield* thread.startTurn("hang")
        yield* turn.textDeltas.pipe(Stream.take(1), Stream.runDrain)
        return yield* pidIn("server.pid")
      }))
      assert.isFalse(isAlive(server))
      yield* gone(-server)
    }))
})
