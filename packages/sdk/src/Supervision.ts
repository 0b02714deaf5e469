/**
 * An app-server that is started again when it ends: what `AppServer.layerSupervised` and `Codex.layerSupervised` take,
 * and what they tell.
 *
 * `Codex`, `AppServer` and every `Thread` stay good across restarts. What was under way when the server ended fails with
 * `ConnectionClosed`, turns and streams of events included, and is never run again by itself. What is asked while there
 * is no connection waits for the next one. A thread that was open before is resumed when it is used.
 *
 * @since 0.1.0
 */
import type * as Server from "@effect-codex/protocol/Server"
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type * as SubscriptionRef from "effect/SubscriptionRef"
import type { ConnectionClosed, CrashLoop, EventsError } from "./CodexError.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * When the server is started again, or connected to, and for how long that is tried; its input is how the last
   * connection ended, or why it could not be opened. It is run once for the life of the Layer, so a `Schedule.resetAfter`
   * in it says when a good time makes up for the bad one. Default `restarts`.
   */
  readonly schedule?: Schedule.Schedule<unknown, ConnectionClosed> | undefined
  /**
   * How many crashes within `window` are restarted after; the next one is the last. A crash is the end of a connection
   * or a handshake that failed; a transport that does not open, such as a socket that nobody listens on, is left to the
   * `schedule`. Default 5.
   */
  readonly maxCrashes?: number | undefined
  /** Default 5 minutes. */
  readonly window?: Duration.DurationInput | undefined
}

/**
 * @since 0.1.0
 * @category defaults
 */
export const defaults = {
  maxCrashes: 5,
  window: Duration.minutes(5)
} as const satisfies Options

/**
 * The default Schedule: after 100 milliseconds, then twice as long each time, up to 10 seconds, without end. It begins
 * anew when 5 minutes have passed since it last began.
 *
 * @since 0.1.0
 * @category defaults
 */
export const restarts: Schedule.Schedule<unknown, unknown> = Schedule.exponential("100 millis").pipe(
  Schedule.union(Schedule.spaced("10 seconds")),
  Schedule.resetAfter("5 minutes")
)

/**
 * How the connection is doing.
 *
 * @since 0.1.0
 * @category models
 */
export type State = Connecting | Ready | Backoff | Failed

/**
 * The server is being started, or connected to; `attempt` counts from 1 since it last was `Ready`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Connecting {
  readonly _tag: "Connecting"
  readonly attempt: number
}

/**
 * The connection is open; `restarts` says how many were before it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Ready {
  readonly _tag: "Ready"
  /** What the server said of itself in the handshake. */
  readonly info: Server.InitializeResponse
  readonly since: DateTime.Utc
  readonly restarts: number
}

/**
 * There is no connection, for the reason in `cause`, until the next attempt.
 *
 * @since 0.1.0
 * @category models
 */
export interface Backoff {
  readonly _tag: "Backoff"
  /** The attempt that comes next, counted from 1. */
  readonly attempt: number
  readonly until: DateTime.Utc
  readonly cause: ConnectionClosed
}

/**
 * There is no connection any more, and every call fails with `ConnectionClosed`, whose `cause` is this one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Failed {
  readonly _tag: "Failed"
  readonly cause: CrashLoop
}

/**
 * What a supervised Layer tells of its connection.
 *
 * @example
 * ```ts
 * import { Supervision } from "@effect-codex/sdk"
 * import { Console, Effect, Stream } from "effect"
 *
 * const status = Effect.gen(function*() {
 *   const { state } = yield* Supervision.Supervision
 *   yield* Stream.runForEach(state.changes, ({ _tag }) => Console.log(_tag))
 * })
 * ```
 *
 * @since 0.1.0
 * @category services
 */
export class Supervision extends Context.Tag("@effect-codex/sdk/Supervision")<Supervision, {
  /** How the connection is doing. It is for reading: what is set here changes nothing. */
  readonly state: SubscriptionRef.SubscriptionRef<State>
}>() {}

/**
 * Runs a stream of events again where it fails because the server has ended and is started again. What the server
 * tells in between is missed. Once nothing is started any more, the stream fails.
 *
 * @example
 * ```ts
 * import { Codex, Supervision } from "@effect-codex/sdk"
 * import { Console, Effect, Stream } from "effect"
 *
 * const log = Effect.gen(function*() {
 *   const codex = yield* Codex.Codex
 *   yield* codex.events.pipe(Supervision.acrossRestarts, Stream.runForEach(({ _tag }) => Console.log(_tag)))
 * })
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const acrossRestarts = <A, R>(
  self: Stream.Stream<A, EventsError, R>
): Stream.Stream<A, EventsError, R | Supervision> =>
  Stream.retry(
    self,
    Schedule.recurWhileEffect((error) =>
      error._tag === "ConnectionClosed" && error.reason !== "LayerClosed" && error.reason !== "CrashLoop"
        ? Effect.flatMap(Supervision, ({ state }) => Effect.map(state, ({ _tag }) => _tag !== "Failed"))
        : Effect.succeed(false)
    )
  )
