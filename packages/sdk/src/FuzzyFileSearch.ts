/**
 * Finding files by a few characters of their path, while a person types them. For a single query,
 * `appServer.request("fuzzyFileSearch", { query, roots })` answers with everything it found.
 *
 * @since 0.1.0
 */
import type * as Server from "@effect-codex/protocol/Server"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { AppServer, ExperimentalApi } from "./AppServer.js"
import type { ConnectionClosed, RequestError } from "./CodexError.js"
import { current } from "./internal/connection/current.js"
import * as internal from "./internal/operations/fuzzyFileSearch.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The folders to look in, at least one, as absolute paths. They are read when the session starts. */
  readonly roots: ReadonlyArray<string>
}

/**
 * What a query has brought so far.
 *
 * @since 0.1.0
 * @category models
 */
export interface Results {
  readonly query: string
  /** The best matches, best first. */
  readonly files: ReadonlyArray<Server.FuzzyFileSearchResult>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Session {
  /** Looks for something else from now on. It succeeds when the server has accepted the query. */
  readonly search: (query: string) => Effect.Effect<void, RequestError>

  /**
   * The results of the latest query, each time with all that is known: they grow and get better while the server looks
   * through the folders, and it does not say for which query it is done. A reader that is slow is given the newest
   * ones. The stream ends with the session.
   */
  readonly results: Stream.Stream<Results, ConnectionClosed>
}

/**
 * Opens a session for the scope; its end stops the search on the server.
 *
 * @example
 * ```ts
 * import { FuzzyFileSearch } from "@effect-codex/sdk"
 * import { Console, Effect, Stream } from "effect"
 *
 * const program = (typed: Stream.Stream<string>) =>
 *   Effect.scoped(Effect.gen(function*() {
 *     const session = yield* FuzzyFileSearch.session({ roots: ["/srv/project"] })
 *     yield* session.results.pipe(
 *       Stream.runForEach(({ files, query }) => Console.log(query, files.map(({ path }) => path))),
 *       Effect.forkScoped
 *     )
 *     yield* Stream.runForEach(typed, session.search)
 *   }))
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const session = (
  options: Options
): Effect.Effect<Session, RequestError, AppServer | ExperimentalApi | Scope.Scope> =>
  Effect.flatMap(current, (connection) => internal.session(connection, options))
