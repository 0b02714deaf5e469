/**
 * Commands in the sandbox of the app-server, without a thread or a model.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { AppServer } from "./AppServer.js"
import type { RequestError } from "./CodexError.js"
import { current } from "./internal/connection/current.js"
import * as internal from "./internal/operations/command.js"
import type { Process } from "./Process.js"

/**
 * What a command is run with: the server's own params, but that it runs until it ends, unless there is a timeout, and
 * that no output is cut off.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends
  Omit<
    Client.CommandExecParams,
    "disableOutputCap" | "disableTimeout" | "outputBytesCap" | "processId" | "streamStdoutStderr" | "timeoutMs"
  >
{
  /** How long the command may run before the server kills it. */
  readonly timeout?: Duration.DurationInput | undefined
  /** How many bytes of stdout, and of stderr, wait for a slow reader before that stream fails. Default 8 MiB. */
  readonly bufferBytes?: number | undefined
}

/**
 * Runs a command for the scope. The server says nothing when it has started, so this succeeds when the command was
 * sent; one that cannot be started fails `exitCode` and the output.
 *
 * Where only the outcome of a short command is of interest, `appServer.request("command/exec", { command })` answers
 * with its exit code and its output as text, cut off at 1 MiB; the server then stops it after 10 seconds unless
 * `timeoutMs` says otherwise.
 *
 * @example
 * ```ts
 * import { Command } from "@effect-codex/sdk"
 * import { Console, Effect, Stream } from "effect"
 *
 * const program = Effect.scoped(Effect.gen(function*() {
 *   const tests = yield* Command.exec({ command: ["npm", "test"], timeout: "10 minutes" })
 *   yield* tests.stdout.pipe(
 *     Stream.decodeText(),
 *     Stream.splitLines,
 *     Stream.runForEach(Console.log)
 *   )
 *   return yield* tests.exitCode
 * }))
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const exec = (options: Options): Effect.Effect<Process, RequestError, AppServer | Scope.Scope> =>
  Effect.flatMap(current, (connection) => internal.exec(connection, options))
