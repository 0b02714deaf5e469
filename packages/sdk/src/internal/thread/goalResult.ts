import type * as Server from "@effect-codex/protocol/Server"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { GoalUnfinished, type TurnError } from "../../CodexError.js"
import type * as Goal from "../../Goal.js"
import type { TurnResult } from "../../TurnResult.js"
import type { TurnEntry } from "../turn/turnEntry.js"
import type { GoalWatch } from "./goalWatch.js"

/**
 * How a goal ends.
 *
 * @internal
 */
export type Ending = "Complete" | GoalUnfinished["reason"]

/**
 * How the goal has ended, if it has.
 *
 * @internal
 */
export const endingOf = (watch: GoalWatch, goal: Server.ThreadGoal): Ending | undefined => {
  if (watch.cleared) {
    return "Cleared"
  }
  switch (goal.status) {
    case "active": {
      const last = watch.turns.at(-1)
      return last !== undefined && wasInterrupted(last) ? "Interrupted" : undefined
    }
    case "complete":
      return "Complete"
    case "blocked":
      return "Blocked"
    case "paused":
      return "Paused"
    case "budgetLimited":
      return "BudgetLimited"
    case "usageLimited":
      return "UsageLimited"
    default:
      return "Other"
  }
}

/** @internal */
export const resultOf = (
  watch: GoalWatch,
  goal: Server.ThreadGoal,
  ending: Ending
): Effect.Effect<Goal.Result, GoalUnfinished> => {
  const turns = watch.turns.flatMap(resultOfTurn)
  if (ending === "Complete") {
    const answers = turns.flatMap(({ finalResponse }) => finalResponse === null ? [] : [finalResponse])
    return Effect.succeed({ goal, turns, finalResponse: answers.at(-1) ?? null })
  }
  const last = watch.turns.at(-1)
  const failure = last === undefined ? undefined : failureOf(last)
  return Effect.fail(
    new GoalUnfinished(
      {
        threadId: watch.thread.id,
        reason: ending,
        goal,
        turns,
        error: failure?._tag === "TurnFailed" ? failure.error : null
      },
      // What is in it was decoded already, and a newer server's items must not make an error of the error.
      { disableValidation: true }
    )
  )
}

const resultOfTurn = (turn: TurnEntry): ReadonlyArray<TurnResult> => {
  if (turn.exit === undefined) {
    return []
  }
  if (Exit.isSuccess(turn.exit)) {
    return [turn.exit.value]
  }
  const failure = failureOf(turn)
  return failure === undefined || failure._tag === "ConnectionClosed" ? [] : [failure.partial]
}

const failureOf = (turn: TurnEntry): TurnError | undefined =>
  turn.exit !== undefined && Exit.isFailure(turn.exit)
    ? Option.getOrUndefined(Cause.failureOption(turn.exit.cause))
    : undefined

/** A turn of which nothing more was heard is not known to have been interrupted. */
const wasInterrupted = (turn: TurnEntry): boolean => {
  const failure = failureOf(turn)
  return failure?._tag === "TurnStalled" ||
    failure?._tag === "TurnInterrupted" && failure.partial.status === "interrupted"
}
