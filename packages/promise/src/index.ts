/**
 * @since 0.1.0
 */
export * as Approval from "@effect-codex/sdk/Approval"

/**
 * @since 0.1.0
 */
export * as Elicitation from "./Elicitation.js"

/**
 * @since 0.1.0
 */
export type { Input } from "@effect-codex/sdk/Input"

/**
 * @since 0.1.0
 */
export type { TurnResult } from "@effect-codex/sdk/TurnResult"

/**
 * @since 0.1.0
 */
export * from "./Codex.js"

/**
 * @since 0.1.0
 */
export * from "./CodexError.js"

/**
 * @since 0.1.0
 */
export * from "./Handlers.js"

/**
 * @since 0.1.0
 */
export * from "./StandardSchema.js"

/**
 * @since 0.1.0
 */
export * from "./Thread.js"

/**
 * @since 0.1.0
 */
export * from "./Tool.js"

/**
 * @since 0.1.0
 */
export * from "./Turn.js"

/**
 * @since 0.1.0
 */
export * from "./TurnEvent.js"
