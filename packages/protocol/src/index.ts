/**
 * The wire of the codex app-server, generated from the codex binary itself: a type and a schema for every definition,
 * and a table for each kind of message.
 *
 * @since 0.1.0
 */

/**
 * What the client sends, closed.
 *
 * @since 0.1.0
 */
export * as Client from "./Client.js"

/**
 * The notifications a client may send.
 *
 * @since 0.1.0
 */
export * as ClientNotifications from "./ClientNotifications.js"

/**
 * The requests a client may send.
 *
 * @since 0.1.0
 */
export * as ClientRequests from "./ClientRequests.js"

/**
 * The version of codex this package was generated from.
 *
 * @since 0.1.0
 */
export * as ProtocolVersion from "./ProtocolVersion.js"

/**
 * What the server sends, open to newer servers.
 *
 * @since 0.1.0
 */
export * as Server from "./Server.js"

/**
 * The notifications a server sends, and where each belongs.
 *
 * @since 0.1.0
 */
export * as ServerNotifications from "./ServerNotifications.js"

/**
 * The requests a server sends.
 *
 * @since 0.1.0
 */
export * as ServerRequests from "./ServerRequests.js"
