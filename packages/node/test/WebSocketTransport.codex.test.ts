import { DaemonTransport, NodeCodex, WebSocketTransport } from "@effect-codex/node"
import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import { TransportError } from "@effect-codex/sdk/CodexError"
import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as SelfSigned from "./fixtures/selfSigned.js"
import * as Listening from "./support/listening.js"

const model = ScriptedModel.layer(({ userText }) =>
  userText === "hang" ? ScriptedModel.text(["half ", ScriptedModel.hang]) : ScriptedModel.text(`You said: ${userText}`)
)

/** Each test has a home of its own, since a home has one control socket. */
const withHome = Effect.provide(Layer.provideMerge(TemporaryCodexHome.layer(), model))

const runTurn = (words: string) =>
  Effect.gen(function*() {
    const codex = yield* Codex.Codex
    const thread = yield* codex.startThread()
    return (yield* thread.run(words)).finalResponse
  })

const assertTurn = (options: WebSocketTransport.Options) =>
  Effect.gen(function*() {
    const said = yield* Effect.provide(runTurn("hi"), NodeCodex.layerWebSocket(options))
    assert.strictEqual(said, "You said: hi")
  })

const refusal = (options: WebSocketTransport.Options) => Effect.flip(Effect.scoped(WebSocketTransport.make(options)))

const token = "a-capability-token-of-some-length"
const secret = "a shared secret, which has to be of 32 bytes at least"

const withCapabilityToken = Effect.flatMap(
  Listening.secretFile(token),
  (file) => Listening.onPort("--ws-auth", "capability-token", "--ws-token-file", file)
)

const withSignedToken = Effect.flatMap(
  Listening.secretFile(secret),
  (file) =>
    Listening.onPort(
      ...["--ws-auth", "signed-bearer-token", "--ws-shared-secret-file", file],
      ...["--ws-issuer", "tests", "--ws-audience", "app-server", "--ws-max-clock-skew-seconds", "0"]
    )
)

const signed = { secret: Redacted.make(secret), issuer: "tests", audience: "app-server" }

layer(Layer.empty, { excludeTestServices: true })("an app-server that listens", (it) => {
  it.scoped("on ws runs turns", () =>
    Effect.gen(function*() {
      const { url } = yield* Listening.onPort()
      yield* assertTurn({ url })
    }).pipe(withHome))

  it.scoped("on a unix socket runs turns", () =>
    Effect.gen(function*() {
      const { cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
      const { url } = yield* Listening.onSocket(Path.join(cwd, "s.sock"))
      yield* assertTurn({ url })
    }).pipe(withHome))

  it.scoped("behind TLS runs turns where its certificate is trusted, and nothing is sent where it is not", () =>
    Effect.gen(function*() {
      const { received, url } = yield* Effect.flatMap(withCapabilityToken, Listening.behindTls)
      const auth = WebSocketTransport.capabilityToken(Redacted.make(token))
      const error = yield* refusal({ url, auth })
      assert.strictEqual(error.reason, "Open")
      assert.include(error.message, "as ca")
      assert.strictEqual(received(), 0)
      yield* assertTurn({ url, auth, ca: SelfSigned.cert })
      assert.isAbove(received(), 0)
    }).pipe(withHome))

  it.scoped("serves several connections at once, each with its own threads and the experimental API of its own", () =>
    Effect.gen(function*() {
      const { url } = yield* Listening.onPort()
      const experimental = Layer.provide(Codex.layerExperimental, WebSocketTransport.layer({ url }))
      const modes = Effect.flatMap(AppServer, ({ request }) => request("collaborationMode/list", {}))
      const [{ data }] = yield* Effect.all(
        [Effect.provide(modes, experimental), assertTurn({ url }), assertTurn({ url })],
        { concurrency: "unbounded" }
      )
      assert.isArray(data)
    }).pipe(withHome))

  it.scoped("goes on when a Layer closes: its threads can be resumed on the next connection", () =>
    Effect.gen(function*() {
      const { url } = yield* Listening.onPort()
      const id = yield* Effect.gen(function*() {
        const codex = yield* Codex.Codex
        const thread = yield* codex.startThread()
        yield* thread.run("first")
        return thread.id
      }).pipe(Effect.provide(NodeCodex.layerWebSocket({ url })))
      const second = yield* Effect.gen(function*() {
        const codex = yield* Codex.Codex
        const thread = yield* codex.resumeThread(id)
        return (yield* thread.run("second")).finalResponse
      }).pipe(Effect.provide(NodeCodex.layerWebSocket({ url })))
      assert.strictEqual(second, "You said: second")
    }).pipe(withHome))

  it.scoped("and is killed in the middle of a turn ends it with how the connection ended", () =>
    Effect.gen(function*() {
      const { kill, url } = yield* Listening.onPort()
      const codex = Context.get(yield* Layer.build(NodeCodex.layerWebSocket({ url })), Codex.Codex)
      const thread = yield* codex.startThread()
      const turn = yield* thread.startTurn("hang")
      yield* Effect.flatMap(ScriptedModel.ScriptedModel, (model) => model.awaitRequest(() => true))
      yield* kill
      const error = yield* Effect.flip(turn.result)
      assert(error._tag === "ConnectionClosed")
      assert.strictEqual(error.reason, "EndOfStream")
      assert(error.cause instanceof TransportError)
      assert.include(error.cause.message, "1006")
      assert.strictEqual((yield* Effect.flip(thread.run("hi")))._tag, "ConnectionClosed")
    }).pipe(withHome))

  it.scoped("takes and sends frames beyond the 16 MiB that it takes in one piece", () =>
    Effect.gen(function*() {
      const { url } = yield* Listening.onPort()
      const { cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
      const path = Path.join(cwd, "large")
      const content = "€uro".repeat(3 * 1024 * 1024)
      const { dataBase64 } = yield* Effect.gen(function*() {
        const { request } = yield* AppServer
        yield* request("fs/writeFile", { path, dataBase64: Buffer.from(content).toString("base64") })
        // In characters of several bytes, so that the pieces cut some of them.
        yield* request("thread/loaded/list", { cursor: content })
        return yield* request("fs/readFile", { path })
      }).pipe(Effect.provide(NodeCodex.layerWebSocket({ url })))
      assert.isTrue(Fs.readFileSync(path, "utf8") === content)
      assert.isTrue(Buffer.from(dataBase64, "base64").toString() === content)
    }).pipe(withHome))
})

layer(Layer.empty, { excludeTestServices: true })("an app-server with a capability token", (it) => {
  it.scoped("takes the right one, with or without the end of line of a file", () =>
    Effect.gen(function*() {
      const { url } = yield* withCapabilityToken
      yield* assertTurn({ url, auth: WebSocketTransport.capabilityToken(Redacted.make(`${token}\n`)) })
    }).pipe(withHome))

  it.scoped("refuses a wrong one and none, and says which it was", () =>
    Effect.gen(function*() {
      const { url } = yield* withCapabilityToken
      const wrong = yield* refusal({ url, auth: WebSocketTransport.capabilityToken(Redacted.make("another")) })
      assert.strictEqual(wrong.reason, "Unauthorized")
      assert.include(wrong.message, "refused the token (401 invalid websocket bearer token)")
      const none = yield* refusal({ url })
      assert.strictEqual(none.reason, "Unauthorized")
      assert.include(none.message, "asks for a token (401 missing websocket bearer token)")
    }).pipe(withHome))

  it.scoped("takes one from the program's Config", () =>
    Effect.gen(function*() {
      const { url } = yield* withCapabilityToken
      const transport = WebSocketTransport.layerConfig({
        url: Config.string("CODEX_URL"),
        auth: Config.map(Config.redacted("CODEX_TOKEN"), WebSocketTransport.capabilityToken)
      })
      const said = yield* runTurn("hi").pipe(
        Effect.provide(Layer.provide(Codex.layer, transport)),
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["CODEX_URL", url], ["CODEX_TOKEN", token]])))
      )
      assert.strictEqual(said, "You said: hi")
    }).pipe(withHome))
})

