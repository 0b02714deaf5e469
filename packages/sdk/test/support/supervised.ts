import * as AppServer from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import * as CodexConfig from "@effect-codex/sdk/CodexConfig"
import { TransportError } from "@effect-codex/sdk/CodexError"
import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import * as Supervision from "@effect-codex/sdk/Supervision"
import type * as Thread from "@effect-codex/sdk/Thread"
import * as Transport from "@effect-codex/sdk/Transport"
import * as MemoryTransport from "@effect-codex/testing/MemoryTransport"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import { handshake, settle } from "./env.js"
import * as Talk from "./talk.js"

/** One of the servers that follow each other. */
export interface Instance {
  readonly server: MemoryTransport.Server["Type"]
  readonly say: Talk.Talk
  /** Answers the handshake. */
  readonly ready: Effect.Effect<void>
  readonly crash: Effect.Effect<void>
}

export interface Env {
  /** The server that was started next, once it was. */
  readonly next: Effect.Effect<Instance>
  /** The same, with its handshake answered. */
  readonly nextReady: Effect.Effect<Instance>
  /** How many transports are open. */
  readonly open: () => number
  /** Whether transports open; where not, opening one fails. */
  reachable: boolean
  readonly codex: Codex.Codex["Type"]
  readonly appServer: AppServer.AppServer["Type"]
  readonly supervision: Supervision.Supervision["Type"]
  readonly thread: Thread.Thread
  readonly close: Effect.Effect<void>
}

export interface Options extends Supervision.Options {
  readonly config?: Partial<CodexConfig.Options>
  readonly handlers?: ServerRequests.Handlers
  /** What the servers say they are. */
  readonly userAgent?: string
}

const instance = (
  server: MemoryTransport.Server["Type"],
  userAgent = handshake.userAgent
): Instance => ({
  server,
  say: Talk.make(server),
  ready: server.takeRequest("initialize").pipe(
    Effect.flatMap(({ id }) => server.respond(id, { ...handshake, userAgent })),
    // `initialized`; what comes after it is for the test.
    Effect.zipRight(server.take),
    Effect.zipRight(settle)
  ),
  crash: Effect.zipRight(
    server.end(Transport.end("Exited", { exitCode: 101, stderrTail: "thread 'main' panicked" })),
    settle
  )
})

/** A supervised Layer on servers that say only what the test has them say, each on a transport of its own. */
export const launch = (options: Options = {}) =>
  Effect.gen(function*() {
    const { config, handlers, userAgent, ...supervision } = options
    const started = yield* Queue.unbounded<Instance>()
    const env = { reachable: true }
    let open = 0
    const transport = Layer.scoped(
      Transport.Transport,
      Effect.gen(function*() {
        if (!env.reachable) {
          return yield* new TransportError({ reason: "Open", detail: "Nobody listens." })
        }
        const pair = yield* Layer.build(MemoryTransport.layerPair)
        yield* Effect.acquireRelease(Effect.sync(() => open++), () => Effect.sync(() => open--))
        yield* Queue.offer(started, instance(Context.get(pair, MemoryTransport.Server), userAgent))
        return Context.get(pair, Transport.Transport)
      })
    )
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
    const opening = yield* Codex.layerSupervised(transport, {
      schedule: Schedule.spaced("1 second"),
      ...supervision
    }).pipe(
      Layer.provide(CodexConfig.layer(config ?? {})),
      Layer.provide(handlers === undefined ? Layer.empty : ServerRequests.layer(handlers)),
      Layer.buildWithScope(scope),
      Effect.fork
    )
    return { opening, next: Queue.take(started), open: () => open, env, close: Scope.close(scope, Exit.void) }
  })

/** The same with its first server ready. */
export const connect = (options: Options = {}) =>
  Effect.gen(function*() {
    const { close, env, next, open, opening } = yield* launch(options)
    const nextReady = Effect.tap(next, ({ ready }) => ready)
    const first = yield* nextReady
    const context = yield* opening
    const codex = Context.get(context, Codex.Codex)
    return {
      first,
      env: Object.assign(env, {
        next,
        nextReady,
        open,
        codex,
        appServer: Context.get(context, AppServer.AppServer),
        supervision: Context.get(context, Supervision.Supervision),
        thread: codex.thread(Talk.threadId),
        close
      }) satisfies Env
    }
  })
