import { NodeCodex } from "@effect-codex/node"
import * as CodexPool from "@effect-codex/sdk/CodexPool"
import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { home, withPidFile } from "./harness.js"
import { gone, isAlive, pidIn } from "./processes.js"

layer(home(ScriptedModel.echo), { excludeTestServices: true })("a pool of app-servers, one a folder", (it) => {
  it.scoped("starts each in its folder, shares it, and ends its process when nobody has used it for a while", () =>
    Effect.gen(function*() {
      const { codexHome, cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
      const process = yield* withPidFile
      const folders = ["one", "two"].map((name) => Path.join(cwd, name))
      folders.forEach((folder) => Fs.mkdirSync(folder))
      const program = Effect.gen(function*() {
        const pool = yield* CodexPool.CodexPool
        const pids = yield* Effect.scoped(Effect.gen(function*() {
          // Codex 0.150 and 0.160 cannot be started twice at once on one new CODEX_HOME.
          const answers = yield* Effect.forEach(
            [...folders, ...folders],
            (folder) =>
              Effect.gen(function*() {
                const codex = yield* pool.get(folder)
                const thread = yield* codex.startThread()
                return [thread.info.cwd, (yield* thread.run("hi")).finalResponse]
              })
          )
          assert.deepStrictEqual(answers, [...folders, ...folders].map((folder) => [folder, "You said: hi"]))
          return yield* Effect.forEach(["one", "two"], (name) => pidIn(Path.join(name, "server.pid")))
        }))
        assert.lengthOf(new Set(pids), 2)
        yield* Effect.forEach(pids, gone, { concurrency: 2 })
        yield* Effect.scoped(pool.get(folders[0] ?? ""))
        return yield* pidIn(Path.join("one", "server.pid"))
      })
      const last = yield* program.pipe(
        Effect.provide(CodexPool.layer({
          lookup: (folder) => NodeCodex.layer({ ...process, codexHome, cwd: folder }),
          idleTimeToLive: "100 millis"
        }))
      )
      assert.isFalse(isAlive(last))
    }))
})