layer(Layer.empty, { excludeTestServices: true })("an app-server with signed bearer tokens", (it) => {
  it.scoped("takes one signed with its secret for its issuer and audience", () =>
    Effect.gen(function*() {
      const { url } = yield* withSignedToken
      yield* assertTurn({ url, auth: WebSocketTransport.signedBearerToken(signed) })
    }).pipe(withHome))

  it.scoped("refuses what is signed with another secret, for another audience, or by another issuer", () =>
    Effect.gen(function*() {
      const { url } = yield* withSignedToken
      const said = (options: Partial<WebSocketTransport.SigningOptions>) =>
        Effect.map(
          refusal({ url, auth: WebSocketTransport.signedBearerToken({ ...signed, ...options }) }),
          ({ message, reason }) => `${reason}: ${message}`
        )
      assert.match(yield* said({ secret: Redacted.make("x") }), /^Unauthorized: .*\(401 invalid websocket jwt\)/)
      assert.match(yield* said({ audience: "others" }), /^Unauthorized: .*\(401 websocket jwt audience mismatch\)/)
      assert.match(yield* said({ issuer: undefined }), /^Unauthorized: .*\(401 websocket jwt issuer mismatch\)/)
    }).pipe(withHome))
})

layer(Layer.empty, { excludeTestServices: true })("the daemon of a CODEX_HOME", (it) => {
  it.scoped("runs turns", () =>
    Effect.gen(function*() {
      const { codexHome } = yield* TemporaryCodexHome.TemporaryCodexHome
      yield* Listening.onSocket()
      assert.strictEqual(yield* Effect.provide(runTurn("hi"), NodeCodex.layerDaemon({ codexHome })), "You said: hi")
    }).pipe(withHome))

  it.scoped("that does not run fails as Open, with the command that starts it", () =>
    Effect.gen(function*() {
      const { codexHome } = yield* TemporaryCodexHome.TemporaryCodexHome
      const error = yield* Effect.flip(Effect.scoped(DaemonTransport.make({ codexHome })))
      assert.strictEqual(error.reason, "Open")
      assert.include(error.message, Path.join(codexHome, "app-server-control"))
      assert.include(error.message, "codex app-server daemon start")
    }).pipe(withHome))
})
