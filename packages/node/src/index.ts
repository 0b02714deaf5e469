/**
 * The search for the codex binary.
 *
 * @since 0.1.0
 */
export * as CodexBinary from "./CodexBinary.js"

/**
 * The app-server's own daemon: one that was started once for a `CODEX_HOME`, and is shared by the programs of its user.
 *
 * @since 0.1.0
 */
export * as DaemonTransport from "./DaemonTransport.js"

/**
 * The app-server as a child process: frames over its stdin and stdout, and a shutdown that leaves nothing behind.
 *
 * @since 0.1.0
 */
export * as ProcessTransport from "./ProcessTransport.js"

/**
 * Ready-made Layers: an app-server, its connection and the `Codex` service in one.
 *
 * @since 0.1.0
 */
export * as NodeCodex from "./NodeCodex.js"

/**
 * An app-server that runs already and listens on a WebSocket or a unix socket.
 *
 * @since 0.1.0
 */
export * as WebSocketTransport from "./WebSocketTransport.js"
