/**
 * Processes on the machine of the app-server, outside its sandbox. `Command` runs one inside.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Sink from "effect/Sink"
import type * as Stream from "effect/Stream"
import type { AppServer, ExperimentalApi } from "./AppServer.js"
import type { OutputOverflow, RequestError } from "./CodexError.js"
import { current } from "./internal/connection/current.js"
import * as internal from "./internal/operations/spawn.js"

/**
 * How the output of a process ends other than by its end.
 *
 * @since 0.1.0
 * @category models
 */
export type OutputError = RequestError | OutputOverflow

/**
 * The size of a terminal, in character cells.
 *
 * @since 0.1.0
 * @category models
 */
export type TerminalSize = Client.ProcessTerminalSize

/**
 * A process that belongs to a scope: when it closes, a process that still runs is killed, and its end waited for for
 * at most `interruptGrace`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Process {
  /**
   * Writes what it is given, at the pace of the process, and closes stdin at the end. It needs `streamStdin` or `tty`.
   * When the process ends first, the rest is not written.
   */
  readonly stdin: Sink.Sink<void, Uint8Array, never, RequestError>

  /**
   * What the process prints, from its beginning; on a terminal, its stderr as well. Like a pipe it has one reader: a
   * later run goes on where the one before stopped. A character may be cut between two elements, which
   * `Stream.decodeText` puts together. What nobody reads waits up to `bufferBytes`.
   */
  readonly stdout: Stream.Stream<Uint8Array, OutputError>

  /** The same for stderr. */
  readonly stderr: Stream.Stream<Uint8Array, OutputError>

  /** Waits for the end: 124 after the timeout, 137 where it was killed (-1 on old servers). */
  readonly exitCode: Effect.Effect<number, RequestError>

  readonly isRunning: Effect.Effect<boolean>

  /** Tells the process that its terminal has another size. It needs `tty`. */
  readonly resize: (size: TerminalSize) => Effect.Effect<void, RequestError>

  /** Ends the process at once, without asking it. Where it has ended, nothing happens. */
  readonly kill: Effect.Effect<void, RequestError>
}

/**
 * What a process is started with: the server's own params, but that it runs until it ends, unless there is a timeout,
 * and that no output is cut off.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options
  extends Omit<Client.ProcessSpawnParams, "outputBytesCap" | "processHandle" | "streamStdoutStderr" | "timeoutMs">
{
  /** How long the process may run before the server kills it. */
  readonly timeout?: Duration.DurationInput | undefined
  /** How many bytes of stdout, and of stderr, wait for a slow reader before that stream fails. Default 8 MiB. */
  readonly bufferBytes?: number | undefined
}

/**
 * Starts a process for the scope, without a sandbox, and succeeds when it runs.
 *
 * @example
 * ```ts
 * import { Process } from "@effect-codex/sdk"
 * import { Console, Effect, Stream } from "effect"
 *
 * const program = Effect.scoped(Effect.gen(function*() {
 *   const process = yield* Process.spawn({ command: ["git", "log", "--oneline"], cwd: "/srv/project" })
 *   yield* process.stdout.pipe(
 *     Stream.decodeText(),
 *     Stream.splitLines,
 *     Stream.runForEach(Console.log)
 *   )
 *   return yield* process.exitCode
 * }))
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const spawn = (
  options: Options
): Effect.Effect<Process, RequestError, AppServer | ExperimentalApi | Scope.Scope> =>
  Effect.flatMap(current, (connection) => internal.spawn(connection, options))
