import * as Data from "effect/Data"

/**
 * What a command ends with in the shell.
 *
 * @internal
 */
export const exitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  unavailable: 3,
  limit: 4,
  notJson: 5,
  interrupted: 130,
  outputClosed: 141,
  terminated: 143
} as const

/**
 * What went wrong, in words for the user, and what to do about it.
 *
 * @internal
 */
export interface Explanation {
  readonly what: string
  readonly fix?: string | undefined
  readonly code: number
}

/**
 * A command cannot do what it was asked for.
 *
 * @internal
 */
export class Failure extends Data.TaggedError("Failure")<Explanation> {
  override get message(): string {
    return this.what
  }
}

/**
 * The command line itself makes no sense.
 *
 * @internal
 */
export const usage = (what: string, fix?: string) => new Failure({ what, fix, code: exitCode.usage })

/**
 * All was told already; this is how the program ends.
 *
 * @internal
 */
export class Ended extends Data.TaggedError("Ended")<{ readonly code: number }> {}
