import { CodexBinary, NodeCodex } from "@effect-codex/node"
import * as Codex from "@effect-codex/sdk/Codex"
import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { eventually, isRunning } from "./support/child.js"

/** Shell code that leaves the pids of its shell and of another process in files of the folder, and lingers. */
const lingers = (folder: string) => `
  sh -c 'echo $$ > "$0"; exec sleep 600' "${folder}/other.pid" &
  echo $$ > "${folder}/shell.pid"
  wait
`

const pidIn = (file: string): number => Fs.existsSync(file) ? Number.parseInt(Fs.readFileSync(file, "utf8")) : NaN

/** The pids that `lingers` leaves in the folder, once it has. */
const pidsIn = Effect.fnUntraced(function*(folder: string) {
  const read = () => ["shell.pid", "other.pid"].map((name) => pidIn(Path.join(folder, name)))
  yield* eventually(() => !read().some(Number.isNaN))
  return read()
})

const emptyFolder = Effect.map(
  TemporaryCodexHome.TemporaryCodexHome,
  ({ cwd }) => Fs.mkdtempSync(Path.join(cwd, "pids-"))
)

/**
 * The app-server until the scope closes, behind a shell that leaves its pid in a file of `home`: its shells read the
 * profile there, not that of whoever runs the tests.
 */
const start = Effect.fnUntraced(function*(home: string) {
  const { codexHome, cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
  const { path } = yield* CodexBinary.find()
  const args = ["-c", "echo $$ > \"$0\"; exec \"$1\" app-server", `${home}/server.pid`, path]
  const env = { HOME: home, ZDOTDIR: undefined }
  const codex = yield* Layer.build(NodeCodex.layer({ binary: "/bin/sh", args, codexHome, cwd, env }))
  return Context.get(codex, Codex.Codex)
})

/** An app-server whose login shells linger, as those do that a slow profile holds up. */
const startWithSlowProfile = (home: string) => {
  for (const name of [".profile", ".bash_profile", ".zprofile"]) {
    Fs.writeFileSync(Path.join(home, name), lingers(home))
  }
  return start(home)
}

const model = ScriptedModel.layer(({ userText }) =>
  ScriptedModel.toolCall({ name: "exec_command", arguments: { cmd: lingers(userText), yield_time_ms: 60_000 } })
)

const home = (overrides: Parameters<typeof TemporaryCodexHome.layer>[0]) =>
  Layer.provideMerge(TemporaryCodexHome.layer(overrides), model)

const anything = { approvalPolicy: "never", sandbox: "danger-full-access" } as const

layer(home({ features: { shell_snapshot: true } }), { excludeTestServices: true })(
  "the app-server's login shells",
  (it) => {
    it.effect("are gone when the scope closes right after a thread has started", () =>
      Effect.gen(function*() {
        const folder = yield* emptyFolder
        const pids = yield* Effect.scoped(Effect.gen(function*() {
          const codex = yield* startWithSlowProfile(folder)
          yield* codex.startThread()
          return yield* pidsIn(folder)
        }))
        assert.deepStrictEqual(pids.map(isRunning), [false, false])
      }))

    it.effect("are gone when the scope closes right after a turn has started", () =>
      Effect.gen(function*() {
        const folder = yield* emptyFolder
        const pids = yield* Effect.scoped(Effect.gen(function*() {
          const codex = yield* startWithSlowProfile(folder)
          const thread = yield* codex.startThread()
          yield* thread.startTurn(folder)
          return yield* pidsIn(folder)
        }))
        assert.deepStrictEqual(pids.map(isRunning), [false, false])
      }))
  }
)

layer(home({ shell_environment_policy: { inherit: "none" } }), { excludeTestServices: true })(
  "the commands of a turn",
  (it) => {
    it.effect("are gone when the scope closes, though they were given a clean environment", () =>
      Effect.gen(function*() {
        const folder = yield* emptyFolder
        const pids = yield* Effect.scoped(Effect.gen(function*() {
          const codex = yield* start(folder)
          const thread = yield* codex.startThread(anything)
          yield* thread.startTurn(folder)
          return yield* pidsIn(folder)
        }))
        assert.deepStrictEqual(pids.map(isRunning), [false, false])
      }))
  }
)

layer(home({}), { excludeTestServices: true })("the commands of an app-server that was killed", (it) => {
  it.effect("are gone when the scope has closed", () =>
    Effect.gen(function*() {
      const folder = yield* emptyFolder
      const pids = yield* Effect.scoped(Effect.gen(function*() {
        const codex = yield* start(folder)
        const thread = yield* codex.startThread(anything)
        const turn = yield* thread.startTurn(folder)
        const pids = yield* pidsIn(folder)
        process.kill(pidIn(Path.join(folder, "server.pid")), "SIGKILL")
        assert.strictEqual((yield* Effect.flip(turn.result))._tag, "ConnectionClosed")
        return pids
      }))
      assert.deepStrictEqual(pids.map(isRunning), [false, false])
    }))
})
