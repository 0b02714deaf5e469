/**
 * The search for the codex binary.
 *
 * @since 0.1.0
 */
export * as CodexBinary from "./CodexBinary.js"

/**
 * The app-server as a child process: frames over its stdin and stdout, and a shutdown that leaves nothing behind.
 *
 * @since 0.1.0
 */
export * as ProcessTransport from "./ProcessTransport.js"

/**
 * Ready-made Layers: the app-server as a child process, its connection and the `Codex` service in one.
 *
 * @since 0.1.0
 */
export * as NodeCodex from "./NodeCodex.js"
