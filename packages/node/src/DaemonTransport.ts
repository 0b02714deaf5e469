/**
 * The app-server's own daemon: one that was started once for a `CODEX_HOME`, and is shared by the programs of its user.
 *
 * @since 0.1.0
 */
import type { TransportError } from "@effect-codex/sdk/CodexError"
import { Transport } from "@effect-codex/sdk/Transport"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as WebSocketTransport from "./WebSocketTransport.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options
  extends Pick<WebSocketTransport.Options, "openTimeout" | "closeGrace" | "heartbeat" | "maxFrameBytes">
{
  /** The folder whose daemon is meant. Default: as codex chooses it, `CODEX_HOME` or else `~/.codex`. */
  readonly codexHome?: string | undefined
}

/**
 * Connects to the daemon that `codex app-server daemon start` has started, or to an app-server with `--listen unix://`,
 * and lets go of it when the scope closes.
 *
 * It is not started from here, because that installs codex in `CODEX_HOME`, and a process that keeps it up to date, for
 * good: both stay when the program ends, and the latter even when the daemon is stopped. Fails with
 * `TransportError { reason: "Open" }` where none listens.
 *
 * Its threads are also those of other programs, and its version is not that of this package: `AppServer.info` has it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: (
  options?: Options
) => Effect.Effect<Context.Tag.Service<typeof Transport>, TransportError, Scope.Scope> = (options) =>
  Effect.flatMap(Effect.promise(implementation), (internal) => internal.make(options))

// As for `WebSocketTransport`: loaded with the first connection.
const implementation = () => import("./internal/daemonTransport.js")

/**
 * The transport of a connection that lives as long as the layer. See `make`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<Transport, TransportError> =>
  Layer.scoped(Transport, make(options))
