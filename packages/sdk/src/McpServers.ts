/**
 * The MCP servers that are configured: logins to them, and the events they send. Everything else is a plain request:
 * `appServer.list("mcpServerStatus/list", {})` for what they offer, `appServer.request("mcpServer/tool/call", …)`,
 * `"mcpServer/resource/read"`, `"config/mcpServer/reload"`.
 *
 * Nothing has to be waited for: the server answers requests about an MCP server of a thread once that has started or
 * failed to. What it reports while it starts them are `McpServerStartupStatusUpdated` events of the connection.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"
import type * as Server from "@effect-codex/protocol/Server"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { AppServer, ExperimentalApi } from "./AppServer.js"
import type { ConnectionClosed, EventsError, LoginFailed, RequestError } from "./CodexError.js"
import { current } from "./internal/connection/current.js"
import * as internal from "./internal/operations/mcpServers.js"

/**
 * A login to an MCP server that a person completes.
 *
 * @since 0.1.0
 * @category models
 */
export interface Login {
  /** The name of the MCP server. */
  readonly server: string
  /** `null` where the server is too old to name these logins. */
  readonly loginId: string | null
  /** Where the person logs in, in a browser on the machine of the server: it comes back to a port of the server. */
  readonly authorizationUrl: string

  /** Waits until the person has logged in. The server starts the MCP server again by itself after that. */
  readonly completed: Effect.Effect<void, LoginFailed | ConnectionClosed>
}

/**
 * @since 0.1.0
 * @category models
 */
export type LoginOptions = Omit<Client.McpServerOauthLoginParams, "name">

/**
 * What to subscribe to; the id of the subscription is chosen by the SDK.
 *
 * @since 0.1.0
 * @category models
 */
export type EventsOptions = Omit<Client.McpServerEventStreamStartParams, "subscriptionId">

/**
 * Begins a login by OAuth to an MCP server that speaks HTTP. The server has no means to cancel one: when the scope
 * closes first, `completed` fails and the server gives the login up in its time (`timeoutSecs`).
 *
 * @example
 * ```ts
 * import { McpServers } from "@effect-codex/sdk"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.scoped(Effect.gen(function*() {
 *   const login = yield* McpServers.login("tracker", { timeoutSecs: 300 })
 *   yield* Console.log(`Log in at ${login.authorizationUrl}`)
 *   yield* login.completed
 * }))
 * ```
 *
 * @since 0.1.0
 * @category login
 */
export const login = (
  name: string,
  options?: LoginOptions
): Effect.Effect<Login, RequestError, AppServer | Scope.Scope> =>
  Effect.flatMap(current, (connection) => internal.login(connection, { ...options, name }))

/**
 * The events of an MCP server's event stream, as it sends them, from when the stream is run; stopping it ends the
 * subscription. It ends after `notifications/events/terminated`. So far the server has this for hosted apps only.
 *
 * @since 0.1.0
 * @category events
 */
export const events = (
  options: EventsOptions
): Stream.Stream<Server.McpServerEventNotification, RequestError | EventsError, AppServer | ExperimentalApi> =>
  Stream.unwrap(Effect.map(current, (connection) => internal.events(connection, options)))
