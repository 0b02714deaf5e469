/**
 * Answers that are values of a Schema. `thread.runAs` is all that most programs need; this module is for those that
 * start the turn in another way, or want to see what is sent.
 *
 * The model is held to the JSON Schema of the Schema's encoded side, so transformations are fine. Strict model APIs take
 * only a part of JSON Schema, and what they do not take is asked for in another form and brought back before the Schema
 * decodes it:
 *
 * - an optional member is asked for as `null` in place of absent;
 * - a record as an array of its entries, `{ key, value }`;
 * - a tuple as an object with its elements by their index;
 * - what is no object at all as the member `value` of one.
 *
 * Constraints that such APIs do not take (`minLength`, for one) are told to the model in the description, and checked
 * by the Schema. What has no such form (a declaration without a `jsonSchema` annotation, `Schema.Unknown`, a struct with
 * an index signature, a tuple with rest elements after others) is refused before anything is sent.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type { InvalidParams, StructuredOutputError } from "./CodexError.js"
import * as internal from "./internal/structuredOutput/structuredOutput.js"
import type * as Turn from "./Turn.js"
import type { TurnResult } from "./TurnResult.js"

/**
 * The value that a turn was asked for, and the turn that gave it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Decoded<A> {
  readonly value: A
  readonly result: TurnResult
}

/**
 * What `runAs` starts its turns with. It does not join an active turn, which was asked for something else.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends Omit<Turn.TurnOptions, "outputSchema" | "whenActive"> {
  /** What to do when the thread has an active turn: `wait` until it ends (the default), or `fail` with `TurnActive`. */
  readonly whenActive?: "wait" | "fail" | undefined
  /**
   * How many further turns, on the same thread, may ask the model again with what does not fit. Default 0. They wait
   * where another turn has begun in between.
   */
  readonly repair?: number | undefined
}

/**
 * The same with limits, which hold for each of its turns on its own.
 *
 * @since 0.1.0
 * @category models
 */
export interface LimitedOptions extends Options, Turn.Limits {}

/**
 * A Schema as a turn can be asked for it.
 *
 * @since 0.1.0
 * @category models
 */
export interface StructuredOutput<A, R = never> {
  /** The JSON Schema, for the `outputSchema` of a turn. */
  readonly outputSchema: { readonly [keyword: string]: unknown }
  /** The value that the final response of a turn with that `outputSchema` is. */
  readonly decode: (result: TurnResult) => Effect.Effect<A, StructuredOutputError, R>
}

/**
 * Fails where the Schema has no JSON Schema that a strict model API takes.
 *
 * @example
 * ```ts
 * import { Codex, StructuredOutput } from "@effect-codex/sdk"
 * import { Console, Effect, Schema, Stream } from "effect"
 *
 * const program = Effect.scoped(Effect.gen(function*() {
 *   const codex = yield* Codex.Codex
 *   const thread = yield* codex.startThread()
 *   const { decode, outputSchema } = yield* StructuredOutput.make(Schema.Array(Schema.NonEmptyString))
 *   const turn = yield* thread.startTurn("Name the open tasks.", { outputSchema })
 *   yield* turn.textDeltas.pipe(Stream.runForEach(Console.log))
 *   return yield* decode(yield* turn.result)
 * }))
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: <A, I, R>(
  schema: Schema.Schema<A, I, R>
) => Effect.Effect<StructuredOutput<A, R>, InvalidParams> = internal.make
