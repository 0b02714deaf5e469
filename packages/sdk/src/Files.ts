/**
 * Files on the machine of the app-server. What is not here needs no help: `appServer.request("fs/readDirectory", …)`
 * and the other `fs/…` methods. Paths are absolute.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { AppServer } from "./AppServer.js"
import type { EventsError, RequestError } from "./CodexError.js"
import { current } from "./internal/connection/current.js"
import * as internal from "./internal/operations/files.js"

/**
 * The whole file, which travels as one message.
 *
 * @since 0.1.0
 * @category combinators
 */
export const readFile = (path: string): Effect.Effect<Uint8Array, RequestError, AppServer> =>
  Effect.flatMap(current, (connection) => internal.readFile(connection, path))

/**
 * The whole file as text. What is not UTF-8 becomes U+FFFD.
 *
 * @since 0.1.0
 * @category combinators
 */
export const readFileString = (path: string): Effect.Effect<string, RequestError, AppServer> =>
  Effect.map(readFile(path), (bytes) => new TextDecoder().decode(bytes))

/**
 * Writes bytes, or a string as UTF-8, in place of what the file held. Its folder has to exist.
 *
 * @since 0.1.0
 * @category combinators
 */
export const writeFile = (path: string, data: string | Uint8Array): Effect.Effect<void, RequestError, AppServer> =>
  Effect.flatMap(current, (connection) => internal.writeFile(connection, path, data))

/**
 * The paths that have changed, as the server gathers them, while the stream runs: the file itself, or what stands
 * directly in the folder. The path need not exist yet.
 *
 * @example
 * ```ts
 * import { Files } from "@effect-codex/sdk"
 * import { Console, Stream } from "effect"
 *
 * const program = Files.watch("/srv/project/src").pipe(
 *   Stream.flattenIterables,
 *   Stream.runForEach((path) => Console.log(`changed: ${path}`))
 * )
 * ```
 *
 * @since 0.1.0
 * @category streams
 */
export const watch = (
  path: string
): Stream.Stream<ReadonlyArray<string>, RequestError | EventsError, AppServer> =>
  Stream.unwrap(Effect.map(current, (connection) => internal.watch(connection, path)))
