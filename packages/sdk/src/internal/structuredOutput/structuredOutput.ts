import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { InvalidParams, type LimitExceeded, StructuredOutputError, type TurnError } from "../../CodexError.js"
import type { Input } from "../../Input.js"
import type { Decoded, LimitedOptions, StructuredOutput } from "../../StructuredOutput.js"
import type { StartTurnError } from "../../Thread.js"
import type * as Turn from "../../Turn.js"
import type { TurnResult } from "../../TurnResult.js"
import * as OutputSchema from "./outputSchema.js"

/** @internal */
export const make = <A, I, R>(
  schema: Schema.Schema<A, I, R>
): Effect.Effect<StructuredOutput<A, R>, InvalidParams> =>
  Effect.suspend(() =>
    Either.mapBoth(OutputSchema.make(schema), {
      onLeft: (problems) => refuse(problems.map((problem) => `outputSchema: ${problem}`).join("\n")),
      onRight: ({ jsonSchema, restore }) => {
        const decodeValue = Schema.decodeUnknown(schema, { errors: "all" })
        return {
          outputSchema: jsonSchema,
          decode: (result: TurnResult) =>
            Either.match(written(result.finalResponse), {
              onLeft: (issue) => unfit(result, [issue]),
              onRight: (value) =>
                Effect.suspend(() => decodeValue(restore(value))).pipe(
                  Effect.catchAll((error) => Effect.flatMap(linesOf(error), (issues) => unfit(result, issues))),
                  // What a model has nested without end is deeper than the stack.
                  Effect.catchSomeDefect((defect) =>
                    defect instanceof RangeError
                      ? Option.some(unfit(result, [`it cannot be decoded: ${defect.message}`]))
                      : Option.none()
                  )
                )
            })
        }
      }
    })
  )

/**
 * Runs a turn for a value, and further ones while what comes does not fit.
 *
 * @internal
 */
export const runAs = <A, I, R>(
  run: (
    input: Input,
    options: Turn.LimitedOptions
  ) => Effect.Effect<TurnResult, TurnError | StartTurnError | LimitExceeded>,
  schema: Schema.Schema<A, I, R>,
  input: Input,
  { repair = 0, ...options }: LimitedOptions
): Effect.Effect<Decoded<A>, TurnError | StartTurnError | StructuredOutputError | LimitExceeded, R> =>
  Effect.gen(function*() {
    if (!Number.isSafeInteger(repair) || repair < 0) {
      return yield* refuse(`repair: expected a whole number from 0, actual ${repair}`)
    }
    const { decode, outputSchema } = yield* make(schema)
    const attempt = (
      input: Input,
      options: Turn.LimitedOptions,
      left: number
    ): Effect.Effect<Decoded<A>, TurnError | StartTurnError | LimitExceeded | StructuredOutputError, R> =>
      Effect.flatMap(run(input, { ...options, outputSchema }), (result) =>
        decode(result).pipe(
          Effect.map((value) => ({ value, result })),
          Effect.catchAll((error) => left > 0 ? attempt(askAgain(error), again(options), left - 1) : Effect.fail(error))
        ))
    return yield* attempt(input, options, repair)
  })

const refuse = (issue: string) => new InvalidParams({ method: "turn/start", issue })

// The result was decoded already, and a newer server's items must not make an error of the error.
const unfit = (result: TurnResult, issues: ReadonlyArray<string>) =>
  new StructuredOutputError({ text: result.finalResponse, issues, result }, { disableValidation: true })

const written = (text: string | null): Either.Either<unknown, string> =>
  text === null
    ? Either.left("there is no final response")
    : Either.try({ try: (): unknown => JSON.parse(text), catch: (cause) => `it is no JSON: ${String(cause)}` })

const linesOf = (error: ParseResult.ParseError): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(
    ParseResult.ArrayFormatter.formatError(error),
    (issues) =>
      issues.map(({ message, path }) => path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`)
  )

/** More than these would only repeat themselves. */
const toldIssues = 20

const askAgain = ({ issues }: StructuredOutputError): string =>
  [
    "Your final response does not fit its JSON Schema:",
    ...issues.slice(0, toldIssues).map((issue) => `- ${issue}`),
    "Give the final response again, so that it fits: JSON of that schema and nothing else."
  ].join("\n")

/** The message of the user is another one, and waiting is what keeps the answer from being lost. */
const again = ({ clientUserMessageId: _, ...options }: Turn.LimitedOptions): Turn.LimitedOptions => ({
  ...options,
  whenActive: "wait"
})
