/**
 * A transport whose other end is in the same program: no process, no port, no time of its own, so that a test decides
 * what the server says and when, under `TestClock` too.
 *
 * `layer` puts an app-server behind it that runs turns by a script, for unit tests of programs. `layerPair` leaves the
 * other end to the test, message by message.
 *
 * @since 0.1.0
 */
import type { ClientRequests } from "@effect-codex/protocol/ClientRequests"
import type { ServerNotifications } from "@effect-codex/protocol/ServerNotifications"
import type { ServerRequests } from "@effect-codex/protocol/ServerRequests"
import { Transport, type TransportEnd } from "@effect-codex/sdk/Transport"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as internalAppServer from "./internal/memoryAppServer.js"
import * as internalPair from "./internal/memoryPair.js"
import type * as ScriptedModel from "./ScriptedModel.js"

/**
 * A message of the client: a request has an `id` and a `method`, a notification a `method` only, and an answer to a
 * request of the server an `id` with a `result` or an `error`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Message {
  readonly id?: string | number
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: unknown
}

/**
 * A request of the client.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request<M extends keyof ClientRequests> {
  readonly id: number
  readonly method: M
  readonly params: ClientRequests[M]["params"]
}

/**
 * Why a request was refused.
 *
 * @since 0.1.0
 * @category models
 */
export interface ErrorBody {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

/**
 * The server's end. What it sends is handed to the client in the fiber that sends it, before the effect succeeds; it
 * waits only while nobody runs the client's end and 1,000 frames are kept for it.
 *
 * @since 0.1.0
 * @category services
 */
export class Server extends Context.Tag("@effect-codex/testing/MemoryTransport/Server")<Server, {
  /**
   * The client's next message, in order; waits for it. With `layerPair` the client waits while 1,000 messages have not
   * been taken. With `layer`, where the scripted app-server reads them all, the latest 1,000 are kept to be taken.
   */
  readonly take: Effect.Effect<Message>
  /** Takes up to the next request of that method. */
  readonly takeRequest: <M extends keyof ClientRequests>(method: M) => Effect.Effect<Request<M>>
  /** Takes what is there, without waiting. */
  readonly takeAll: Effect.Effect<ReadonlyArray<Message>>

  readonly notify: <M extends keyof ServerNotifications>(
    method: M,
    params: ServerNotifications[M]["params"]
  ) => Effect.Effect<void>
  /** Answers a request of the client, whether it waits for that or not. */
  readonly respond: (id: number, result: unknown) => Effect.Effect<void>
  /** Refuses a request of the client. */
  readonly fail: (id: number, error: ErrorBody) => Effect.Effect<void>
  /** Asks the client something. Its answer is a message of its own. */
  readonly request: <M extends keyof ServerRequests>(
    id: string | number,
    method: M,
    params: ServerRequests[M]["params"]
  ) => Effect.Effect<void>
  /**
   * Asks the client something and waits for its answer, which `take` then does not see. It waits as long as the transport
   * lives, and is interrupted when that ends: an answer that is not due any more does not come.
   */
  readonly ask: <M extends keyof ServerRequests>(
    method: M,
    params: ServerRequests[M]["params"]
  ) => Effect.Effect<Message>
  /** Any message, for what the protocol does not know and for what is wrong by it. */
  readonly send: (message: unknown) => Effect.Effect<void>
  /** Frames as they are, in one chunk. */
  readonly sendFrames: (frames: ReadonlyArray<string>) => Effect.Effect<void>

