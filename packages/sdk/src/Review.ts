/**
 * What a review looks at. `Thread.review` runs one.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"
import type * as Duration from "effect/Duration"

/**
 * @since 0.1.0
 * @category models
 */
export type Target = Client.ReviewTarget

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** How long to wait for the server to accept the review, in place of the configured `requestTimeout`. */
  readonly timeout?: Duration.DurationInput | undefined
}

/**
 * What is not committed: staged, unstaged and untracked files.
 *
 * @since 0.1.0
 * @category constructors
 */
export const uncommittedChanges: Target = { type: "uncommittedChanges" }

/**
 * What the current branch changes, from where it left the given one. The review fails where the thread's folder is no
 * git repository.
 *
 * @since 0.1.0
 * @category constructors
 */
export const baseBranch = (branch: string): Target => ({ type: "baseBranch", branch })

/**
 * What one commit changes. The title is for people to read.
 *
 * @since 0.1.0
 * @category constructors
 */
export const commit = (sha: string, options?: { readonly title?: string | undefined }): Target => ({
  type: "commit",
  sha,
  ...options
})

/**
 * Whatever the instructions say.
 *
 * @since 0.1.0
 * @category constructors
 */
export const custom = (instructions: string): Target => ({ type: "custom", instructions })
