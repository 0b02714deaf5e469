/**
 * @since 0.1.0
 */
export * as AppServer from "./AppServer.js"

/**
 * @since 0.1.0
 */
export * as Approval from "./Approval.js"

/**
 * @since 0.1.0
 */
export * as Codex from "./Codex.js"

/**
 * @since 0.1.0
 */
export * as CodexConfig from "./CodexConfig.js"

/**
 * @since 0.1.0
 */
export * as CodexError from "./CodexError.js"

/**
 * @since 0.1.0
 */
export * as Elicitation from "./Elicitation.js"

/**
 * @since 0.1.0
 */
export * as Input from "./Input.js"

/**
 * @since 0.1.0
 */
export * as Retry from "./Retry.js"

/**
 * @since 0.1.0
 */
export * as ServerRequests from "./ServerRequests.js"

/**
 * @since 0.1.0
 */
export * as Thread from "./Thread.js"

/**
 * @since 0.1.0
 */
export * as Transport from "./Transport.js"

/**
 * @since 0.1.0
 */
export * as Turn from "./Turn.js"

/**
 * @since 0.1.0
 */
export * as TurnEvent from "./TurnEvent.js"

/**
 * @since 0.1.0
 */
export * as TurnResult from "./TurnResult.js"
