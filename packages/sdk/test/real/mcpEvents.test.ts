import * as Account from "@effect-codex/sdk/Account"
import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import * as McpServers from "@effect-codex/sdk/McpServers"
import { assert, layer } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { assertIdle, codexTestExperimental } from "./harness.js"
import * as Loopback from "./loopback.js"
import { from, promises } from "./releases.js"

interface McpRequest {
  readonly id?: number
  readonly method: string
  readonly params?: { readonly protocolVersion?: string; readonly arguments?: unknown }
}

/** The hosted apps, which the app-server takes for an MCP server of every account. */
const apps = ({ id, method, params }: McpRequest): Loopback.Response => {
  const answer = (result: unknown) => Loopback.json({ jsonrpc: "2.0", id, result })
  const notify = (method: string, params: object) =>
    Loopback.sse({
      jsonrpc: "2.0",
      method,
      params: { ...params, _meta: { "io.modelcontextprotocol/subscriptionId": id } }
    })
  switch (method) {
    case "initialize":
      return answer({
        protocolVersion: params?.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: "apps", version: "1.0.0" }
      })
    case "tools/list":
      return answer({ tools: [] })
    case "events/stream":
      return {
        status: 200,
        headers: { "content-type": "text/event-stream" },
        body: notify("notifications/events/active", {})
          + notify("notifications/events/event", { data: params?.arguments })
          + notify("notifications/events/terminated", {})
      }
    default:
      return { status: 202 }
  }
}

const withApps = Layer.unwrapScoped(
  Effect.map(
    Loopback.serve(({ body, method, path }) =>
      path !== "/backend-api/ps/mcp"
        ? Loopback.notFound
        : method === "POST"
        ? apps(JSON.parse(body))
        : { status: 405 }
    ),
    ({ origin }) => codexTestExperimental(Loopback.inPlaceOfHosts(origin))
  )
)

layer(withApps, { excludeTestServices: true })("the events of an MCP server", (it) => {
  from(promises.mcpEvents, it.effect)("come until they are terminated", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const { request } = yield* AppServer
      yield* Account.loginTokens({
        accessToken: Redacted.make(Loopback.accountToken),
        chatgptAccountId: "account-1"
      })
      const { id: threadId } = yield* codex.startThread()
      const events = yield* Stream.runCollect(
        McpServers.events({ threadId, server: "codex_apps", name: "issues", arguments: { project: "one" } })
      )
      assert.deepStrictEqual(Chunk.toReadonlyArray(events).map(({ method }) => method), [
        "notifications/events/active",
        "notifications/events/event",
        "notifications/events/terminated"
      ])
      assert.deepInclude(Chunk.unsafeGet(events, 1).params, { data: { project: "one" } })
      yield* request("account/logout", undefined)
      yield* assertIdle
    }))

  from(promises.mcpEvents, it.effect)("are refused where the server is not a hosted app", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const { id: threadId } = yield* codex.startThread()
      const error = yield* Effect.flip(Stream.runDrain(
        McpServers.events({ threadId, server: "nobody", name: "issues", arguments: {} })
      ))
      assert.strictEqual(error._tag, "RequestFailed")
      yield* assertIdle
    }))
})
