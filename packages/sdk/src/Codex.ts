/**
 * The service that programs inject: it starts, resumes, forks and lists threads.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"
import type * as Server from "@effect-codex/protocol/Server"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import * as AppServer from "./AppServer.js"
import type { EventsError, HandshakeError, RequestError, ThreadError } from "./CodexError.js"
import * as RequestErrors from "./internal/connection/requestErrors.js"
import * as internalThread from "./internal/thread/thread.js"
import * as ThreadTools from "./internal/thread/threadTools.js"
import type { Options as SupervisionOptions, Supervision } from "./Supervision.js"
import type * as Thread from "./Thread.js"
import type * as Tool from "./Tool.js"
import type { Transport } from "./Transport.js"
import type { ServerEvent } from "./TurnEvent.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Starts a new thread. One that is answered when nobody waits for it any more is unsubscribed from. */
  readonly startThread: <const Tools extends ReadonlyArray<Tool.Any> = []>(
    options?: Thread.StartOptions & Thread.WithTools<Tools>
  ) => Effect.Effect<Thread.Opened<Server.ThreadStartResponse>, RequestError, Tool.Requirements<Tools>>

  /** Loads a thread that the server has stored, so that it can take turns again. */
  readonly resumeThread: <const Tools extends ReadonlyArray<Tool.Any> = []>(
    threadId: string,
    options?: Thread.ResumeOptions & Thread.WithTools<Tools>
  ) => Effect.Effect<Thread.Opened<Server.ThreadResumeResponse>, ThreadError, Tool.Requirements<Tools>>

  /** Starts a new thread that begins with another one's history. */
  readonly forkThread: <const Tools extends ReadonlyArray<Tool.Any> = []>(
    threadId: string,
    options?: Thread.ForkOptions & Thread.WithTools<Tools>
  ) => Effect.Effect<Thread.Opened<Server.ThreadForkResponse>, ThreadError, Tool.Requirements<Tools>>

  /** A handle of a thread by its id, without asking the server. It takes turns only while the server has it loaded. */
  readonly thread: (threadId: string) => Thread.Thread

  /** The stored threads, newest first unless asked otherwise, a page at a time as the stream is read. */
  readonly threads: (options?: Omit<Client.ThreadListParams, "cursor">) => Stream.Stream<Server.Thread, RequestError>

  /** The models that the account can use, a page at a time as the stream is read. */
  readonly models: (options?: Omit<Client.ModelListParams, "cursor">) => Stream.Stream<Server.Model, RequestError>

  /** Everything that the server tells from the moment the stream is run, of every thread and turn. */
  readonly events: Stream.Stream<ServerEvent, EventsError>
}

/**
 * @since 0.1.0
 * @category services
 */
export class Codex extends Context.Tag("@effect-codex/sdk/Codex")<Codex, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, AppServer.AppServer> = Effect.map(
  AppServer.AppServer,
  (appServer) => {
    const { events, list } = appServer
    const open = internalThread.open(appServer)

    return {
      startThread: ({ tools, ...options } = {}) =>
        open("thread/start", (specs) => ThreadTools.withSpecs(options, specs), tools),
      resumeThread: (threadId, { tools, ...options } = {}) =>
        Effect.mapError(
          open("thread/resume", () => ({ ...options, threadId }), tools),
          RequestErrors.ofOpening(threadId)
        ),
      forkThread: (threadId, { tools, ...options } = {}) =>
        Effect.mapError(
          open("thread/fork", () => ({ ...options, threadId }), tools),
          RequestErrors.ofOpening(threadId)
        ),
      thread: (threadId) => internalThread.make(appServer, threadId),
      threads: (options) => list("thread/list", options),
      models: (options) => list("model/list", options),
      events
    }
  }
)

/**
 * The service on a connection that the context has.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerNoConnection: Layer.Layer<Codex, never, AppServer.AppServer> = Layer.effect(Codex, make)

/**
 * The service and its connection, on the transport of the context.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Codex | AppServer.AppServer, HandshakeError, Transport> = Layer.provideMerge(
  layerNoConnection,
  AppServer.layer
)

/**
 * The same on a connection with the `experimentalApi` capability.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerExperimental: Layer.Layer<
  Codex | AppServer.AppServer | AppServer.ExperimentalApi,
  HandshakeError,
  Transport
> = Layer.provideMerge(layerNoConnection, AppServer.layerExperimental)

/**
 * The service on a connection that is opened again whenever it ends, see `Supervision`. Threads stay good: the service
 * and every `Thread` it gave can be used across restarts.
 *
 * @example
 * ```ts
 * import { ProcessTransport } from "@effect-codex/node"
 * import { Codex } from "@effect-codex/sdk"
 * import { Schedule } from "effect"
 *
 * const CodexLive = Codex.layerSupervised(ProcessTransport.layer(), {
 *   schedule: Schedule.spaced("1 second"),
 *   maxCrashes: 3
 * })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSupervised = <E, R>(
  transport: Layer.Layer<Transport, E, R>,
  options?: SupervisionOptions
): Layer.Layer<Codex | AppServer.AppServer | Supervision, E | HandshakeError, R> =>
  Layer.provideMerge(layerNoConnection, AppServer.layerSupervised(transport, options))

/**
 * The same on a connection with the `experimentalApi` capability.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSupervisedExperimental = <E, R>(
  transport: Layer.Layer<Transport, E, R>,
  options?: SupervisionOptions
): Layer.Layer<Codex | AppServer.AppServer | AppServer.ExperimentalApi | Supervision, E | HandshakeError, R> =>
  Layer.provideMerge(layerNoConnection, AppServer.layerSupervisedExperimental(transport, options))
