/**
 * A conversation on the server: a sequence of turns, of which one runs at a time.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"
import type * as Server from "@effect-codex/protocol/Server"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { ExperimentalApi } from "./AppServer.js"
import type {
  EventsError,
  LimitExceeded,
  RealtimeClosed,
  RequestError,
  StructuredOutputError,
  ThreadError,
  ThreadNotFound,
  TurnActive,
  TurnError,
  TurnNotSteerable
} from "./CodexError.js"
import type { Goal } from "./Goal.js"
import type { Input } from "./Input.js"
import { uninterrupted } from "./internal/connection/uninterrupted.js"
import type * as Realtime from "./Realtime.js"
import type * as Review from "./Review.js"
import type { Open } from "./ServerRequests.js"
import type * as StructuredOutput from "./StructuredOutput.js"
import type { SubAgents } from "./SubAgents.js"
import type * as Tool from "./Tool.js"
import type { LimitedOptions, Turn, TurnOptions, TurnStreamError, Unlimited } from "./Turn.js"
import type { ThreadEvent, TurnEvent } from "./TurnEvent.js"
import type { TurnResult } from "./TurnResult.js"

/**
 * What starting a turn fails with.
 *
 * @since 0.1.0
 * @category models
 */
export type StartTurnError = ThreadError | TurnActive | TurnNotSteerable

/**
 * A thread is a value: an id and a connection. It needs no release; `Thread.scoped` unloads it on the server.
 *
 * @since 0.1.0
 * @category models
 */
export interface Thread {
  readonly id: string

  /**
   * Runs one turn to its end and succeeds with its result. Interrupting it stops the turn on the server, and so does
   * passing one of the `Limits` that it may be given.
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
  readonly run: {
    (input: Input, options?: TurnOptions & Unlimited): Effect.Effect<TurnResult, TurnError | StartTurnError>
    (input: Input, options: LimitedOptions): Effect.Effect<TurnResult, TurnError | StartTurnError | LimitExceeded>
  }

  /**
   * Runs one turn whose final response is JSON of the schema, and succeeds with the value that it decodes to. The model
   * is held to the schema's encoded side, in the form that model APIs take with `strict`: `StructuredOutput` says which.
   * A schema that has no such form is refused as `InvalidParams`, before anything is sent.
   *
   * @example
   * ```ts
   * import { Codex } from "@effect-codex/sdk"
   * import { Console, Effect, Schema } from "effect"
   *
   * const Review = Schema.Struct({
   *   verdict: Schema.Literal("merge", "change"),
   *   problems: Schema.Array(Schema.Struct({ file: Schema.String, line: Schema.optional(Schema.Int) }))
   * })
   *
   * const program = Effect.gen(function*() {
   *   const codex = yield* Codex.Codex
   *   const thread = yield* codex.startThread()
   *   const { value } = yield* thread.runAs(Review, "Review the last commit.", { repair: 1 })
   *   yield* Console.log(value.verdict, value.problems.length)
   * })
   * ```
   */
  readonly runAs: {
    <A, I, R>(
      schema: Schema.Schema<A, I, R>,
      input: Input,
      options?: StructuredOutput.Options & Unlimited
    ): Effect.Effect<StructuredOutput.Decoded<A>, TurnError | StartTurnError | StructuredOutputError, R>
    <A, I, R>(
      schema: Schema.Schema<A, I, R>,
      input: Input,
      options: StructuredOutput.LimitedOptions
    ): Effect.Effect<
      StructuredOutput.Decoded<A>,
      TurnError | StartTurnError | StructuredOutputError | LimitExceeded,
      R
    >
  }

  /**
   * Runs one turn as the stream of its events. When the stream is not read to its end, the turn is stopped on the
   * server.
   */
  readonly stream: {
    (input: Input, options?: TurnOptions & Unlimited): Stream.Stream<TurnEvent, TurnStreamError | StartTurnError>
    (input: Input, options: LimitedOptions): Stream.Stream<
      TurnEvent,
      TurnStreamError | StartTurnError | LimitExceeded
    >
  }

  /** Starts a turn for the scope, and succeeds as soon as the server has accepted it. */
  readonly startTurn: (input: Input, options?: TurnOptions) => Effect.Effect<Turn, StartTurnError, Scope.Scope>

