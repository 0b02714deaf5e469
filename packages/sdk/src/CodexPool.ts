/**
 * App-servers by a key, such as one for each working folder or each account: started when first asked for, shared by
 * who asks for the same one, and ended when nobody has used it for a while.
 *
 * @since 0.1.0
 */
import type { ExceededCapacityException } from "effect/Cause"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { AppServer } from "./AppServer.js"
import type * as Codex from "./Codex.js"
import type { BinaryNotFound, HandshakeError, TransportError } from "./CodexError.js"
import * as internal from "./internal/supervision/codexPool.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options<K, E, R> {
  /** What a key stands for. Keys are compared by `Equal`, so strings will do, and so will values of `Data`. */
  readonly lookup: (key: K) => Layer.Layer<Codex.Codex | AppServer, E, R>
  /** How long an app-server goes on after its last use. */
  readonly idleTimeToLive: Duration.DurationInput
  /** How many there may be at once, idle ones included; who asks for one more is refused. Default: any number. */
  readonly capacity?: number | undefined
}

/**
 * What fails to come from a pool of an `E`.
 *
 * @since 0.1.0
 * @category models
 */
export type GetError<E> = E | ExceededCapacityException

/**
 * @since 0.1.0
 * @category models
 */
export interface Service<K, E> {
  /**
   * The app-server of the key, for as long as the scope is open. One that could not be started, or has ended and is not
   * started again, is not handed out any more: the next who asks has a new one started.
   */
  readonly get: (key: K) => Effect.Effect<Codex.Service, GetError<E>, Scope.Scope>

  /** The same as a Layer, for what needs more of it than `Codex`. */
  readonly layer: (key: K) => Layer.Layer<Codex.Codex | AppServer, GetError<E>>
}

/**
 * What an app-server can fail to start with, whichever transport it is on.
 *
 * @since 0.1.0
 * @category models
 */
export type OpenError = BinaryNotFound | TransportError | HandshakeError

/**
 * A pool whose keys are strings. One with other keys is a service of the program's own, made by `make`.
 *
 * @since 0.1.0
 * @category services
 */
export class CodexPool extends Context.Tag("@effect-codex/sdk/CodexPool")<CodexPool, Service<string, OpenError>>() {}

/**
 * A pool that ends with the scope, and all of its app-servers with it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: <K, E, R>(options: Options<K, E, R>) => Effect.Effect<Service<K, E>, never, R | Scope.Scope> =
  internal.make

/**
 * @example
 * ```ts
 * import { NodeCodex } from "@effect-codex/node"
 * import { CodexPool } from "@effect-codex/sdk"
 * import { Effect } from "effect"
 *
 * const Pool = CodexPool.layer({
 *   lookup: (codexHome) => NodeCodex.layer({ codexHome }),
 *   idleTimeToLive: "10 minutes"
 * })
 *
 * const program = Effect.scoped(Effect.gen(function*() {
 *   const pool = yield* CodexPool.CodexPool
 *   const codex = yield* pool.get("/home/ada/.codex")
 *   const thread = yield* codex.startThread()
 *   return yield* thread.run("Say hello.")
 * }))
 *
 * program.pipe(Effect.provide(Pool))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = <E extends OpenError, R>(options: Options<string, E, R>): Layer.Layer<CodexPool, never, R> =>
  Layer.scoped(CodexPool, make(options))
