import { CodexBinary, NodeCodex, WebSocketTransport } from "@effect-codex/node"
import * as Codex from "@effect-codex/sdk/Codex"
import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Fs from "node:fs"
import { type Emitted, gather, showing } from "./support/emitted.js"
import * as Listening from "./support/listening.js"

const planted = "planted-0123456789-abcdefghijklmnopqrstuvwxyz"

const assertNowhere = (emitted: Emitted) => assert.deepStrictEqual(showing(planted, emitted), [])

const runTurn = (look: Effect.Effect<void>) =>
  Effect.gen(function*() {
    const codex = yield* Codex.Codex
    const thread = yield* codex.startThread()
    const { finalResponse } = yield* thread.run("hi")
    yield* look
    return finalResponse
  })

const home = Layer.provideMerge(TemporaryCodexHome.layer(), ScriptedModel.layerEcho)

const server = (auth: string, option: string) =>
  Effect.flatMap(Listening.secretFile(planted), (file) => Listening.onPort("--ws-auth", auth, option, file))

layer(home, { excludeTestServices: true })("a planted secret shows nowhere, in argv, logs, spans or errors", (it) => {
  it.scoped("as a capability token that is taken, on a connection that breaks in the middle of a turn", () =>
    Effect.gen(function*() {
      const { kill, url } = yield* server("capability-token", "--ws-token-file")
      const auth = WebSocketTransport.capabilityToken(Redacted.make(planted))
      const emitted = yield* gather((look) =>
        Effect.gen(function*() {
          yield* runTurn(look)
          yield* kill
          return yield* runTurn(look)
        }).pipe(Effect.annotateLogs("options", { url, auth }), Effect.provide(NodeCodex.layerWebSocket({ url, auth })))
      )
      assert.isAbove(emitted.spans.length, 0)
      assert.isAbove(emitted.errors.length, 0)
      assert.include(emitted.commandLines.join(), "app-server")
      assertNowhere(emitted)
    }))

  it.scoped("as a capability token that is refused, and as a header", () =>
    Effect.gen(function*() {
      const { url } = yield* Effect.flatMap(
        Listening.secretFile("another token, of some length"),
        (file) => Listening.onPort("--ws-auth", "capability-token", "--ws-token-file", file)
      )
      const auth = WebSocketTransport.capabilityToken(Redacted.make(planted))
      const headers = { "x-api-key": planted }
      const emitted = yield* gather((look) =>
        Effect.provide(runTurn(look), NodeCodex.layerWebSocket({ url, auth, headers }))
      )
      assert.include(emitted.errors.join(), "refused the token")
      assertNowhere(emitted)
    }))

  it.scoped("as a token that would go in plain to another host", () =>
    Effect.gen(function*() {
      const auth = WebSocketTransport.capabilityToken(Redacted.make(planted))
      const emitted = yield* gather((look) =>
        Effect.provide(runTurn(look), NodeCodex.layerWebSocket({ url: "ws://192.0.2.1", auth }))
      )
      assert.include(emitted.errors.join(), "in plain")
      assertNowhere(emitted)
    }))

  it.scoped("as the secret that tokens are signed with", () =>
    Effect.gen(function*() {
      const { kill, url } = yield* server("signed-bearer-token", "--ws-shared-secret-file")
      const auth = WebSocketTransport.signedBearerToken({ secret: Redacted.make(planted) })
      const emitted = yield* gather((look) =>
        Effect.gen(function*() {
          yield* runTurn(look)
          yield* kill
          return yield* runTurn(look)
        }).pipe(Effect.provide(NodeCodex.layerWebSocket({ url, auth })))
      )
      assert.include(emitted.commandLines.join(), "app-server")
      assertNowhere(emitted)
    }))

  it.scoped("in the environment of a process that writes it to stderr and dies", () =>
    Effect.gen(function*() {
      const { codexHome, cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
      const emitted = yield* gather((look) =>
        Effect.provide(
          runTurn(look),
          NodeCodex.layer({
            binary: "/bin/sh",
            args: ["-c", "echo \"the value is $PLANTED\" >&2; read line; exit 3"],
            env: { PLANTED: Redacted.make(planted) },
            codexHome,
            cwd
          })
        )
      )
      assert.include(emitted.errors.join(), "the value is [redacted]")
      assert.include(emitted.logs.join(), "the value is [redacted]")
      assertNowhere(emitted)
    }))
})

layer(home, { excludeTestServices: true })("an exact environment", (it) => {
  it.scoped("is all that the process is given, beside its home and the mark of its family", () =>
    Effect.gen(function*() {
      const { codexHome, cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
      yield* Effect.acquireRelease(
        Effect.sync(() => {
          process.env["PLANTED_IN_PARENT"] = planted
        }),
        () =>
          Effect.sync(() => {
            delete process.env["PLANTED_IN_PARENT"]
          })
      )
      const seen = (extendEnv: boolean) =>
        Effect.gen(function*() {
          const { path } = yield* CodexBinary.find()
          const args = ["-c", "env > \"$0\"; exec \"$1\" app-server", `${cwd}/env`, path]
          yield* Effect.provide(
            runTurn(Effect.void),
            NodeCodex.layer({ binary: "/bin/sh", args, extendEnv, env: { PATH: process.env["PATH"] }, codexHome, cwd })
          )
          return Fs.readFileSync(`${cwd}/env`, "utf8")
        })
      assert.include(yield* seen(true), planted)
      const names = (yield* seen(false)).trim().split("\n").map((line) => line.split("=")[0])
      assert.deepStrictEqual(
        names.filter((name) => !["PWD", "SHLVL", "_", "OLDPWD"].includes(String(name))).sort(),
        ["CODEX_HOME", "EFFECT_CODEX_PROCESS", "PATH"]
      )
    }))
})
