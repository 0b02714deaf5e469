/**
 * @since 0.1.0
 */
export * as CodexError from "./CodexError.js"
/**
 * @since 0.1.0
 */
export * as Transport from "./Transport.js"
