/**
 * What a turn is given: text, images, skills, mentions. A string is text.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"

/**
 * One part, or several in order; a string is a text part.
 *
 * @since 0.1.0
 * @category models
 */
export type Input = string | Client.UserInput | ReadonlyArray<string | Client.UserInput>

/**
 * @since 0.1.0
 * @category constructors
 */
export const text = (text: string): Client.UserInput => ({ type: "text", text })

/**
 * An image by its URL; a `data:` URL carries it inline.
 *
 * @since 0.1.0
 * @category constructors
 */
export const image = (url: string): Client.UserInput => ({ type: "image", url })

/**
 * An image file, by a path that the server can read.
 *
 * @since 0.1.0
 * @category constructors
 */
export const localImage = (path: string): Client.UserInput => ({ type: "localImage", path })

/**
 * A skill, by its name and the path of its file.
 *
 * @since 0.1.0
 * @category constructors
 */
export const skill = (options: { readonly name: string; readonly path: string }): Client.UserInput => ({
  type: "skill",
  ...options
})

/**
 * A mention of an app or a file, by the name to show and its path.
 *
 * @since 0.1.0
 * @category constructors
 */
export const mention = (options: { readonly name: string; readonly path: string }): Client.UserInput => ({
  type: "mention",
  ...options
})

/**
 * The parts as the wire has them.
 *
 * @since 0.1.0
 * @category conversions
 */
export const toParts = (input: Input): Array<Client.UserInput> => {
  const parts: ReadonlyArray<string | Client.UserInput> = isParts(input) ? input : [input]
  return parts.map((part) => typeof part === "string" ? text(part) : part)
}

const isParts = (input: Input): input is ReadonlyArray<string | Client.UserInput> => Array.isArray(input)
