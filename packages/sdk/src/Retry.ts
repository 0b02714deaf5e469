/**
 * What to do about a server that is overloaded.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { RequestFailed } from "./CodexError.js"

/**
 * Tries again at most 5 times: after about 100 ms, then each time twice as long.
 *
 * @since 0.1.0
 * @category schedules
 */
export const schedule: Schedule.Schedule<unknown> = Schedule.exponential(Duration.millis(100)).pipe(
  Schedule.jittered,
  Schedule.intersect(Schedule.recurs(5))
)

/**
 * Tells the server's "overloaded, retry later" (-32001) from every other failure.
 *
 * @since 0.1.0
 * @category guards
 */
export const isOverloaded = (error: unknown): error is RequestFailed =>
  error instanceof RequestFailed && error.reason === "Overloaded"

/**
 * Tries again while the server says that it is overloaded. Requests that only read are retried like this by
 * themselves; for the others this is a decision of the program, since nobody can promise that the refused request has
 * left no trace.
 *
 * @example
 * ```ts
 * import { Codex, Retry } from "@effect-codex/sdk"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const codex = yield* Codex.Codex
 *   return yield* codex.startThread().pipe(Retry.overloaded)
 * })
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const overloaded = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.retry(self, { schedule, while: isOverloaded })
