import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { spawn } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import * as path from "node:path"
import * as TemporaryCodexHome from "../src/TemporaryCodexHome.js"

const writeFiles = `
  const fs = require("node:fs")
  try {
    for (let index = 0; index < 2000; index++) {
      fs.writeFileSync(process.argv[1] + "/file-" + index, "")
      if (index === 100) fs.writeSync(1, "writing")
    }
  } catch (error) {
    if (error.code !== "ENOENT") throw error
  }
`

describe("TemporaryCodexHome", () => {
  it.effect("holds the config and an empty folder to work in, until its scope closes", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const home = yield* Scope.extend(TemporaryCodexHome.make({ config: "model = \"m\"\n" }), scope)
      assert.strictEqual(readFileSync(path.join(home.codexHome, "config.toml"), "utf8"), "model = \"m\"\n")
      assert.deepStrictEqual(readdirSync(home.cwd), [])
      yield* Scope.close(scope, Exit.void)
      assert.isFalse(existsSync(home.codexHome))
      assert.isFalse(existsSync(home.cwd))
    }))

  it.effect("is removed though a process still writes there when its scope closes", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const home = yield* Scope.extend(TemporaryCodexHome.make({ config: "" }), scope)
      const writer = yield* Effect.acquireRelease(
        Effect.sync(() => spawn(process.execPath, ["-e", writeFiles, home.codexHome], { stdio: "pipe" })),
        (child) => Effect.sync(() => child.kill("SIGKILL"))
      )
      const exited = yield* Effect.fork(Effect.async<void>((resume) => {
        writer.once("exit", () => resume(Effect.void))
      }))
      yield* Effect.async<void>((resume) => {
        writer.stdout.once("data", () => resume(Effect.void))
      })
      yield* Scope.close(scope, Exit.void)
      yield* Fiber.join(exited)
      assert.isFalse(existsSync(path.dirname(home.codexHome)))
    }).pipe(Effect.scoped))

  it.scoped("is another one each time", () =>
    Effect.gen(function*() {
      const one = yield* TemporaryCodexHome.make({ config: "" })
      const other = yield* TemporaryCodexHome.make({ config: "" })
      assert.notStrictEqual(one.codexHome, other.codexHome)
    }))
})
