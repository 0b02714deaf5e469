import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import * as McpServers from "@effect-codex/sdk/McpServers"
import { TemporaryCodexHome } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { assertIdle, codexTest } from "./harness.js"
import * as Loopback from "./loopback.js"
import { from, promises } from "./releases.js"

const fixture = fileURLToPath(new URL("../fixtures/mcpServer.mjs", import.meta.url))

const stdio = (...args: ReadonlyArray<string>) => ({ command: process.execPath, args: [fixture, ...args] })

/** An MCP server that wants OAuth, with its authorization server beside it. */
const respond = ({ authorization, body, method, path }: Loopback.Request, origin: string): Loopback.Response => {
  const { json } = Loopback
  switch (path) {
    case "/.well-known/oauth-protected-resource":
      return json({ resource: `${origin}/mcp`, authorization_servers: [origin] })
    case "/.well-known/oauth-authorization-server":
      return json({
        issuer: origin,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        registration_endpoint: `${origin}/register`,
        response_types_supported: ["code"],
        code_challenge_methods_supported: ["S256"]
      })
    case "/register":
      return json({ client_id: "client-1", redirect_uris: JSON.parse(body).redirect_uris }, 201)
    case "/token":
      return json({ access_token: "access-1", token_type: "Bearer", expires_in: 3600, refresh_token: "refresh-1" })
    case "/mcp":
      if (authorization !== "Bearer access-1") {
        const metadata = `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource"`
        return { status: 401, headers: { "www-authenticate": metadata }, body: {} }
      }
      return method === "POST" ? speak(JSON.parse(body)) : { status: 405 }
    default:
      return Loopback.notFound
  }
}

const speak = (
  { id, method, params }: {
    readonly id?: number
    readonly method: string
    readonly params?: { readonly protocolVersion?: string }
  }
): Loopback.Response => {
  const answer = (result: unknown): Loopback.Response => ({ status: 200, body: { jsonrpc: "2.0", id, result } })
  if (id === undefined) {
    return { status: 202 }
  }
  switch (method) {
    case "initialize":
      return answer({
        protocolVersion: params?.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: "web", version: "1.0.0" }
      })
    case "tools/list":
      return answer({ tools: [] })
    case "resources/list":
      return answer({ resources: [] })
    default:
      return answer({ resourceTemplates: [] })
  }
}

const withServers = Layer.unwrapScoped(
  Effect.map(Loopback.serve(respond), ({ origin }) =>
    codexTest({
      config: {
        mcp_oauth_credentials_store: "file",
        mcp_servers: {
          fixture: stdio(),
          held: stdio("--hold", "released"),
          dead: stdio("--die"),
          web: { url: `${origin}/mcp` }
        }
      }
    }))
)

layer(withServers, { excludeTestServices: true })("MCP servers", (it) => {
  from(promises.mcpServersByName, it.effect)("are listed with their tools and resources", () =>
    Effect.gen(function*() {
      const { request } = yield* AppServer
      const { data } = yield* request("mcpServerStatus/list", { serverName: "fixture" })
      const server = data.find(({ name }) => name === "fixture")
      assert.sameMembers(Object.keys(server?.tools ?? {}), ["echo", "ask", "visit", "fail"])
      assert.deepStrictEqual(server?.resources.map(({ uri }) => uri), ["memo://greeting"])
      yield* assertIdle
    }))

  it.effect("are told of as they start or fail to, and a call waits until its server has", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const { connectionEvents, request } = yield* AppServer
      const { cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
      const told = yield* connectionEvents.pipe(
        Stream.filterMap((event) =>
          event._tag === "McpServerStartupStatusUpdated" && (event.name === "held" || event.name === "dead")
            ? Option.some([event.name, event.status] as const)
            : Option.none()
        ),
        Stream.take(4),
        Stream.runCollect,
        Effect.fork
      )
      yield* Effect.yieldNow()
      const { id: threadId } = yield* codex.startThread()
      const calling = yield* Effect.fork(
        request("mcpServer/tool/call", { threadId, server: "held", tool: "echo", arguments: { text: "hi" } })
      )
      const error = yield* Effect.flip(request("mcpServer/tool/call", { threadId, server: "dead", tool: "echo" }))
      assert.strictEqual(error._tag, "RequestFailed")
      assert.isTrue(Option.isNone(yield* Fiber.poll(calling)))
      yield* Effect.promise(() => Fs.writeFile(`${cwd}/released`, ""))
      assert.deepStrictEqual<unknown>((yield* calling).content, [{ type: "text", text: "hi" }])
      const statuses = Chunk.toReadonlyArray(yield* told)
      const of = (server: string) => statuses.filter(([name]) => name === server).map(([, status]) => status)
      assert.deepStrictEqual(of("held"), ["starting", "ready"])
      assert.deepStrictEqual(of("dead"), ["starting", "failed"])
      yield* assertIdle
    }))

  it.effect("have their tools called and their resources read", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const { request } = yield* AppServer
      const { id: threadId } = yield* codex.startThread()
      const failed = yield* request("mcpServer/tool/call", { threadId, server: "fixture", tool: "fail" })
      assert.deepInclude<unknown>(failed, { isError: true, content: [{ type: "text", text: "nothing works" }] })
      const { contents } = yield* request("mcpServer/resource/read", {
        threadId,
        server: "fixture",
        uri: "memo://greeting"
      })
      assert.deepStrictEqual<unknown>(contents, [{ uri: "memo://greeting", mimeType: "text/plain", text: "Hello." }])
      yield* assertIdle
    }))

  it.scoped("are logged in to once the browser comes back", () =>
    Effect.gen(function*() {
      const { request } = yield* AppServer
      const login = yield* McpServers.login("web")
      yield* Loopback.comeBack(login.authorizationUrl, { code: "code-1" })
      yield* login.completed
      const { data } = yield* request("mcpServerStatus/list", { serverName: "web" })
      assert.strictEqual(data.find(({ name }) => name === "web")?.authStatus, "oAuth")
    }))

  it.scoped("are not logged in to where the person refuses", () =>
    Effect.gen(function*() {
      const login = yield* McpServers.login("web")
      yield* Loopback.comeBack(login.authorizationUrl, { error: "access_denied" })
      const error = yield* Effect.flip(login.completed)
      assert.deepInclude(error, { _tag: "LoginFailed", server: "web", reason: "Failed" })
      assert.include(error.message, "access_denied")
    }))

  it.scoped("are not logged in to where they speak no HTTP", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(McpServers.login("fixture")))._tag, "RequestFailed")
    }))
})
