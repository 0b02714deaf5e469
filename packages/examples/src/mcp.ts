/**
 * An MCP server of the app-server: how it starts, what it offers, and a call of its tool that no model asked for.
 */
import { AppServer, Codex } from "@effect-codex/sdk"
import { CodexTest } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { fileURLToPath } from "node:url"

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const { connectionEvents, list, request } = yield* AppServer.AppServer

  const startup = yield* connectionEvents.pipe(
    Stream.filter((event) => event._tag === "McpServerStartupStatusUpdated"),
    Stream.tap(({ name, status }) => Console.log(`${name} is ${status}`)),
    Stream.takeUntil(({ status }) => status !== "starting"),
    Stream.runDrain,
    Effect.fork
  )
  yield* Effect.yieldNow()
  const { id: threadId } = yield* codex.startThread()

  // Waits until the MCP server has started.
  const { content } = yield* request("mcpServer/tool/call", {
    threadId,
    server: "shouter",
    tool: "shout",
    arguments: { text: "hello" }
  })
  yield* startup
  yield* list("mcpServerStatus/list", { detail: "toolsAndAuthOnly" }).pipe(
    Stream.runForEach(({ name, tools }) => Console.log(`${name} has ${Object.keys(tools).join(", ")}`))
  )
  yield* Console.log(JSON.stringify(content))
})

// Without a script it would be `NodeCodex.layer()`, and the MCP server stand in `~/.codex/config.toml`.
const shouter = { command: process.execPath, args: [fileURLToPath(new URL("mcp/shouter.mjs", import.meta.url))] }

program.pipe(Effect.provide(CodexTest.layer({ config: { mcp_servers: { shouter } } })), NodeRuntime.runMain)
