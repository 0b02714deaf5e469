/**
 * The app-server, as plain TypeScript has it: started, used from many places at once, and closed.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"
import type { ClientRequests } from "@effect-codex/protocol/ClientRequests"
import type * as Server from "@effect-codex/protocol/Server"
import type { AppServer, Method } from "@effect-codex/sdk/AppServer"
import type * as Sdk from "@effect-codex/sdk/Codex"
import type { OptionalNotification } from "@effect-codex/sdk/CodexConfig"
import type { Policy } from "@effect-codex/sdk/Delivery"
import type * as Layer from "effect/Layer"
import type * as ManagedRuntime from "effect/ManagedRuntime"
import type * as Runtime from "effect/Runtime"
import type { Handlers } from "./Handlers.js"
import * as internal from "./internal/codex.js"
import type { ForkThreadOptions, Opened, ResumeThreadOptions, StartThreadOptions, Thread } from "./Thread.js"
import type { CallOptions } from "./Turn.js"
import type { Events, ServerEvent } from "./TurnEvent.js"

/**
 * What is written to the log, by default warnings and errors to stderr. Prompts, answers and secrets are in none of it.
 *
 * @since 0.1.0
 * @category models
 */
export interface LogEntry {
  readonly level: "debug" | "info" | "warning" | "error"
  readonly message: string
  /** What it is about, such as a `threadId`. */
  readonly annotations: { readonly [name: string]: unknown }
  /** What went wrong, with its stack, where something did. */
  readonly cause: string | undefined
}

/**
 * How the app-server is started, and what holds for everything on it.
 *
 * @since 0.1.0
 * @category models
 */
export interface CodexOptions extends CallOptions {
  /** The binary to run; by default that of `@openai/codex`, else `codex` on the PATH. */
  readonly binary?: string | undefined
  /** Default: `["app-server"]`. */
  readonly args?: ReadonlyArray<string> | undefined
  /** Settings that override those of `config.toml`, by their dotted names. They show in the list of processes. */
  readonly config?: Readonly<Record<string, string | number | boolean>> | undefined
  /** The working directory of the process. It must exist. Default: the program's own. */
  readonly cwd?: string | undefined
  /**
   * Variables merged over the inherited ones; `undefined` takes one away. The value of one whose name says that it is
   * secret is hidden wherever the process writes it to stderr.
   */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Whether the program's own environment is inherited. Default: `true`. */
  readonly extendEnv?: boolean | undefined
  /** The folder of configuration, sessions and credentials (`CODEX_HOME`). It must exist. Default: codex's own choice. */
  readonly codexHome?: string | undefined
  /** How long the process has to end once its stdin is closed, before SIGTERM. Default: 2,000. */
  readonly closeGraceMs?: number | undefined
  /** How long it and all that it started have to end after SIGTERM, before SIGKILL. Default: 2,000. */
  readonly terminateGraceMs?: number | undefined
  /** Whether a process waits beside it that ends the whole tree if this program is killed. Default: `true`. */
  readonly watchdog?: boolean | undefined

  /** Lets experimental methods and fields be used; tools are one. They may change with any version of the server. */
  readonly experimentalApi?: boolean | undefined
  /** What answers the server's questions. */
  readonly handlers?: Handlers | undefined
  /** Takes everything that is logged, debug entries included, in place of stderr. */
  readonly log?: ((entry: LogEntry) => void) | undefined

  /** How this program names itself to the server. */
  readonly clientName?: string | undefined
  readonly clientTitle?: string | undefined
  readonly clientVersion?: string | undefined
  /** How long a request waits for its answer. Default: 60,000. */
  readonly requestTimeoutMs?: number | undefined
  /** How long the handshake waits for its answer. Default: 30,000. */
  readonly initializeTimeoutMs?: number | undefined
  /** How long an interrupted turn may take to end on the server. Default: 5,000. */
  readonly interruptGraceMs?: number | undefined
  /** How long a turn may be silent, as `stallTimeoutMs` of a turn says. Default: for ever. */
  readonly stallTimeoutMs?: number | undefined
  /** How many requests may wait for their answers at once. Default: 4,096. */
  readonly maxPendingRequests?: number | undefined
  /** How many questions of the server may be open at once; a further one is answered with what grants nothing. Default: 1,024. */
  readonly openQuestions?: number | undefined
  /** How many events wait for a slow reader before `delivery` says what happens. Default: 4,096. */
  readonly eventCapacity?: number | undefined
  /** `coalesce` (the default) merges deltas, `slide` drops the oldest ones, `fail` ends the reading. */
  readonly delivery?: Policy | undefined
  /** Notifications that the server shall not send. */
  readonly optOutNotifications?: ReadonlyArray<OptionalNotification> | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface RequestOptions extends CallOptions {
  /** How long to wait for the answer, in place of `requestTimeoutMs`. */
  readonly timeoutMs?: number | undefined
}

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
 * One app-server and the connection to it, for many threads and many turns at once.
 *
 * It has to be closed, by `await using` or `close()`: the process keeps the program alive until then.
 *
 * @since 0.1.0
 * @category models
 */
export interface Codex extends AsyncDisposable {
  /** What the server said of itself. */
  readonly info: Server.InitializeResponse

