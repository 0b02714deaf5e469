/**
 * Ready-made Layers: an app-server, its connection and the `Codex` service in one.
 *
 * @since 0.1.0
 */
import type { AppServer, ExperimentalApi } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import type { BinaryNotFound, HandshakeError, TransportError } from "@effect-codex/sdk/CodexError"
import type * as Supervision from "@effect-codex/sdk/Supervision"
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as DaemonTransport from "./DaemonTransport.js"
import * as ProcessTransport from "./ProcessTransport.js"
import * as WebSocketTransport from "./WebSocketTransport.js"

/**
 * What can keep the Layer from being built.
 *
 * @since 0.1.0
 * @category models
 */
export type LayerError = BinaryNotFound | TransportError | HandshakeError

/**
 * Starts `codex app-server`, opens the connection, and provides `Codex`. Closing the Layer interrupts the open turns
 * on the server and ends the process with everything it started. Deadlines and bounds are those of `CodexConfig`, which is
 * provided as a Layer where its defaults do not suit.
 *
 * @example
 * ```ts
 * import { NodeCodex } from "@effect-codex/node"
 * import { Codex } from "@effect-codex/sdk"
 * import { NodeRuntime } from "@effect/platform-node"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const codex = yield* Codex.Codex
 *   const thread = yield* codex.startThread()
 *   const { finalResponse } = yield* thread.run("Say hello.")
 *   yield* Console.log(finalResponse)
 * })
 *
 * program.pipe(Effect.provide(NodeCodex.layer()), NodeRuntime.runMain)
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options?: ProcessTransport.Options
): Layer.Layer<Codex.Codex | AppServer, LayerError> => Layer.provide(Codex.layer, ProcessTransport.layer(options))

/**
 * The same with the `experimentalApi` capability, so that experimental methods and fields can be used.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerExperimental = (
  options?: ProcessTransport.Options
): Layer.Layer<Codex.Codex | AppServer | ExperimentalApi, LayerError> =>
  Layer.provide(Codex.layerExperimental, ProcessTransport.layer(options))

/**
 * The same as `layer`, but an app-server that ends is started again, as `Supervision` describes: threads stay good, and
 * what was under way fails. That the first one cannot be started fails the Layer.
 *
 * @example
 * ```ts
 * import { NodeCodex } from "@effect-codex/node"
 * import { Schedule } from "effect"
 *
 * const CodexLive = NodeCodex.layerSupervised({ codexHome: "/srv/codex" }, { schedule: Schedule.spaced("1 second") })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSupervised = (
  options?: ProcessTransport.Options,
  supervision?: Supervision.Options
): Layer.Layer<Codex.Codex | AppServer | Supervision.Supervision, LayerError> =>
  Codex.layerSupervised(ProcessTransport.layer(options), supervision)

/**
 * The same with the `experimentalApi` capability, which tools and other experimental methods need.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSupervisedExperimental = (
  options?: ProcessTransport.Options,
  supervision?: Supervision.Options
): Layer.Layer<Codex.Codex | AppServer | Supervision.Supervision | ExperimentalApi, LayerError> =>
  Codex.layerSupervisedExperimental(ProcessTransport.layer(options), supervision)

/**
 * `layer` with options from the program's `Config`, for example
 * `layerConfig({ binary: Config.string("CODEX_BINARY"), codexHome: Config.string("CODEX_HOME") })`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Config.Config.Wrap<ProcessTransport.Options>
): Layer.Layer<Codex.Codex | AppServer, LayerError | ConfigError> =>
  Layer.unwrapEffect(Effect.map(Config.unwrap(options), (given) => layer(given)))

/**
 * `Codex` on an app-server that listens on a WebSocket or a unix socket, see `WebSocketTransport`. Closing the Layer
 * interrupts the turns that were started through it; the server goes on.
 *
 * Any other combination is the same line with other parts, such as
 * `Layer.provide(Codex.layerExperimental, WebSocketTransport.layerConfig({ … }))`.
 *
 * @example
 * ```ts
 * import { NodeCodex, WebSocketTransport } from "@effect-codex/node"
 * import { Redacted } from "effect"
 *
 * const CodexLive = NodeCodex.layerWebSocket({
 *   url: "wss://codex.example.com",
 *   auth: WebSocketTransport.signedBearerToken({ secret: Redacted.make("…"), audience: "codex" })
 * })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWebSocket = (
  options: WebSocketTransport.Options
): Layer.Layer<Codex.Codex | AppServer, TransportError | HandshakeError> =>
  Layer.provide(Codex.layer, WebSocketTransport.layer(options))

/**
 * `Codex` on the app-server's own daemon, which has to run, see `DaemonTransport`. Closing the Layer interrupts the turns
 * that were started through it; the daemon goes on.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerDaemon = (
  options?: DaemonTransport.Options
): Layer.Layer<Codex.Codex | AppServer, TransportError | HandshakeError> =>
  Layer.provide(Codex.layer, DaemonTransport.layer(options))
