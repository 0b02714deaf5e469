/**
 * The answers to what an MCP server asks of the user.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 * @category models
 */
export type Answer = Accept | Decline | Cancel

/**
 * The form filled in, or the page visited, which has no content.
 *
 * @since 0.1.0
 * @category models
 */
export interface Accept {
  readonly _tag: "Accept"
  readonly content: unknown
}

/**
 * The user does not want to.
 *
 * @since 0.1.0
 * @category models
 */
export interface Decline {
  readonly _tag: "Decline"
}

/**
 * The user turned away without deciding.
 *
 * @since 0.1.0
 * @category models
 */
export interface Cancel {
  readonly _tag: "Cancel"
}

/**
 * A form takes its fields by name; what does not fit them is refused before it is sent.
 *
 * @since 0.1.0
 * @category constructors
 */
export const accept = (content?: { readonly [field: string]: unknown }): Accept => ({ _tag: "Accept", content })

/**
 * @since 0.1.0
 * @category constructors
 */
export const decline: Decline = { _tag: "Decline" }

/**
 * @since 0.1.0
 * @category constructors
 */
export const cancel: Cancel = { _tag: "Cancel" }
