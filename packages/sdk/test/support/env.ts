import type * as Server from "@effect-codex/protocol/Server"
import * as AppServer from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import * as CodexConfig from "@effect-codex/sdk/CodexConfig"
import type { HandshakeError } from "@effect-codex/sdk/CodexError"
import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import type * as Thread from "@effect-codex/sdk/Thread"
import * as MemoryTransport from "@effect-codex/testing/MemoryTransport"
import { assert, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as Talk from "./talk.js"

export interface Env {
  readonly server: MemoryTransport.Server["Type"]
  readonly say: Talk.Talk
  readonly codex: Codex.Codex["Type"]
  readonly appServer: AppServer.AppServer["Type"]
  /** The thread of most tests. */
  readonly thread: Thread.Thread
  /** Closes the Layer, as the end of a program does. */
  readonly close: Effect.Effect<void>
}

export interface Options {
  readonly config?: Partial<CodexConfig.Options>
  /** What answers the questions of the server, on the connection. */
  readonly handlers?: ServerRequests.Handlers
  /** Where the connection logs. */
  readonly logger?: Layer.Layer<never>
  /** Opens the connection with the `experimentalApi` capability. */
  readonly experimentalApi?: boolean
  /** What the server says of itself, in place of `handshake`. */
  readonly info?: Server.InitializeResponse
}

export const handshake: Server.InitializeResponse = {
  userAgent: "effect-codex/0 (test)",
  codexHome: "/home/user/.codex",
  platformFamily: "unix",
  platformOs: "linux"
}

/** A connection, after its handshake, to a server that says only what the test has it say. */
export const connect = (options: Options = {}): Effect.Effect<Env, HandshakeError, Scope.Scope> =>
  connectWith(Codex.layer, options)

export const connectExperimental = (options: Options = {}) => connectWith(Codex.layerExperimental, options)

const connectWith = <Out, E, R>(
  layer: Layer.Layer<Out | Codex.Codex | AppServer.AppServer, E, R>,
  options: Options
) =>
  Effect.gen(function*() {
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
    const pair = yield* Layer.buildWithScope(MemoryTransport.layerPair, scope)
    const server = Context.get(pair, MemoryTransport.Server)
    const opening = yield* layer.pipe(
      Layer.provide(Layer.succeedContext(pair)),
      Layer.provide(CodexConfig.layer(options.config ?? {})),
      Layer.provide(options.handlers === undefined ? Layer.empty : ServerRequests.layer(options.handlers)),
      Layer.buildWithScope(scope),
      Effect.fork
    )
    const initialize = yield* server.takeRequest("initialize")
    yield* server.respond(initialize.id, options.info ?? handshake)
    const context = yield* opening
    yield* server.takeAll
    const codex = Context.get(context, Codex.Codex)
    return {
      server,
      codex,
      appServer: Context.get(context, AppServer.AppServer),
      thread: codex.thread(Talk.threadId),
      say: Talk.make(server),
      close: Scope.close(scope, Exit.void)
    }
  })

/** Lets everything that can go on without time passing do so. */
export const settle: Effect.Effect<void> = TestClock.adjust(0)

/** Nothing of what has happened is left behind. */
export const assertNothingHeld = ({ appServer }: Env) =>
  Effect.gen(function*() {
    yield* settle
    const { operations, pendingRequests, serverRequests, threads, turns } = yield* appServer.stats
    assert.deepStrictEqual(
      { pendingRequests, turns, threads, operations, serverRequests },
      { pendingRequests: 0, turns: 0, threads: 0, operations: 0, serverRequests: 0 }
    )
  })

/** A promise of the SDK, shown on a connection of its own which holds nothing any more afterwards. */
export const promise = <E>(
  name: string,
  body: (env: Env) => Effect.Effect<unknown, E, Scope.Scope>,
  options: Options = {}
): void =>
  it.scoped(name, () =>
    Effect.gen(function*() {
      const env = yield* options.experimentalApi === true ? connectExperimental(options) : connect(options)
      yield* Effect.scoped(body(env))
      yield* assertNothingHeld(env)
    }).pipe(Effect.provide(options.logger ?? Layer.empty)))
