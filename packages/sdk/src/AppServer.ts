/**
 * The connection to one app-server: the handshake, a typed request for every method, what the server tells on its
 * own, and the end.
 *
 * @since 0.1.0
 */
import type { ClientRequests } from "@effect-codex/protocol/ClientRequests"
import type * as Server from "@effect-codex/protocol/Server"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import type { ConnectionClosed, EventsError, HandshakeError, RequestError } from "./CodexError.js"
import type { Handle } from "./internal/connection/connection.js"
import * as internal from "./internal/connection/connection.js"
import * as supervised from "./internal/supervision/supervised.js"
import { type Options as SupervisionOptions, Supervision } from "./Supervision.js"
import type { Transport } from "./Transport.js"
import type { ConnectionEvent, ServerEvent, ThreadEvent } from "./TurnEvent.js"

/**
 * Proof that a connection was opened with the `experimentalApi` capability. Methods that need it have it in their `R`,
 * and only a Layer built with that capability provides it.
 *
 * @since 0.1.0
 * @category services
 */
export class ExperimentalApi extends Context.Tag("@effect-codex/sdk/AppServer/ExperimentalApi")<ExperimentalApi, {
  readonly enabled: true
}>() {}

/**
 * @since 0.1.0
 * @category models
 */
export type Method = Exclude<keyof ClientRequests, "initialize">

/**
 * The arguments of a request: the params where its method needs some, then the options.
 *
 * @since 0.1.0
 * @category type-level
 */
export type RequestArgs<M extends Method> = undefined extends ClientRequests[M]["params"]
  ? [params?: ClientRequests[M]["params"], options?: RequestOptions]
  : [params: ClientRequests[M]["params"], options?: RequestOptions]

/**
 * What a method needs beside the connection.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Requires<M extends Method> = ClientRequests[M]["stability"] extends "experimental" ? ExperimentalApi : never

/**
 * @since 0.1.0
 * @category models
 */
export interface RequestOptions {
  /** How long to wait for the answer to each attempt, in place of the configured `requestTimeout`. */
  readonly timeout?: Duration.DurationInput | undefined
}

/**
 * The methods that answer a page at a time: their params take a `cursor`, their result has `data` and a `nextCursor`.
 *
 * @since 0.1.0
 * @category type-level
 */
export type PagedMethod = {
  [M in Method]: "cursor" extends keyof ClientRequests[M]["params"] ?
    "nextCursor" extends keyof ClientRequests[M]["result"] ?
      ClientRequests[M]["result"] extends { readonly data: ReadonlyArray<unknown> } ? M : never
    : never
    : never
}[Method]

/**
 * What the pages of a method are made of.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Element<M extends PagedMethod> = ClientRequests[M]["result"]["data"][number]

/**
 * The arguments of a listing: the params, which can be left out where none is required, then the options.
 *
 * @since 0.1.0
 * @category type-level
 */
export type ListArgs<M extends PagedMethod> = Record<never, never> extends ClientRequests[M]["params"]
  ? [params?: ClientRequests[M]["params"], options?: RequestOptions]
  : [params: ClientRequests[M]["params"], options?: RequestOptions]

/**
 * How much the connection holds and has dropped, for diagnostics and tests.
 *
 * @since 0.1.0
 * @category models
 */
export interface Stats {
  /** Requests of this program that wait for their answer. */
  readonly pendingRequests: number
  /** Turns that are held: those this program has open, and active ones of others on threads it looks at. */
  readonly turns: number
  /** Threads that a start, a turn or a reader of this program needs. */
  readonly threads: number
  /** Logins, commands, watches and the like whose notifications this program takes. */
  readonly operations: number
  /** Questions of the server that are being answered. */
  readonly serverRequests: number
  /** Questions of the server that no handler was asked, since `openQuestions` of `CodexConfig` were open. */
  readonly serverRequestsRefused: number
  /** Frames that came since the connection was opened. */
  readonly messagesIn: number
  /** Frames that were handed to the transport. */
  readonly messagesOut: number
  /** Attempts that the server refused because it was overloaded. */
  readonly overloads: number
  /** Answers that nobody waited for any more. */
  readonly lateAnswers: number
  /** Lines that were no JSON-RPC message. */
  readonly noise: number
  /** Notifications that did not fit their schema; they were delivered as `Undecodable`. */
  readonly undecodable: number
  /** Deltas that slow readers got as part of an earlier one, one by one for each reader. */
  readonly merged: number
  /** Deltas that slow readers did not get, one by one for each reader. */
  readonly dropped: number
}

