import { NodeCodex, ProcessTransport, WebSocketTransport } from "@effect-codex/node"
import * as Account from "@effect-codex/sdk/Account"
import * as AppServer from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import * as Command from "@effect-codex/sdk/Command"
import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import * as Transport from "@effect-codex/sdk/Transport"
import { MemoryTransport, ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { type Emitted, gather, showing } from "./support/emitted.js"

// In a URL, in base64 and in a regular expression it looks different. It begins like no key that is known by its form.
const planted = "planted+0123/456789=(abcdefghijklmnopqrstuvwxyz)"
const secret = Redacted.make(planted)

const assertNowhere = (emitted: Emitted) => assert.deepStrictEqual(showing(planted, emitted), [])

/** What is emitted when it fails and when it does not. Errors are emitted like those of a program that dies of them. */
const emittedBy = <E, R>(program: Effect.Effect<unknown, E, R>) => gather(() => program)

/** A child that answers the handshake and refuses all else, repeating what it was asked on stderr and in its refusal. */
const parrot = `
  let rest = ""
  process.stdin.setEncoding("utf8").on("data", (chunk) => {
    const lines = (rest + chunk).split("\\n")
    rest = lines.pop()
    for (const { id, method, params } of lines.map((line) => JSON.parse(line))) {
      const userAgent = "test/0.169.0 (Debian 12.0.0; x86_64) test"
      if (method === "initialize") {
        console.log(JSON.stringify({ id, result: { userAgent, codexHome: "/", platformFamily: "unix", platformOs: "linux" } }))
      } else if (id !== undefined) {
        console.error("refused " + Object.values(params).join(" "))
        console.log(JSON.stringify({ id, error: { code: -32600, message: "not " + JSON.stringify(params), data: params } }))
        if (params.region === "die") process.exit(7)
      }
    }
  })
`

const parrotLayer = NodeCodex.layer({ binary: process.execPath, args: ["--input-type=commonjs", "-e", parrot] })

const home = Layer.provideMerge(TemporaryCodexHome.layer(), ScriptedModel.layerEcho)

const runTurn = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const thread = yield* codex.startThread()
  yield* thread.run("hi")
})

describe("a planted secret shows nowhere", () => {
  it.scopedLive("as a key that the server refuses, repeating it in its words, in its data and on stderr", () =>
    Effect.gen(function*() {
      const emitted = yield* emittedBy(Effect.provide(Account.loginApiKey(secret), parrotLayer))
      assert.include(emitted.errors.join(), "not {\\\"type")
      assert.include(emitted.errors.join(), "[redacted]")
      assert.include(emitted.logs.join(), "refused apiKey [redacted]")
      assertNowhere(emitted)
    }))

  it.scopedLive("as a key of a server that repeats it on stderr and dies", () =>
    Effect.gen(function*() {
      const login = Account.loginBedrock({ accessKeyId: "AKIA", secretAccessKey: secret, region: "die" })
      const emitted = yield* emittedBy(Effect.provide(
        Effect.zipRight(Effect.exit(login), Effect.flatMap(Codex.Codex, (codex) => codex.startThread())),
        parrotLayer
      ))
      assert.include(emitted.errors.join(), "ConnectionClosed")
      assert.include(emitted.errors.join(), "[redacted]")
      assertNowhere(emitted)
    }))

  it.scopedLive("in an environment that no process can be given", () =>
    Effect.gen(function*() {
      const env = { PLANTED: Redacted.make(`${planted}\0`) }
      const emitted = yield* emittedBy(Effect.scoped(ProcessTransport.make({ binary: process.execPath, env })))
      assert.include(emitted.errors.join(), "PLANTED holds a null byte")
      assertNowhere(emitted)
    }))

  it.scopedLive("in the address, a token or a header that no request can be made of", () =>
    Effect.gen(function*() {
      const url = "ws://127.0.0.1:1"
      const broken = Redacted.make(`${planted}\n${planted}`)
      const auth = WebSocketTransport.capabilityToken(broken)
      const options: ReadonlyArray<WebSocketTransport.Options> = [
        { url: `ws://${planted}:1:1` },
        { url: `ws://user:${encodeURIComponent(planted)}@127.0.0.1:1` },
        { url: `${url}/${encodeURIComponent(planted)}?token=${encodeURIComponent(planted)}` },
        { url, auth },
        { url, headers: { "x-api-key": broken } },
        { url, headers: { "x-api-key": planted }, ca: planted }
      ]
      for (const given of options) {
        const emitted = yield* emittedBy(Effect.scoped(WebSocketTransport.make(given)))
        assert.isAbove(emitted.errors.length, 0)
        assertNowhere(emitted)
      }
    }))
})

