/**
 * One turn of a thread: its events, its result, and the means to steer and to stop it.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"
import type * as Server from "@effect-codex/protocol/Server"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type {
  ConnectionClosed,
  EventOverflow,
  InterruptTimeout,
  RequestError,
  TurnError,
  TurnNotActive,
  TurnNotSteerable
} from "./CodexError.js"
import type { Input } from "./Input.js"
import type { TurnEvent } from "./TurnEvent.js"
import type { TurnResult } from "./TurnResult.js"

/**
 * What a turn's streams fail with: how the turn ended where it did not complete, or the reader's own slowness.
 *
 * @since 0.1.0
 * @category models
 */
export type TurnStreamError = TurnError | EventOverflow

/**
 * What steering a turn fails with.
 *
 * @since 0.1.0
 * @category models
 */
export type SteerError = RequestError | TurnNotActive | TurnNotSteerable

/**
 * A turn belongs to the scope it was started in: when that closes and the turn is still open, it is stopped on the
 * server.
 *
 * @since 0.1.0
 * @category models
 */
export interface Turn {
  readonly id: string
  readonly threadId: string

  /**
   * Whether the input joined a turn that was active already. Such a turn belongs to who started it, and goes on when
   * this handle's scope closes.
   */
  readonly joined: boolean

  /**
   * The turn's events. It ends after `TurnCompleted`, by failing where the turn failed or was interrupted, as `result`
   * does. On the handle that started the turn, the first run begins with the turn's first event; every other run gets
   * what comes from then on, and the end. Runs do not take events from one another; to read the same events twice from
   * the beginning, broadcast one run.
   */
  readonly events: Stream.Stream<TurnEvent, TurnStreamError>

  /**
   * The agent's words as they come, of all its messages, one after the other with nothing in between. Like `events` a
   * subscriber of its own, whose first run begins at the beginning.
   */
  readonly textDeltas: Stream.Stream<string, TurnStreamError>

  /** The items as they complete. Like `events` a subscriber of its own, whose first run begins at the beginning. */
  readonly items: Stream.Stream<Server.ThreadItem, TurnStreamError>

  /** Waits for the end. Succeeds only for a turn that completed; the errors carry what it had come to. */
  readonly result: Effect.Effect<TurnResult, TurnError>

  /** Gives the running turn more to consider. A turn that has ended does not take it, nor does a review. */
  readonly steer: (input: Input, options?: SteerOptions) => Effect.Effect<void, SteerError>

  /**
   * Stops the turn on the server, waits for its end within `interruptGrace`, and reports how it ended: `interrupted`,
   * or `completed` or `failed` where it was faster.
   */
  readonly interrupt: Effect.Effect<TurnResult, ConnectionClosed | InterruptTimeout>

  /** Gives up ownership: the turn goes on when the scope closes. */
  readonly detach: Effect.Effect<void>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface SteerOptions extends Omit<Client.TurnSteerParams, "threadId" | "expectedTurnId" | "input"> {
  /** How long to wait for the server's answer, in place of the configured `requestTimeout`. */
  readonly timeout?: Duration.DurationInput | undefined
}

/**
 * What a turn is started with, beside its input; what is not given is taken from the thread.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnOptions extends Omit<Client.TurnStartParams, "threadId" | "input"> {
  /**
   * What to do when the thread has an active turn: `wait` starts after it ends, in the order of the calls (the
   * default); `join` adds the input to it; `fail` fails with `TurnActive`.
   */
  readonly whenActive?: "wait" | "join" | "fail" | undefined
  /**
   * How long to wait for the server to accept the turn, in place of the configured `requestTimeout`. How long the turn
   * itself may run is `maxDuration` of `run`.
   */
  readonly timeout?: Duration.DurationInput | undefined
  /**
   * How long the turn may be silent, in place of the configured `stallTimeout`. What the server tells of the turn or of
   * its sub-agents breaks the silence, and while one of its questions is open there is none. After it the server is
   * asked: a turn that has ended ends so, any other is interrupted and fails with `TurnStalled`. A turn that is joined
   * or detached is left to itself.
   */
  readonly stallTimeout?: Duration.DurationInput | undefined
  /**
   * Runs from when the server has accepted the turn. Once it ends, however it ends, the turn is stopped as its scope
   * would stop it, and fails with `TurnInterrupted`: unlike with `Effect.timeout` or `Effect.race`, what it had come to is
   * kept. It does nothing to a turn that is joined.
   */
  readonly interruptWhen?: Effect.Effect<unknown, unknown> | undefined
}

/**
 * What a turn may take. When it passes one of these it is interrupted on the server, its end awaited within
 * `interruptGrace`, and the call fails with `LimitExceeded`; a turn that completes before it could be stopped succeeds
 * all the same. The server reports items and tokens as they are done, so a turn passes a limit by its last step.
 *
 * `startTurn` takes none: whoever holds the turn can interrupt it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Limits {
  /** How long it may run, in the time of this program, from the moment the server has accepted it. */
  readonly maxDuration?: Duration.DurationInput | undefined
  /**
   * How many tokens it may use, input (cached or not) and output, over all its requests to the model, as `turnUsage` of
   * its result counts them.
   */
  readonly maxTokens?: number | undefined
  /** How many items may complete: messages of the agent, reasoning, tool calls; what the user said is not counted. */
  readonly maxItems?: number | undefined
}

/**
 * What a turn with limits is started with. It does not join an active turn, which belongs to somebody else.
 *
 * @since 0.1.0
 * @category models
 */
export interface LimitedOptions extends Omit<TurnOptions, "whenActive">, Limits {
  /** What to do when the thread has an active turn: `wait` until it ends (the default), or `fail` with `TurnActive`. */
  readonly whenActive?: "wait" | "fail" | undefined
}

/**
 * No limits, so that a call without them does not list `LimitExceeded` among its errors.
 *
 * @since 0.1.0
 * @category models
 */
export type Unlimited = { readonly [Limit in keyof Limits]?: undefined }