/**
 * A connection. Only the Layers of this module make one; a test replaces the `Transport` below it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** What the server said of itself in the handshake, the latest one where it is supervised. */
  readonly info: Server.InitializeResponse

  /**
   * Asks the server. Params are checked before anything is sent; a request that only reads is tried again while the
   * server is overloaded. Interrupting it stops the waiting, not what the server does.
   */
  readonly request: <M extends Method>(
    method: M,
    ...args: RequestArgs<M>
  ) => Effect.Effect<ClientRequests[M]["result"], RequestError, Requires<M>>

  /**
   * Asks for everything that a method lists, a page at a time as the stream is read. `limit` is the size of a page; a
   * `cursor` of an earlier answer says where to begin. A cursor that does not move is the end.
   *
   * @example
   * ```ts
   * import { AppServer } from "@effect-codex/sdk"
   * import { Effect, Stream } from "effect"
   *
   * const program = Effect.gen(function*() {
   *   const { list } = yield* AppServer.AppServer
   *   return yield* list("threadSection/list").pipe(Stream.map(({ name }) => name), Stream.runCollect)
   * })
   * ```
   */
  readonly list: <M extends PagedMethod>(
    method: M,
    ...args: ListArgs<M>
  ) => Stream.Stream<Element<M>, RequestError, Requires<M>>

  /** Everything that the server tells from the moment the stream is run. Each run is a subscriber of its own. */
  readonly events: Stream.Stream<ServerEvent, EventsError>

  /** What belongs to no thread: the account, the configuration, logins, commands, watches. */
  readonly connectionEvents: Stream.Stream<ConnectionEvent, EventsError>

  /** What belongs to a thread, its turns' events included, whoever started them. */
  readonly threadEvents: (threadId: string) => Stream.Stream<ThreadEvent, EventsError>

  /** Waits for the end of the connection and succeeds with it. A supervised one ends when no other one follows. */
  readonly closed: Effect.Effect<ConnectionClosed>

  readonly stats: Effect.Effect<Stats>

  /** @internal */
  readonly connection: Handle
}

/**
 * @since 0.1.0
 * @category services
 */
export class AppServer extends Context.Tag("@effect-codex/sdk/AppServer")<AppServer, Service>() {}

/**
 * Opens the connection on the transport of the context. The connection ends with the Layer: open turns are
 * interrupted on the server first, each step of which waits for at most `interruptGrace`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<AppServer, HandshakeError, Transport> = Layer.scoped(
  AppServer,
  internal.make({ experimentalApi: false })
)

/**
 * The same with the `experimentalApi` capability, so that experimental methods and fields can be used. They may change
 * with any version of the server.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerExperimental: Layer.Layer<AppServer | ExperimentalApi, HandshakeError, Transport> = Layer.merge(
  Layer.scoped(AppServer, internal.make({ experimentalApi: true })),
  Layer.succeed(ExperimentalApi, { enabled: true })
)

/**
 * The same as `layer`, but an app-server that ends is started again, or connected to again, on a transport of its own
 * each time; see `Supervision`. That the first one cannot be started fails the Layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSupervised = <E, R>(
  transport: Layer.Layer<Transport, E, R>,
  options?: SupervisionOptions
): Layer.Layer<AppServer | Supervision, E | HandshakeError, R> => layerSupervisedWith(transport, options, false)

/**
 * The same with the `experimentalApi` capability.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSupervisedExperimental = <E, R>(
  transport: Layer.Layer<Transport, E, R>,
  options?: SupervisionOptions
): Layer.Layer<AppServer | Supervision | ExperimentalApi, E | HandshakeError, R> =>
  Layer.merge(layerSupervisedWith(transport, options, true), Layer.succeed(ExperimentalApi, { enabled: true }))

const layerSupervisedWith = <E, R>(
  transport: Layer.Layer<Transport, E, R>,
  options: SupervisionOptions | undefined,
  experimentalApi: boolean
): Layer.Layer<AppServer | Supervision, E | HandshakeError, R> =>
  Layer.scopedContext(
    Effect.map(
      supervised.make(transport, { ...options, experimentalApi }),
      ({ appServer, supervision }) => Context.make(AppServer, appServer).pipe(Context.add(Supervision, supervision))
    )
  )

/**
 * The params of a method, as they are sent.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Params<M extends Method> = ClientRequests[M]["params"]

/**
 * The result of a method.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Result<M extends Method> = ClientRequests[M]["result"]
