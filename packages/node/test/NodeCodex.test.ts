import { NodeCodex } from "@effect-codex/node"
import { AppServer, Codex, Supervision } from "@effect-codex/sdk"
import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert, describe, it } from "@effect/vitest"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"

const home = TemporaryCodexHome.layer().pipe(Layer.provideMerge(ScriptedModel.layerEcho))

const answer = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const thread = yield* codex.startThread()
  return (yield* thread.run("hi")).finalResponse
})

/** A server that says what it is and nothing else, until its stdin is closed. */
const announces = (version: string) => `
  process.stdin.on("data", (chunk) => {
    const { id, method } = JSON.parse(chunk)
    const userAgent = "test/${version} (Debian 12.0.0; x86_64) test"
    if (method === "initialize") {
      console.log(JSON.stringify({ id, result: { userAgent, codexHome: "/", platformFamily: "unix", platformOs: "linux" } }))
    }
  })
`

describe("NodeCodex", () => {
  it.live("layer runs a turn on the codexHome and in the cwd it is given", () =>
    Effect.gen(function*() {
      const { codexHome, cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
      const [said, threadCwd] = yield* Effect.gen(function*() {
        const codex = yield* Codex.Codex
        const { info } = yield* codex.startThread()
        return [yield* answer, info.cwd]
      }).pipe(Effect.provide(NodeCodex.layer({ codexHome, cwd })))
      assert.strictEqual(said, "You said: hi")
      assert.strictEqual(threadCwd, cwd)
    }).pipe(Effect.provide(home)))

  it.live("layerExperimental provides the experimental API", () =>
    Effect.gen(function*() {
      const { codexHome } = yield* TemporaryCodexHome.TemporaryCodexHome
      const { gauges } = yield* Effect.flatMap(
        AppServer.AppServer,
        (appServer) => appServer.request("server/diagnostics", {})
      ).pipe(Effect.provide(NodeCodex.layerExperimental({ codexHome })))
      assert.isArray(gauges)
    }).pipe(Effect.provide(home)))

  it.live("layerSupervised tells of the state of the server, and its experimental sister provides that API too", () =>
    Effect.gen(function*() {
      const { codexHome } = yield* TemporaryCodexHome.TemporaryCodexHome
      const state = Effect.flatMap(Supervision.Supervision, ({ state }) => state.get)
      const [said, { _tag }] = yield* Effect.all([answer, state]).pipe(
        Effect.provide(NodeCodex.layerSupervised({ codexHome }))
      )
      assert.deepStrictEqual([said, _tag], ["You said: hi", "Ready"])
      const { gauges } = yield* Effect.flatMap(
        AppServer.AppServer,
        (appServer) => appServer.request("server/diagnostics", {})
      ).pipe(Effect.provide(NodeCodex.layerSupervisedExperimental({ codexHome })))
      assert.isArray(gauges)
    }).pipe(Effect.provide(home)))

  it.live("layerConfig takes its options from the program's Config", () =>
    Effect.gen(function*() {
      const { codexHome } = yield* TemporaryCodexHome.TemporaryCodexHome
      const said = yield* answer.pipe(
        Effect.provide(NodeCodex.layerConfig({ codexHome: Config.string("CODEX_HOME") })),
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["CODEX_HOME", codexHome]])))
      )
      assert.strictEqual(said, "You said: hi")
    }).pipe(Effect.provide(home)))

  it.live("layerConfig fails where the Config does", () =>
    Effect.gen(function*() {
      const error = yield* answer.pipe(
        Effect.provide(NodeCodex.layerConfig({ codexHome: Config.string("CODEX_HOME") })),
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map())),
        Effect.flip
      )
      assert.strictEqual(error._tag, "ConfigError")
    }))

  it.live("warns once of a codex that is older than any it is tested with, whatever number is started", () =>
    Effect.gen(function*() {
      const warnings: Array<string> = []
      const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
        if (LogLevel.greaterThanEqual(logLevel, LogLevel.Warning)) {
          warnings.push(String(message))
        }
      })
      const args = ["--input-type=commonjs", "-e", announces("0.129.0")]
      const old = NodeCodex.layer({ binary: process.execPath, args })
      const versions = yield* Effect.map(AppServer.AppServer, ({ info }) => info.userAgent).pipe(
        Effect.provide(Layer.fresh(old)),
        Effect.replicateEffect(2),
        Effect.provide(Logger.replace(Logger.defaultLogger, logger))
      )
      assert.strictEqual(versions.length, 2)
      assert.strictEqual(warnings.length, 1)
      assert.include(warnings[0], "codex 0.129.0 is older than 0.130.0")
    }))
})