layer(home, { excludeTestServices: true })("a planted secret that the real app-server is given shows nowhere", (it) => {
  const served = (options: ProcessTransport.Options) =>
    Layer.unwrapEffect(Effect.map(
      TemporaryCodexHome.TemporaryCodexHome,
      ({ codexHome, cwd }) => NodeCodex.layerExperimental({ ...options, codexHome, cwd })
    ))

  it.scoped("as its key, in the environment and in the headers of an MCP server that is not there", () =>
    Effect.gen(function*() {
      const emitted = yield* gather((look) =>
        Effect.gen(function*() {
          const codex = yield* Codex.Codex
          const { request } = yield* AppServer.AppServer
          yield* Account.loginApiKey(secret)
          const thread = yield* codex.startThread({
            config: {
              mcp_servers: {
                gone: {
                  url: "http://127.0.0.1:9/mcp",
                  http_headers: { authorization: `Bearer ${planted}` },
                  startup_timeout_sec: 1
                },
                broken: { command: "/nowhere", env: { PLANTED: planted } }
              }
            }
          })
          yield* thread.run("hi")
          yield* Effect.scoped(Effect.flatMap(
            Command.exec({ command: ["sh", "-c", "exit 3"], env: { PLANTED: planted } }),
            ({ exitCode }) => exitCode
          ))
          yield* look
          yield* Effect.exit(request("mcpServer/tool/call", { threadId: thread.id, server: "gone", tool: planted }))
          yield* request("account/logout", undefined)
          // What a program without types would pass beside it.
          const wrong: "untrusted" = JSON.parse("5")
          return yield* codex.startThread({ approvalPolicy: wrong, config: { key: planted } })
        }).pipe(Effect.provide(served({ env: { PLANTED: secret, PLANTED_KEY: planted } })))
      )
      assert.include(emitted.errors.join(), "InvalidParams")
      assert.include(emitted.commandLines.join(), "app-server")
      assert.isAbove(emitted.spans.length, 0)
      assertNowhere(emitted)
    }))
})

describe("what a handler answers in confidence shows nowhere", () => {
  /** Asks both questions on a connection with these handlers, and ends it; answers what came back of them. */
  const asked = (handlers: ServerRequests.Handlers) =>
    Effect.gen(function*() {
      const pair = yield* Layer.build(MemoryTransport.layerPair)
      const server = Context.get(pair, MemoryTransport.Server)
      const concealed: Array<string> = []
      const transport = Layer.succeed(Transport.Transport, {
        ...Context.get(pair, Transport.Transport),
        conceal: (secrets) => concealed.push(...secrets.map(Redacted.value))
      })
      const answers: Array<unknown> = []
      const emitted = yield* emittedBy(Effect.gen(function*() {
        const opening = yield* Effect.fork(Layer.build(Layer.provide(
          Codex.layer,
          Layer.merge(transport, ServerRequests.layer(handlers))
        )))
        const { id } = yield* server.takeRequest("initialize")
        yield* server.respond(id, {
          userAgent: "test",
          codexHome: "/",
          platformFamily: "unix",
          platformOs: "linux"
        })
        const context = yield* opening
        yield* server.take
        for (const method of ["account/chatgptAuthTokens/refresh", "attestation/generate"] as const) {
          yield* server.request(answers.length, method, { reason: "unauthorized" })
          answers.push(yield* server.take)
        }
        yield* server.end(Transport.end("EndOfStream"))
        return yield* Effect.provide(runTurn, context)
      }))
      return { answers: JSON.stringify(answers), concealed, emitted }
    })

  it.scopedLive("where it is sent, and the transport is told of it before", () =>
    Effect.gen(function*() {
      const { answers, concealed, emitted } = yield* asked({
        tokenRefresh: () => Effect.succeed({ accessToken: secret, accountId: "account-1" }),
        attestation: () => Effect.succeed(secret)
      })
      assert.strictEqual(answers.split(planted).length, 3)
      assert.deepStrictEqual(concealed, [planted, planted])
      assertNowhere(emitted)
    }))

  it.scopedLive("where what is beside it makes no answer, or the handler fails with it", () =>
    Effect.gen(function*() {
      const { answers, emitted } = yield* asked({
        // What a program without types would answer.
        tokenRefresh: () => Effect.succeed({ accessToken: secret, accountId: JSON.parse("{\"toJSON\":1}") }),
        attestation: () => Effect.die({ token: secret })
      })
      assert.include(answers, "handler of this request failed")
      assert.include(emitted.logs.join(), "died")
      assertNowhere(emitted)
    }))
})
