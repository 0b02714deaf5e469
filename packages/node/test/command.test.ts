import { assert, describe, it } from "@effect/vitest"
import * as Command from "../src/internal/command.js"

const binary = { path: "/opt/codex", source: "explicit", pathDirs: [] } as const

describe("command", () => {
  it("writes config overrides as TOML before the arguments", () => {
    const { args } = Command.make(binary, { config: { model: "a \"b\"", "features.plugins": false, limit: 3 } })
    assert.deepStrictEqual(args, [
      ...["-c", "model=\"a \\\"b\\\"\""],
      ...["-c", "features.plugins=false"],
      ...["-c", "limit=3"],
      "app-server"
    ])
  })

  it("hands on nothing but env when the environment is not extended", () => {
    const { env } = Command.make(binary, { env: { A: "1", B: undefined }, extendEnv: false, codexHome: "/srv/codex" })
    assert.deepStrictEqual(env, { A: "1", CODEX_HOME: "/srv/codex" })
  })

  it("merges env over the inherited one and takes undefined away", () => {
    const { env } = Command.make(binary, { env: { HOME: undefined, EXTRA: "x" } })
    assert.strictEqual(env.EXTRA, "x")
    assert.isFalse("HOME" in env)
    assert.strictEqual(env.PATH, process.env.PATH)
  })

  it("knows the names of variables without case on Windows", () => {
    assert.deepStrictEqual(Command.mergeEnv("win32", [{ Path: "a", Home: "h" }, { PATH: "b", HOME: undefined }]), {
      PATH: "b"
    })
    assert.deepStrictEqual(Command.mergeEnv("linux", [{ Path: "a" }, { PATH: "b" }]), { Path: "a", PATH: "b" })
    assert.deepStrictEqual(Command.prependPath("win32", { Path: "a" }, ["tools"]), { Path: "tools;a" })
  })

  it("puts the bundled tools first on PATH, and makes no PATH where there is none", () => {
    assert.deepStrictEqual(Command.prependPath("linux", { PATH: "/bin" }, ["/t"]), { PATH: "/t:/bin" })
    assert.deepStrictEqual(Command.prependPath("linux", { A: "1" }, ["/t"]), { A: "1" })
  })
})