  /**
   * The thread as the server has it; `includeTurns` brings its turns with their items, which the server refuses for
   * ephemeral threads.
   */
  readonly read: (options?: { readonly includeTurns?: boolean }) => Effect.Effect<
    Server.Thread,
    RequestError | ThreadNotFound
  >

  /**
   * The turns that the server has stored, newest first unless asked otherwise, a page at a time as the stream is read.
   * Their items are a summary unless `itemsView` asks for all.
   */
  readonly turns: (
    options?: Omit<Client.ThreadTurnsListParams, "threadId">
  ) => Stream.Stream<Server.Turn, RequestError | ThreadNotFound>

  /** The items that the server has stored, of all turns or of one, oldest first unless asked otherwise. */
  readonly items: (
    options?: Omit<Client.ThreadItemsListParams, "threadId">
  ) => Stream.Stream<Server.ThreadItemEntry, RequestError | ThreadNotFound>

  readonly setName: (name: string) => Effect.Effect<void, ThreadError>

  /**
   * Has the server summarise the history to free context, which is a turn of its own: it waits for the active turn,
   * and then for its own end. Interrupting it stops that turn.
   */
  readonly compact: Effect.Effect<TurnResult, ThreadError | TurnError>

  /**
   * Runs a shell command of the user on the thread, so that the agent knows of it: a turn of its own, whose item
   * `commandExecution` has the output and the exit code. It waits for the active turn, and what is started after it
   * waits for its end, since the server never answers input that comes while it runs. Interrupting it stops the command.
   *
   * The command runs unconfined, as the user of the server.
   */
  readonly shellCommand: (
    command: string,
    options?: Omit<Client.ThreadShellCommandParams, "threadId" | "command">
  ) => Effect.Effect<TurnResult, ThreadError | TurnError>

  /**
   * Has the agent review code, and succeeds with the turn of the review, whose `finalResponse` is what the review says.
   * It waits for the active turn. Interrupting it stops the review.
   *
   * @example
   * ```ts
   * import { Codex, Review } from "@effect-codex/sdk"
   * import { Console, Effect } from "effect"
   *
   * const program = Effect.gen(function*() {
   *   const codex = yield* Codex.Codex
   *   const thread = yield* codex.startThread()
   *   const { finalResponse } = yield* thread.review(Review.uncommittedChanges)
   *   yield* Console.log(finalResponse)
   * })
   * ```
   */
  readonly review: (
    target: Review.Target,
    options?: Review.Options
  ) => Effect.Effect<TurnResult, ThreadError | TurnError>

  /**
   * Starts a review for the scope, and succeeds as soon as the server has accepted it. The items `enteredReviewMode` and
   * `exitedReviewMode` say where it begins and ends; what the reviewer writes in between, `textDeltas` included, is not
   * yet the review. The server refuses to steer it.
   */
  readonly startReview: (
    target: Review.Target,
    options?: Review.Options
  ) => Effect.Effect<Turn, ThreadError, Scope.Scope>

  /** The objective that the server pursues on the thread, turn by turn. */
  readonly goal: Goal

  /** The agents that the thread's agent has spawned, on threads of their own. */
  readonly subAgents: SubAgents

  /** Puts the thread away: it is not listed any more, unless archived threads are asked for. */
  readonly archive: Effect.Effect<void, RequestError | ThreadNotFound>

  /** Takes the thread out of the archive. It has to be resumed before it takes a turn. */
  readonly unarchive: Effect.Effect<Server.Thread, RequestError | ThreadNotFound>

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

  /**
   * Opens a realtime session for the scope, and succeeds once it is open. It is stopped when the scope closes; opening
   * another one on the thread ends it as well.
   */
  readonly realtime: (
    options: Realtime.Options
  ) => Effect.Effect<Realtime.Session, RequestError | RealtimeClosed, ExperimentalApi | Scope.Scope>

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
 * @since 0.1.0
 * @category models
 */
export interface WithTools<Tools extends ReadonlyArray<Tool.Any>> {
  /**
   * Tools of this program that the thread's agent can call. The server keeps the tools that a thread was started with,
   * for its forks as well: to resume or fork it with them is to answer their calls.
   */
  readonly tools?: Tools | undefined
}

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
