import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import { ConnectionClosed } from "@effect-codex/sdk/CodexError"
import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { home, start, withPidFile } from "./harness.js"

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const pidIn = (file: string) =>
  Effect.map(TemporaryCodexHome.TemporaryCodexHome, ({ cwd }) => Number(Fs.readFileSync(Path.join(cwd, file), "utf8")))

const script = (request: ScriptedModel.ModelRequest) => {
  if (request.userText === "run a command") {
    return request.toolOutputs.length === 0
      ? ScriptedModel.toolCall({
        name: "exec_command",
        arguments: { cmd: "echo $$ > command.pid; echo ready; exec sleep 600", yield_time_ms: 60_000 }
      })
      : ScriptedModel.text("done")
  }
  return ScriptedModel.text(["one ", ScriptedModel.hang])
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

  it.effect("is gone after the Layer is closed, with the commands it ran", () =>
    Effect.gen(function*() {
      const t0 = Date.now(); const pids = yield* Effect.scoped(Effect.gen(function*() {
        const codex = Context.get(yield* start(yield* withPidFile), Codex.Codex)
        const thread = yield* codex.startThread(anything)
        const turn = yield* thread.startTurn("run a command")
        yield* turn.events.pipe(Stream.tap((e) => Effect.sync(() => console.log(Date.now()-t0, e._tag, "delta" in e ? JSON.stringify(e.delta) : ""))),
          Stream.filter((event) => event._tag === "ItemCommandExecutionOutputDelta" && event.delta.includes("ready")),
          Stream.take(1),
          Stream.runDrain
        )
        const server = yield* pidIn("server.pid")
        const command = yield* pidIn("command.pid")
        assert.isTrue(isAlive(server) && isAlive(command))
        console.log("ready after", Date.now() - t0, Fs.readFileSync(`/proc/${command}/status`, "utf8").match(/State.*|PPid.*|NSsid.*|NSpgid.*/g)); return { server, command }
      }))
      console.log("closed after", Date.now() - t0, Fs.existsSync(`/proc/${pids.command}/status`) ? Fs.readFileSync(`/proc/${pids.command}/status`, "utf8").match(/State.*|PPid.*/g) : "gone")
      assert.isFalse(isAlive(pids.server))
      assert.isFalse(isAlive(-pids.server))
      assert.isFalse(isAlive(pids.command))
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
      assert.isFalse(isAlive(-server))
    }))
})
