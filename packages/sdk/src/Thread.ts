/**
 * A conversation on the server: a sequence of turns, of which one runs at a time.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"
import type * as Server from "@effect-codex/protocol/Server"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { EventsError, RequestError, TurnActive, TurnError } from "./CodexError.js"
import type { Input } from "./Input.js"
import { uninterrupted } from "./internal/turnControl.js"
import type { Open } from "./ServerRequests.js"
import type { Turn, TurnOptions, TurnStreamError } from "./Turn.js"
import type { ThreadEvent, TurnEvent } from "./TurnEvent.js"
import type { TurnResult } from "./TurnResult.js"

/**
 * What starting a turn fails with.
 *
 * @since 0.1.0
 * @category models
 */
export type StartTurnError = RequestError | TurnActive

/**
 * A thread is a value: an id and a connection. It needs no release; `Thread.scoped` unloads it on the server.
 *
 * @since 0.1.0
 * @category models
 */
export interface Thread {
  readonly id: string

  /**
   * Runs one turn to its end and succeeds with its result. Interrupting it stops the turn on the server.
   *
   * @example
   * ```ts
   * import { Codex } from "@effect-codex/sdk"
   * import { Console, Effect } from "effect"
   *
   * const program = Effect.gen(function*() {
   *   const codex = yield* Codex.Codex
   *   const thread = yield* codex.startThread()
   *   const { finalResponse } = yield* thread.run("What does this repository do?")
   *   yield* Console.log(finalResponse)
   * })
   * ```
   */
  readonly run: (input: Input, options?: TurnOptions) => Effect.Effect<TurnResult, TurnError | StartTurnError>

  /**
   * Runs one turn as the stream of its events. When the stream is not read to its end, the turn is stopped on the
   * server.
   */
  readonly stream: (input: Input, options?: TurnOptions) => Stream.Stream<TurnEvent, TurnStreamError | StartTurnError>

  /** Starts a turn for the scope, and succeeds as soon as the server has accepted it. */
  readonly startTurn: (input: Input, options?: TurnOptions) => Effect.Effect<Turn, StartTurnError, Scope.Scope>

  /**
   * The thread as the server has it; `includeTurns` brings its turns with their items, which the server refuses for
   * ephemeral threads.
   */
  readonly read: (options?: { readonly includeTurns?: boolean }) => Effect.Effect<Server.Thread, RequestError>

  readonly setName: (name: string) => Effect.Effect<void, RequestError>

  /**
   * Has the server summarise the history to free context, which is a turn of its own: it waits for the active turn,
   * and then for its own end. Interrupting it stops that turn.
   */
  readonly compact: Effect.Effect<TurnResult, RequestError | TurnError>

  /** Puts the thread away: it is not listed any more, unless archived threads are asked for. */
  readonly archive: Effect.Effect<void, RequestError>

  /** Takes the thread out of the archive. It has to be resumed before it takes a turn. */
  readonly unarchive: Effect.Effect<Server.Thread, RequestError>

  /**
   * Tells the server that this connection wants no more notifications of the thread, so that it can unload it. Nothing
   * would be heard any more of a turn that this program has open there, so that is stopped first; a detached or joined
   * one goes on, and its handles end with `TurnInterrupted`. A later turn resumes the thread.
   */
  readonly unsubscribe: Effect.Effect<void, RequestError>

  /**
   * The questions of the thread and of its sub-agents that a person answers, for programs with a user interface: first
   * those that are open, then each as it is asked. While this is read, they wait here for `answer`, before the handlers
   * of the thread; those of a turn of its own come first. When nobody reads any more, they go on to those handlers.
   */
  readonly approvals: Stream.Stream<Open, EventsError>

  /** What happens on the thread from the moment the stream is run, its turns' events included, whoever started them. */
  readonly events: Stream.Stream<ThreadEvent, EventsError>
}

/**
 * A thread that was just started, resumed or forked, with what the server said of it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Opened<Info> extends Thread {
  readonly info: Info
}

/**
 * What a thread is started with: the server's own params.
 *
 * @since 0.1.0
 * @category models
 */
export type StartOptions = Client.ThreadStartParams

/**
 * What a thread is resumed with: the server's own params.
 *
 * @since 0.1.0
 * @category models
 */
export type ResumeOptions = Omit<Client.ThreadResumeParams, "threadId">

/**
 * What a thread is forked with: the server's own params.
 *
 * @since 0.1.0
 * @category models
 */
export type ForkOptions = Omit<Client.ThreadForkParams, "threadId">

/**
 * Binds a thread to a scope: when it closes, the connection unsubscribes from the thread, so that the server can
 * unload it. Closing waits for a turn that is still open as long as `interruptGrace` says, and for the server's answer
 * for at most 10 seconds.
 *
 * @example
 * ```ts
 * import { Codex, Thread } from "@effect-codex/sdk"
 * import { Effect } from "effect"
 *
 * const program = Effect.scoped(Effect.gen(function*() {
 *   const codex = yield* Codex.Codex
 *   const thread = yield* codex.startThread().pipe(Thread.scoped)
 *   return yield* thread.run("Say hello.")
 * }))
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const scoped = <T extends Thread, E, R>(self: Effect.Effect<T, E, R>): Effect.Effect<T, E, R | Scope.Scope> =>
  Effect.acquireRelease(
    self,
    (thread) => Effect.ignoreLogged(uninterrupted(Effect.timeout(thread.unsubscribe, "10 seconds")))
  )
