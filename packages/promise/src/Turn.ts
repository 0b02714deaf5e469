/**
 * One turn of a thread: what it is started with, and the handle of `startTurn`.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"
import type * as Server from "@effect-codex/protocol/Server"
import type { Input } from "@effect-codex/sdk/Input"
import type { TurnResult } from "@effect-codex/sdk/TurnResult"
import type { Handlers } from "./Handlers.js"
import type { Events, TurnEvent } from "./TurnEvent.js"

/**
 * What a call can be given up with. An aborted one rejects with `Aborted`, or with `TurnInterrupted` where a turn of its
 * own was under way; `cause` is the signal's reason. With a signal that is aborted already nothing is started.
 *
 * @since 0.1.0
 * @category models
 */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

/**
 * What a turn is started with, beside its input; what is not given is taken from the thread.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnOptions extends Omit<Client.TurnStartParams, "threadId" | "input">, CallOptions {
  /**
   * What to do when the thread has an active turn: `wait` starts after it ends, in the order of the calls (the
   * default); `join` adds the input to it; `fail` fails with `TurnActive`.
   */
  readonly whenActive?: "wait" | "join" | "fail" | undefined
  /**
   * How long to wait for the server to accept the turn, in place of `requestTimeoutMs`. How long the turn itself may run
   * is `maxDurationMs` of `run`.
   */
  readonly timeoutMs?: number | undefined
  /** How long the turn may be silent before it is interrupted and fails with `TurnStalled`. Default: for ever. */
  readonly stallTimeoutMs?: number | undefined
  /** What answers the questions of this turn, before the handlers of its thread do. */
  readonly handlers?: Handlers | undefined
}

/**
 * What a turn is run with: the same, and what it may take. A turn that passes a limit is interrupted on the server and
 * fails with `LimitExceeded`, which has what there was. A turn with limits joins no other.
 *
 * @since 0.1.0
 * @category models
 */
export interface RunOptions extends TurnOptions {
  /** From the moment the server has accepted the turn. */
  readonly maxDurationMs?: number | undefined
  /** Input and output, over all its requests to the model. */
  readonly maxTokens?: number | undefined
  /** Messages of the agent, reasoning, tool calls: whatever completes. */
  readonly maxItems?: number | undefined
}

/**
 * What a turn for a value is run with. It joins no other.
 *
 * @since 0.1.0
 * @category models
 */
export interface RunAsOptions extends Omit<RunOptions, "outputSchema" | "whenActive"> {
  readonly whenActive?: "wait" | "fail" | undefined
  /** How many further turns may ask the model again with what does not fit. Default 0. */
  readonly repair?: number | undefined
}

/**
 * The value that a turn was asked for, and the turn that gave it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Decoded<out A> {
  readonly value: A
  readonly result: TurnResult
}

/**
 * @since 0.1.0
 * @category models
 */
export interface SteerOptions
  extends Omit<Client.TurnSteerParams, "threadId" | "expectedTurnId" | "input">, CallOptions
{
  /** How long to wait for the server's answer, in place of `requestTimeoutMs`. */
  readonly timeoutMs?: number | undefined
}

/**
 * A turn that was started. It is stopped on the server by the signal it was started with, by leaving an `await using`
 * of it, and by closing the Codex, whichever comes first.
 *
 * Reading is not owning: leaving one of the iterables early stops the reading, not the turn.
 *
 * @since 0.1.0
 * @category models
 */
export interface Turn extends AsyncDisposable {
  readonly id: string
  readonly threadId: string
  /** Whether the input joined a turn that was active already. Such a turn belongs to who started it. */
  readonly joined: boolean

  /**
   * What the turn tells, to its end; throws where it fails or is interrupted. The first one begins with the turn's first
   * event, a later one gets what comes from then on.
   */
  readonly events: (options?: CallOptions) => Events<TurnEvent>

  /** The agent's words as they come. The first one begins at the beginning, like `events`. */
  readonly textDeltas: (options?: CallOptions) => Events<string>

  /** The items as they complete. The first one begins at the beginning, like `events`. */
  readonly items: (options?: CallOptions) => Events<Server.ThreadItem>

  /** Waits for the end. Its signal gives up the waiting, not the turn. */
  readonly result: (options?: CallOptions) => Promise<TurnResult>

  /** Gives the running turn more to consider. */
  readonly steer: (input: Input, options?: SteerOptions) => Promise<void>

  /** Stops the turn on the server, waits for its end within `interruptGraceMs`, and reports how it ended. */
  readonly interrupt: () => Promise<TurnResult>

  /** Gives up ownership: the turn goes on when its `await using` is left or its signal aborted. */
  readonly detach: () => void
}
