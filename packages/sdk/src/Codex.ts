/**
 * The service that programs inject: it starts, resumes, forks and lists threads.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"
import type * as Server from "@effect-codex/protocol/Server"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as AppServer from "./AppServer.js"
import type { EventsError, HandshakeError, RequestError } from "./CodexError.js"
import * as internalThread from "./internal/thread.js"
import type * as Thread from "./Thread.js"
import type { Transport } from "./Transport.js"
import type { ServerEvent } from "./TurnEvent.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Starts a new thread. */
  readonly startThread: (
    options?: Thread.StartOptions
  ) => Effect.Effect<Thread.Opened<Server.ThreadStartResponse>, RequestError>

  /** Loads a thread that the server has stored, so that it can take turns again. */
  readonly resumeThread: (
    threadId: string,
    options?: Thread.ResumeOptions
  ) => Effect.Effect<Thread.Opened<Server.ThreadResumeResponse>, RequestError>

  /** Starts a new thread that begins with another one's history. */
  readonly forkThread: (
    threadId: string,
    options?: Thread.ForkOptions
  ) => Effect.Effect<Thread.Opened<Server.ThreadForkResponse>, RequestError>

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
    const { events, request } = appServer
    const open = internalThread.open(appServer)

    return {
      startThread: (options = {}) => open("thread/start", options),
      resumeThread: (threadId, options) => open("thread/resume", { ...options, threadId }),
      forkThread: (threadId, options) => open("thread/fork", { ...options, threadId }),
      thread: (threadId) => internalThread.make(appServer, threadId),
      threads: (options) => paginate((cursor) => request("thread/list", { ...options, cursor })),
      models: (options) => paginate((cursor) => request("model/list", { ...options, cursor })),
      events
    }
  }
)

interface Page<A> {
  readonly data: ReadonlyArray<A>
  readonly nextCursor?: string | null
}

const paginate = <A, E>(
  page: (cursor: string | null) => Effect.Effect<Page<A>, E>
): Stream.Stream<A, E> =>
  Stream.paginateChunkEffect(
    null,
    (cursor: string | null) =>
      Effect.map(page(cursor), ({ data, nextCursor }) => [
        Chunk.fromIterable(data),
        // A cursor that does not move would be asked for for ever.
        typeof nextCursor === "string" && nextCursor !== cursor ? Option.some(nextCursor) : Option.none()
      ])
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
