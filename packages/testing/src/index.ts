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
