/**
 * The search for the codex binary.
 *
 * @since 0.1.0
 */
import type { BinaryNotFound } from "@effect-codex/sdk/CodexError"
import * as Effect from "effect/Effect"
import * as internal from "./internal/codexBinary.js"

/**
 * A codex binary that can be run.
 *
 * @since 0.1.0
 * @category models
 */
export interface CodexBinary {
  /** Absolute. */
  readonly path: string
  /** Where it was found: given by the caller, in the installed `@openai/codex`, or as `codex` on `PATH`. */
  readonly source: "explicit" | "package" | "PATH"
  /** Folders of tools that came with it; they belong first on the `PATH` it runs with. */
  readonly pathDirs: ReadonlyArray<string>
  /** What `codex-package.json` beside it says; absent for a binary that stands alone or is of an older layout. */
  readonly version?: string
}

/**
 * Finds the codex binary: the given path, else the one of the installed `@openai/codex` (seen from this package, then
 * from the working directory), else `codex` on `PATH`. Where `PATH` leads to the launcher script of the npm package,
 * the real binary behind it is taken.
 *
 * A given path that cannot be run fails at once; nothing else is tried in its place.
 *
 * @example
 * ```ts
 * import { CodexBinary } from "@effect-codex/node"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function*() {
 *   const binary = yield* CodexBinary.find()
 *   yield* Effect.log(`${binary.path} (${binary.version ?? "unknown version"})`)
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const find = (options?: {
  /** Relative to the working directory of the program. */
  readonly binary?: string | undefined
  /** The environment whose `PATH` is searched. Default: the program's own. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
}): Effect.Effect<CodexBinary, BinaryNotFound> =>
  options?.binary === undefined
    ? Effect.suspend(() => internal.search(internal.host(options?.env ?? process.env)))
    : internal.explicit(options.binary)
