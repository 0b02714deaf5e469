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
import type { ConnectionClosed, EventOverflow, InterruptTimeout, RequestError, TurnError } from "./CodexError.js"
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

  /** Gives the running turn more to consider. */
  readonly steer: (input: Input, options?: SteerOptions) => Effect.Effect<void, RequestError>

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
  /** How long to wait for the server to accept the turn, in place of the configured `requestTimeout`. */
  readonly timeout?: Duration.DurationInput | undefined
}
