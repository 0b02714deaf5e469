/**
 * The answers to what an MCP server asks of the user: a form to fill in, a page to visit, whether a tool may be called.
 *
 * @since 0.1.0
 */
export {
  /**
   * @since 0.1.0
   * @category constructors
   */
  accept,
  /**
   * @since 0.1.0
   * @category constructors
   */
  acceptAlways,
  /**
   * @since 0.1.0
   * @category constructors
   */
  acceptForSession,
  /**
   * @since 0.1.0
   * @category models
   */
  type Answer,
  /**
   * @since 0.1.0
   * @category constructors
   */
  cancel,
  /**
   * @since 0.1.0
   * @category constructors
   */
  decline
} from "@effect-codex/sdk/Elicitation"
