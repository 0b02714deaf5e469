import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { InvalidParams, LimitExceeded, TurnInterrupted } from "../../CodexError.js"
import type * as Turn from "../../Turn.js"
import type { Connection } from "../connection/connection.js"
import * as Race from "../connection/race.js"
import * as TurnControl from "./turnControl.js"
import type { TurnEntry } from "./turnEntry.js"

/** @internal */
export interface Limits {
  readonly maxDuration: Duration.Duration | undefined
  readonly maxTokens: number | undefined
  readonly maxItems: number | undefined
}

interface Split {
  readonly limits: Limits | undefined
  readonly options: Turn.TurnOptions
}

/** The limit that was passed, and what it allowed. */
type Passed = Pick<LimitExceeded, "limit" | "allowed">

/**
 * Tells an interruption that a limit brought about from any other.
 *
 * @internal
 */
export type Explain = <E>(error: E | TurnInterrupted) => E | TurnInterrupted | LimitExceeded

/**
 * The limits, where there are any, apart from what the turn is started with; or why they make no sense.
 *
 * @internal
 */
export const split = (options: Turn.TurnOptions & Turn.Limits): Effect.Effect<Split, InvalidParams> =>
  Effect.suspend((): Effect.Effect<Split, InvalidParams> => {
    const { maxDuration, maxItems, maxTokens, ...rest } = options
    if (maxDuration === undefined && maxItems === undefined && maxTokens === undefined) {
      return Effect.succeed({ limits: undefined, options: rest })
    }
    for (const [name, count] of Object.entries({ maxItems, maxTokens })) {
      if (count !== undefined && !(count > 0)) {
        return refuse(`${name}: expected a number above 0, actual ${count}`)
      }
    }
    const duration = Option.flatMap(Option.fromNullable(maxDuration), Duration.decodeUnknown)
    if (maxDuration !== undefined && !Option.exists(duration, Duration.greaterThan(Duration.zero))) {
      return refuse(`maxDuration: expected a duration above 0, actual ${String(maxDuration)}`)
    }
    return rest.whenActive === "join"
      ? refuse("whenActive: a turn that is joined belongs to somebody else, and is not stopped by limits")
      : Effect.succeed({ limits: { maxDuration: Option.getOrUndefined(duration), maxTokens, maxItems }, options: rest })
  })

const refuse = (issue: string) => new InvalidParams({ method: "turn/start", issue })

/**
 * While the scope is open, stops a turn as soon as it passes a limit.
 *
 * @internal
 */
export const enforce = Effect.fnUntraced(function*(
  connection: Connection,
  entry: TurnEntry,
  limits: Limits
): Effect.fn.Return<Explain, never, Scope.Scope> {
  const used = Deferred.unsafeMake<Passed>(FiberId.none)
  const check = () => {
    const passed = passedBy(entry, limits)
    if (passed !== undefined) {
      Deferred.unsafeDone(used, Exit.succeed(passed))
    }
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => entry.collector.watch(check)),
    (unwatch) => Effect.sync(unwatch)
  )
  // It may have come far before the answer to its start.
  check()

  let exceeded: Passed | undefined
  const stop = (passed: Passed) =>
    Effect.suspend(() => {
      if (entry.exit !== undefined) {
        return Effect.void
      }
      exceeded = passed
      return TurnControl.release(connection, entry)
    })
  yield* Deferred.await(used).pipe(
    Race.first(timeOf(limits)),
    Effect.flatMap(stop),
    Effect.interruptible,
    Effect.forkScoped
  )
  return (error) =>
    exceeded !== undefined && error instanceof TurnInterrupted
      // What is in it was decoded already, and a newer server's items must not make an error of the error.
      ? new LimitExceeded({ ...exceeded, ...endOf(error) }, { disableValidation: true })
      : error
})

const passedBy = (entry: TurnEntry, { maxItems, maxTokens }: Limits): Passed | undefined => {
  const { items, tokens } = entry.collector.progress
  if (maxTokens !== undefined && tokens > maxTokens) {
    return { limit: "maxTokens", allowed: maxTokens }
  }
  return maxItems !== undefined && items > maxItems ? { limit: "maxItems", allowed: maxItems } : undefined
}

const timeOf = ({ maxDuration }: Limits): Effect.Effect<Passed> =>
  maxDuration === undefined
    ? Effect.never
    : Effect.as(Effect.sleep(maxDuration), { limit: "maxDuration", allowed: maxDuration })

const endOf = ({ partial, threadId, turnId }: TurnInterrupted) => ({ partial, threadId, turnId })