  /** Ends the transport. What is sent afterwards, from either end, is not delivered. */
  readonly end: (end: TransportEnd) => Effect.Effect<void>
  /** Takes nothing in any more: whatever the client sends waits until `resume`. */
  readonly pause: Effect.Effect<void>
  readonly resume: Effect.Effect<void>
  /** Whatever the client sends from now on fails. */
  readonly failSends: Effect.Effect<void>
}>() {}

const toContext = ({ server, transport }: internalPair.Pair) =>
  Context.make(Transport, transport).pipe(Context.add(Server, server))

/**
 * The client's transport, and its other end for the test.
 *
 * @example
 * ```ts
 * import { Codex } from "@effect-codex/sdk"
 * import { MemoryTransport } from "@effect-codex/testing"
 * import { Effect, Layer } from "effect"
 *
 * // A server that does not answer the handshake, which the test can see fail.
 * const silent = Layer.provideMerge(Codex.layer, MemoryTransport.layerPair)
 *
 * const asked = Effect.gen(function*() {
 *   const server = yield* MemoryTransport.Server
 *   return yield* server.takeRequest("initialize")
 * })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerPair: Layer.Layer<Transport | Server> = Layer.effectContext(
  Effect.map(internalPair.make, toContext)
)

/**
 * What a turn says: a reply of `ScriptedModel`, so that one script serves the real app-server and this one. `text`,
 * `reasoning`, `reply`, `withUsage`, `fail`, `httpError`, `drop` and `hang` do here what they do there; a tool call
 * fails its turn, because nothing here runs tools. Failures end a turn as they do there, if not in the same words.
 *
 * @since 0.1.0
 * @category models
 */
export type Script = ScriptedModel.Script

/**
 * When `turn/start` is answered: `First` as the server usually does, `Last` after everything else that the turn brings,
 * its completion included, `Never` not at all.
 *
 * @since 0.1.0
 * @category models
 */
export type Answer = "First" | "Last" | "Never"

/**
 * A reply that also says when its `turn/start` is answered.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnReply extends ScriptedModel.Reply {
  readonly answer: Answer
}

/**
 * Has the whole turn happen before its `turn/start` is answered, which the server does when a turn is fast. Apply it
 * last: other combinators make a plain reply.
 *
 * @since 0.1.0
 * @category combinators
 */
export const answeredLast = (self: ScriptedModel.Reply): TurnReply => ({ ...self, answer: "Last" })

/**
 * Has the turn run without its `turn/start` being answered. Apply it last: other combinators make a plain reply.
 *
 * @since 0.1.0
 * @category combinators
 */
export const neverAnswered = (self: ScriptedModel.Reply): TurnReply => ({ ...self, answer: "Never" })

/**
 * A request that the scripted app-server shall refuse.
 *
 * @since 0.1.0
 * @category errors
 */
export class Refused extends Data.TaggedError("Refused")<ErrorBody> {}

/**
 * What answers requests in place of the scripted app-server, by method. An effect that never ends leaves its request
 * without an answer.
 *
 * @since 0.1.0
 * @category models
 */
export type Answers = {
  readonly [M in keyof ClientRequests]?: (
    params: ClientRequests[M]["params"]
  ) => Effect.Effect<ClientRequests[M]["result"], Refused>
}

/**
 * The client's transport with an app-server behind it that answers the handshake, starts, resumes, names, archives and
 * unsubscribes threads, and runs their turns by the script: starting, steering, interrupting and joining them. Other
 * methods are refused unless `answers` has them.
 *
 * @example
 * ```ts
 * import { Codex } from "@effect-codex/sdk"
 * import { MemoryTransport, ScriptedModel } from "@effect-codex/testing"
 * import { Effect, Layer } from "effect"
 *
 * const test = Effect.gen(function*() {
 *   const codex = yield* Codex.Codex
 *   const thread = yield* codex.startThread()
 *   const { finalResponse } = yield* thread.run("hi")
 *   return finalResponse === "Hello."
 * }).pipe(
 *   Effect.provide(Codex.layer.pipe(Layer.provide(MemoryTransport.layer([ScriptedModel.text(["Hel", "lo."])]))))
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  script: Script,
  options?: { readonly answers?: Answers | undefined }
): Layer.Layer<Transport | Server> =>
  Layer.scopedContext(Effect.map(internalAppServer.make(script, options?.answers ?? {}), toContext))