  /** Starts a new thread. */
  readonly startThread: (options?: StartThreadOptions) => Promise<Opened<Server.ThreadStartResponse>>

  /** Loads a thread that the server has stored, so that it can take turns again. */
  readonly resumeThread: (
    threadId: string,
    options?: ResumeThreadOptions
  ) => Promise<Opened<Server.ThreadResumeResponse>>

  /** Starts a new thread that begins with another one's history. */
  readonly fork: (threadId: string, options?: ForkThreadOptions) => Promise<Opened<Server.ThreadForkResponse>>

  /** A handle of a thread by its id, without asking the server. It takes turns only while the server has it loaded. */
  readonly thread: (threadId: string) => Thread

  /** The stored threads, newest first unless asked otherwise, a page at a time as they are read. */
  readonly list: (options?: Omit<Client.ThreadListParams, "cursor"> & CallOptions) => Events<Server.Thread>

  /** The models that the account can use, a page at a time as they are read. */
  readonly models: (options?: Omit<Client.ModelListParams, "cursor"> & CallOptions) => Events<Server.Model>

  /** Everything that the server tells from when this is first read. */
  readonly events: (options?: CallOptions) => Events<ServerEvent>

  /** Any method of the protocol, typed; params are checked before they are sent. */
  readonly request: <M extends Method>(method: M, ...args: RequestArgs<M>) => Promise<ClientRequests[M]["result"]>

  /**
   * Interrupts the turns that are under way, which reject with `TurnInterrupted`, ends the process with everything it
   * started, and waits for that, for a bounded time. Whatever else waits rejects with `ConnectionClosed`, as does every
   * later call. Closing again waits for the same.
   */
  readonly close: () => Promise<void>
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const Codex: {
  /**
   * Starts `codex app-server` and connects to it.
   *
   * @example
   * ```ts
   * import { Codex } from "@effect-codex/promise"
   *
   * await using codex = await Codex.start()
   * const thread = await codex.startThread({ sandbox: "read-only" })
   * const { finalResponse } = await thread.run("Say hello.")
   * console.log(finalResponse)
   * ```
   */
  readonly start: (options?: CodexOptions) => Promise<Codex>

  /**
   * The services of an Effect program for its parts that know no Effect. Closing it stops what was begun through it; the
   * runtime belongs to who made it, and a program ends only once that is disposed as well. In tests it is made of
   * `CodexTest.layer` of `@effect-codex/testing`.
   *
   * @example
   * ```ts
   * import { NodeCodex } from "@effect-codex/node"
   * import { Codex } from "@effect-codex/promise"
   * import { ManagedRuntime } from "effect"
   *
   * const runtime = ManagedRuntime.make(NodeCodex.layerSupervised())
   * try {
   *   await using codex = await Codex.fromRuntime(runtime)
   *   const thread = await codex.startThread()
   *   console.log((await thread.run("Say hello.")).finalResponse)
   * } finally {
   *   await runtime.dispose()
   * }
   * ```
   */
  readonly fromRuntime: <E>(
    runtime: Runtime.Runtime<Sdk.Codex | AppServer> | ManagedRuntime.ManagedRuntime<Sdk.Codex | AppServer, E>
  ) => Promise<Codex>

  /**
   * The other way: the services of `@effect-codex/sdk` on a Codex of this package, for parts of the program that are
   * written with Effect. The Layer does not close it.
   *
   * @example
   * ```ts
   * import { Codex } from "@effect-codex/promise"
   * import { Codex as CodexService } from "@effect-codex/sdk"
   * import { Effect } from "effect"
   *
   * await using codex = await Codex.start()
   *
   * const program = Effect.gen(function*() {
   *   const service = yield* CodexService.Codex
   *   const thread = yield* service.startThread()
   *   return yield* thread.run("Say hello.")
   * })
   *
   * const { finalResponse } = await Effect.runPromise(Effect.provide(program, Codex.toLayer(codex)))
   * ```
   */
  readonly toLayer: (codex: Codex) => Layer.Layer<Sdk.Codex | AppServer>
} = { start: internal.start, fromRuntime: internal.fromRuntime, toLayer: internal.toLayer }
