/**
 * @since 0.1.0
 */
export * as ScriptedModel from "./ScriptedModel.js"

/**
 * @since 0.1.0
 */
export * as TemporaryCodexHome from "./TemporaryCodexHome.js"

/**
 * The real app-server on a scripted model.
 *
 * @since 0.1.0
 */
export * as CodexTest from "./CodexTest.js"

/**
 * A transport whose other end is in the same program.
 *
 * @since 0.1.0
 */
export * as MemoryTransport from "./MemoryTransport.js"

/**
 * What goes wrong on the wire, on purpose.
 *
 * @since 0.1.0
 */
export * as Faults from "./Faults.js"

/**
 * A conversation with the app-server as a file: recorded once, replayed from then on.
 *
 * @since 0.1.0
 */
export * as Transcript from "./Transcript.js"

/**
 * What tests of programs that use codex assert again and again.
 *
 * @since 0.1.0
 */
export * as Assertions from "./Assertions.js"
