/**
 * @since 0.1.0
 * @category type ids
 */
export const TypeId: unique symbol = Symbol.for("@effect-codex/sdk/CodexError")

/**
 * @since 0.1.0
 * @category type ids
 */
export type TypeId = typeof TypeId
