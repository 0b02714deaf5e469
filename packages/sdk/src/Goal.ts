/**
 * The goal of a thread: an objective that the server pursues on its own, by starting one turn after the other until the
 * agent says that it is complete.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"
import type * as Server from "@effect-codex/protocol/Server"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { EventOverflow, GoalUnfinished, RequestError, ThreadError, ThreadNotFound } from "./CodexError.js"
import type { ThreadEvent } from "./TurnEvent.js"
import type { TurnResult } from "./TurnResult.js"

/**
 * A goal that is complete, and what was done for it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Result {
  readonly goal: Server.ThreadGoal
  /** What every turn came to, in order, whether it completed or not. */
  readonly turns: ReadonlyArray<TurnResult>
  /** The final response of the last turn that has one. */
  readonly finalResponse: string | null
}

/**
 * What a goal is pursued with.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends Omit<Client.ThreadGoalSetParams, "threadId" | "objective" | "status"> {
  /**
   * How long to wait for the server to accept the goal, and then for each turn to begin once the thread is idle, in
   * place of the configured `requestTimeout`.
   */
  readonly timeout?: Duration.DurationInput | undefined
}

/**
 * What pursuing a goal fails with.
 *
 * @since 0.1.0
 * @category models
 */
export type PursuitError = GoalUnfinished | ThreadError

/**
 * The goal of a thread, of which it has one at most. Ephemeral threads have none.
 *
 * @since 0.1.0
 * @category models
 */
export interface Goal {
  /** The goal as the server has it. */
  readonly get: Effect.Effect<Server.ThreadGoal | null, RequestError | ThreadNotFound>

  /**
   * Sets the goal, or changes what is given of it. An active goal on an idle thread has the server start a turn, which
   * nobody here holds: that is what `run` is for.
   */
  readonly set: (
    goal: Omit<Client.ThreadGoalSetParams, "threadId">
  ) => Effect.Effect<Server.ThreadGoal, RequestError | ThreadNotFound>

  /** Forgets the goal, and says whether there was one. A turn that is active goes on to its end. */
  readonly clear: Effect.Effect<boolean, RequestError | ThreadNotFound>

  /**
   * Pursues an objective as if it were one turn: sets it as the goal, and holds every turn that the server starts for it
   * until it is complete. It waits for the active turn, and turns of this program that wait for an idle thread wait for
   * all of it. A turn that fails is for the server to go on from or not.
   *
   * Interrupting it pauses the goal and stops the active turn; so does ending with the goal still active. Running the
   * same objective again goes on with the goal, what it has used included.
   *
   * @example
   * ```ts
   * import { Codex } from "@effect-codex/sdk"
   * import { Console, Effect } from "effect"
   *
   * const program = Effect.gen(function*() {
   *   const codex = yield* Codex.Codex
   *   const thread = yield* codex.startThread()
   *   const { goal, turns } = yield* thread.goal.run("Make the tests pass.", { tokenBudget: 200_000 })
   *   yield* Console.log(`${turns.length} turns, ${goal.tokensUsed} tokens`)
   * })
   * ```
   */
  readonly run: (objective: string, options?: Options) => Effect.Effect<Result, PursuitError>

  /**
   * The same as the stream of what happens on the thread meanwhile, the events of all its turns in order. When it is not
   * read to its end, the goal is paused and the active turn stopped.
   */
  readonly stream: (
    objective: string,
    options?: Options
  ) => Stream.Stream<ThreadEvent, PursuitError | EventOverflow>
}
