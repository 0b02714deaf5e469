import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { LimitExceeded, StructuredOutputError, TurnError } from "../../CodexError.js"
import type { Input } from "../../Input.js"
import type * as Output from "../../StructuredOutput.js"
import type { StartTurnError, Thread } from "../../Thread.js"
import type { LimitedOptions, Limits as LimitOptions, TurnOptions, TurnStreamError, Unlimited } from "../../Turn.js"
import type { TurnEvent } from "../../TurnEvent.js"
import type { TurnResult } from "../../TurnResult.js"
import type { Handle } from "../connection/connection.js"
import * as StructuredOutput from "../structuredOutput/structuredOutput.js"
import * as Limits from "./limits.js"
import { startTurn } from "./startTurn.js"
import * as Turn from "./turn.js"
import * as TurnEntry from "./turnEntry.js"

/**
 * The operations of a thread that run a turn from its start to its end, and so can hold it to limits. Each is declared
 * without limits first, so that a call without them does not list their error.
 *
 * @internal
 */
export const make = ({ current }: Handle, threadId: string): Pick<Thread, "run" | "runAs" | "stream"> => {
  const start = Effect.fnUntraced(
    function*(input: Input, given: TurnOptions & LimitOptions, views: ReadonlyArray<TurnEntry.View>) {
      const { limits, options } = yield* Limits.split(given)
      const connection = yield* current
      const claim = yield* startTurn(connection, threadId, input, options)
      if (!claim.joined) {
        TurnEntry.keepOnly(claim.entry, views)
      }
      const explain: Limits.Explain = limits === undefined || claim.joined
        ? identity
        : yield* Limits.enforce(connection, claim.entry, limits)
      return { turn: Turn.make(connection, claim), explain }
    }
  )

  function run(input: Input, options?: TurnOptions & Unlimited): Effect.Effect<TurnResult, TurnError | StartTurnError>
  function run(
    input: Input,
    options: LimitedOptions
  ): Effect.Effect<TurnResult, TurnError | StartTurnError | LimitExceeded>
  function run(input: Input, options: TurnOptions & LimitOptions = {}) {
    return Effect.scoped(
      Effect.flatMap(start(input, options, []), ({ explain, turn }) => Effect.mapError(turn.result, explain))
    )
  }

  function stream(
    input: Input,
    options?: TurnOptions & Unlimited
  ): Stream.Stream<TurnEvent, TurnStreamError | StartTurnError>
  function stream(
    input: Input,
    options: LimitedOptions
  ): Stream.Stream<TurnEvent, TurnStreamError | StartTurnError | LimitExceeded>
  function stream(input: Input, options: TurnOptions & LimitOptions = {}) {
    return Stream.unwrapScoped(
      Effect.map(start(input, options, ["events"]), ({ explain, turn }) => Stream.mapError(turn.events, explain))
    )
  }

  function runAs<A, I, R>(
    schema: Schema.Schema<A, I, R>,
    input: Input,
    options?: Output.Options & Unlimited
  ): Effect.Effect<Output.Decoded<A>, TurnError | StartTurnError | StructuredOutputError, R>
  function runAs<A, I, R>(
    schema: Schema.Schema<A, I, R>,
    input: Input,
    options: Output.LimitedOptions
  ): Effect.Effect<Output.Decoded<A>, TurnError | StartTurnError | StructuredOutputError | LimitExceeded, R>
  function runAs<A, I, R>(
    schema: Schema.Schema<A, I, R>,
    input: Input,
    options: Output.LimitedOptions = {}
  ): Effect.Effect<Output.Decoded<A>, TurnError | StartTurnError | StructuredOutputError | LimitExceeded, R> {
    // The `R` of an overload is taken for another one than that of its implementation.
    // @effect-diagnostics-next-line missingEffectContext:off
    return StructuredOutput.runAs(run, schema, input, options)
  }

  return { run, stream, runAs }
}
