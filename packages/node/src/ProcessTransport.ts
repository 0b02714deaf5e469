/**
 * The app-server as a child process: frames over its stdin and stdout, and a shutdown that leaves nothing behind.
 *
 * @since 0.1.0
 */
import type { BinaryNotFound, TransportError } from "@effect-codex/sdk/CodexError"
import { Transport } from "@effect-codex/sdk/Transport"
import type * as Context from "effect/Context"
import type { DurationInput } from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as internal from "./internal/processTransport.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The binary to run; without it, it is searched for as `CodexBinary.find` says. */
  readonly binary?: string | undefined
  /** Default: `["app-server"]`. */
  readonly args?: ReadonlyArray<string> | undefined
  /**
   * Settings that override those of `config.toml`, by their dotted names; each becomes a `-c name=value` before `args`.
   * They show in the list of processes: no place for a secret.
   */
  readonly config?: Readonly<Record<string, string | number | boolean>> | undefined
  /** The working directory of the process. It must exist. Default: the program's own. */
  readonly cwd?: string | undefined
  /**
   * Variables merged over the inherited ones; `undefined` takes one away. The value of a `Redacted` one, and of one whose
   * name says that it is secret, is hidden wherever the process writes it to stderr.
   */
  readonly env?: Readonly<Record<string, string | Redacted.Redacted | undefined>> | undefined
  /**
   * Whether the program's own environment is inherited. Default: `true`; with `false` there is nothing but `env`,
   * `CODEX_HOME` where `codexHome` is given, and the mark by which descendants are told (see `make`).
   */
  readonly extendEnv?: boolean | undefined
  /** The folder of configuration, sessions and credentials (`CODEX_HOME`). It must exist. Default: codex's own choice. */
  readonly codexHome?: string | undefined
  /** How long the process has to end once its stdin is closed, before SIGTERM. Default: 2 seconds. */
  readonly closeGrace?: DurationInput | undefined
  /** How long it and all that it started have to end after SIGTERM, before SIGKILL. Default: 2 seconds. */
  readonly terminateGrace?: DurationInput | undefined
  /**
   * Whether a shell of 2 MB waits beside the process and ends it, with everything it started, when the program is ended
   * without a chance to do so: by SIGKILL, by a signal that nobody handles, by a crash of Node. Default: `true`, except on
   * Windows, where there is none. Without it the app-server still ends by itself then, and what it started may not.
   */
  readonly watchdog?: boolean | undefined
  /** How much of the end of stderr is kept, in bytes. Default: 64 KiB. */
  readonly stderrTailBytes?: number | undefined
  /** A longer line on stdout is dropped and logged; nothing beyond this is ever held. Default: 256 MiB. */
  readonly maxFrameBytes?: number | undefined
}

/**
 * Starts the process and ends it, with everything it started, when the scope closes: stdin closed, then SIGTERM, then
 * SIGKILL, each after its grace and only to what is left. It takes no longer than that needs. A `process.exit` of the
 * program kills all of them as well, and when the program itself is killed the watchdog ends them in the same order (see
 * `watchdog`).
 *
 * That includes what left the process group, such as the login shells of the app-server and what its commands put in the
 * background. They are told by descent and by the variable `EFFECT_CODEX_PROCESS`, which every process inherits. Two
 * kinds may escape: what was started in a session of its own with a clean environment and lost all its ancestors before
 * the scope began to close or the program was killed; and, of the orphans of a crash on macOS, programs of the system,
 * whose environment it hides.
 *
 * Fails with `TransportError { reason: "Open" }` where `cwd` or `codexHome` is no folder, or the system refuses to start
 * the process.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: (
  options?: Options
) => Effect.Effect<Context.Tag.Service<typeof Transport>, BinaryNotFound | TransportError, Scope.Scope> = internal.make

/**
 * The transport of a process that lives as long as the layer. See `make`.
 *
 * @example
 * ```ts
 * import { ProcessTransport } from "@effect-codex/node"
 *
 * const TransportLive = ProcessTransport.layer({ config: { "features.plugins": false } })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<Transport, BinaryNotFound | TransportError> =>
  Layer.scoped(Transport, make(options))
