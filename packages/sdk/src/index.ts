/**
 * @since 0.1.0
 */
export * as Account from "./Account.js"

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
export * as CodexPool from "./CodexPool.js"

/**
 * @since 0.1.0
 */
export * as Command from "./Command.js"

/**
 * @since 0.1.0
 */
export * as Delivery from "./Delivery.js"

/**
 * @since 0.1.0
 */
export * as Elicitation from "./Elicitation.js"

/**
 * @since 0.1.0
 */
export * as Files from "./Files.js"

/**
 * @since 0.1.0
 */
export * as FuzzyFileSearch from "./FuzzyFileSearch.js"

/**
 * @since 0.1.0
 */
export * as Goal from "./Goal.js"

/**
 * @since 0.1.0
 */
export * as Input from "./Input.js"

/**
 * @since 0.1.0
 */
export * as McpServers from "./McpServers.js"

/**
 * @since 0.1.0
 */
export * as Observability from "./Observability.js"

/**
 * @since 0.1.0
 */
export * as Process from "./Process.js"

/**
 * @since 0.1.0
 */
export * as Realtime from "./Realtime.js"

/**
 * @since 0.1.0
 */
export * as Retry from "./Retry.js"

/**
 * @since 0.1.0
 */
export * as Review from "./Review.js"

/**
 * @since 0.1.0
 */
export * as ServerRequests from "./ServerRequests.js"

/**
 * @since 0.1.0
 */
export * as StructuredOutput from "./StructuredOutput.js"

/**
 * @since 0.1.0
 */
export * as SubAgents from "./SubAgents.js"

/**
 * @since 0.1.0
 */
export * as Supervision from "./Supervision.js"

/**
 * @since 0.1.0
 */
export * as Thread from "./Thread.js"

/**
 * @since 0.1.0
 */
export * as Tool from "./Tool.js"

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
