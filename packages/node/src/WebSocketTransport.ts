/**
 * An app-server that runs already and listens on a WebSocket or a unix socket.
 *
 * @since 0.1.0
 */
import type { TransportError } from "@effect-codex/sdk/CodexError"
import { Transport } from "@effect-codex/sdk/Transport"
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import type * as Context from "effect/Context"
import type { DurationInput } from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"

/**
 * What an app-server started with `--ws-auth` asks for. Either kind is sent as a bearer token when the connection is
 * opened, and never in plain to another host.
 *
 * @since 0.1.0
 * @category models
 */
export type Auth = CapabilityToken | SignedBearerToken

/**
 * @since 0.1.0
 * @category models
 */
export interface CapabilityToken {
  readonly _tag: "CapabilityToken"
  readonly token: Redacted.Redacted
}

/**
 * @since 0.1.0
 * @category models
 */
export interface SignedBearerToken extends SigningOptions {
  readonly _tag: "SignedBearerToken"
}

/**
 * @since 0.1.0
 * @category models
 */
export interface SigningOptions {
  /** What the file of `--ws-shared-secret-file` holds. The app-server takes none of less than 32 bytes. */
  readonly secret: Redacted.Redacted
  /** To be what the server was given as `--ws-issuer`, where it was. */
  readonly issuer?: string | undefined
  /** To be what the server was given as `--ws-audience`, where it was. */
  readonly audience?: string | undefined
  /** How long the token is valid; it is looked at only when the connection opens. Default: 1 minute. */
  readonly lifetime?: DurationInput | undefined
}

/**
 * The token of a server with `--ws-auth capability-token`. A bearer token that something else has signed, or that a proxy
 * in front of the server asks for, is given in the same way. White space around it does not count, as in a file.
 *
 * @since 0.1.0
 * @category constructors
 */
export const capabilityToken = (token: Redacted.Redacted): Auth => ({ _tag: "CapabilityToken", token })

/**
 * A token for a server with `--ws-auth signed-bearer-token`: a JSON web token (HS256), signed anew each time a connection
 * is opened.
 *
 * @since 0.1.0
 * @category constructors
 */
export const signedBearerToken = (options: SigningOptions): Auth => ({ _tag: "SignedBearerToken", ...options })

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * Where the server listens: `ws://HOST:PORT`, `wss://HOST`, or `unix://` followed by an absolute path, as it was given
   * to `codex app-server --listen`. It holds no secret: part of it stands in errors.
   */
  readonly url: string
  /** Default: no token. With one, `ws` is refused unless the host is this one (`localhost`, `127.0.0.0/8` or `[::1]`). */
  readonly auth?: Auth | undefined
  /** Further headers of the opening request, for a proxy in between. They are kept as secret as the token. */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted>> | undefined
  /** For `wss`: the authorities to trust, in PEM, in place of those that Node trusts. */
  readonly ca?: string | ReadonlyArray<string> | undefined
  /** How long the server has to take the connection. Default: 10 seconds. */
  readonly openTimeout?: DurationInput | undefined
  /** How long it has to close it with us. Default: 2 seconds. */
  readonly closeGrace?: DurationInput | undefined
  /**
   * How often a ping is sent. A server from which nothing has come in answer until the next one is taken for gone, which
   * is how a lost network shows. Default: 30 seconds.
   */
  readonly heartbeat?: DurationInput | undefined
  /** A longer frame ends the connection; nothing beyond this is ever held. Default: 256 MiB. */
  readonly maxFrameBytes?: number | undefined
}

/**
 * Opens the connection and closes it when the scope closes. The server goes on: closing stops nothing but what was
 * started on this connection and is stopped by the SDK.
 *
 * Fails with `TransportError { reason: "Unauthorized" }` where the server refuses the token, or asks for one, and with
 * `reason: "Open"` where no connection comes about otherwise: nothing listens, it takes longer than `openTimeout`, the
 * certificate is not trusted, or a token would go in plain to another host, in which case nothing is sent at all.
 *
 * How it ends is in `cause` of the end, a `TransportError { reason: "Closed" }` with the close code in its message.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: (
  options: Options
) => Effect.Effect<Context.Tag.Service<typeof Transport>, TransportError, Scope.Scope> = (options) =>
  Effect.flatMap(Effect.promise(implementation), (internal) => internal.make(options))

// A program that runs its own app-server opens no socket, and needs none of it.
const implementation = () => import("./internal/webSocketTransport.js")

/**
 * The transport of a connection that lives as long as the layer. See `make`.
 *
 * @example
 * ```ts
 * import { WebSocketTransport } from "@effect-codex/node"
 * import { Codex } from "@effect-codex/sdk"
 * import { Layer } from "effect"
 *
 * const CodexLive = Codex.layerExperimental.pipe(
 *   Layer.provide(WebSocketTransport.layer({ url: "unix:///run/codex/app-server.sock" }))
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options): Layer.Layer<Transport, TransportError> =>
  Layer.scoped(Transport, make(options))

/**
 * `layer` with options from the program's `Config`.
 *
 * @example
 * ```ts
 * import { WebSocketTransport } from "@effect-codex/node"
 * import { Config } from "effect"
 *
 * const TransportLive = WebSocketTransport.layerConfig({
 *   url: Config.string("CODEX_URL"),
 *   auth: Config.map(Config.redacted("CODEX_TOKEN"), WebSocketTransport.capabilityToken)
 * })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Config.Config.Wrap<Options>
): Layer.Layer<Transport, TransportError | ConfigError> =>
  Layer.scoped(Transport, Effect.flatMap(Config.unwrap(options), make))
