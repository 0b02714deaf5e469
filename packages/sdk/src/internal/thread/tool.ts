import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as ParseResult from "effect/ParseResult"
import { hasProperty } from "effect/Predicate"
import * as Schema from "effect/Schema"
import type {
  Content,
  Namespace,
  NamespaceOptions,
  Options,
  Output,
  RequirementsOf,
  Response,
  Tool
} from "../../Tool.js"

/** @internal */
export const make = <
  Parameters extends Schema.Schema.All,
  Success extends Schema.Schema.All,
  Failure extends Schema.Schema.All,
  R
>(
  name: string,
  options: Options<Parameters, Success, Failure, R>
): Tool<
  R | Schema.Schema.Context<Parameters> | Schema.Schema.Context<Success> | Schema.Schema.Context<Failure>
> => {
  const { description, failure, handler, parameters = nothing, success } = options
  const decode = ParseResult.decodeUnknown(
    Schema.make<Schema.Schema.Type<Parameters>, unknown, Schema.Schema.Context<Parameters>>(parameters.ast),
    { errors: "all" }
  )
  const encodeSuccess = success === undefined ? undefined : encoder<Success>(success)
  const encodeFailure = failure === undefined ? undefined : encoder<Failure>(failure)

  const succeeded = (value: Schema.Schema.Type<Success>) =>
    encodeSuccess === undefined
      // Without a Schema it is an Output, by the types of Tool.make.
      ? Effect.succeed(successful(value as Output))
      : Effect.map(encodeSuccess(value), (encoded) => successful(textOf(encoded)))

  const failed = (error: Schema.Schema.Type<Failure>) =>
    encodeFailure === undefined
      ? Effect.succeed(unsuccessful(messageOf(error)))
      : Effect.map(encodeFailure(error), (encoded) => unsuccessful(textOf(encoded)))

  return {
    _tag: "Tool",
    name,
    description,
    parameters,
    call: (call) =>
      Effect.matchEffect(decode(call.arguments), {
        onFailure: (issue) => misfit(name, issue),
        onSuccess: (decoded) =>
          Effect.matchEffect(Effect.suspend(() => handler(decoded, call)), { onFailure: failed, onSuccess: succeeded })
      }).pipe(
        // What went wrong is for this program to know, and not for the model.
        Effect.catchAllCause((cause) =>
          Effect.as(
            Effect.logError(`the tool ${name} died`, cause),
            unsuccessful(`The tool ${name} failed, for a reason that is not yours.`)
          )
        )
      )
  }
}

/** The parameters of a tool that takes nothing. */
const nothing = Schema.Struct({})

const encoder = <S extends Schema.Schema.All>(schema: S) => {
  const encode = ParseResult.encodeUnknown(Schema.make<unknown, unknown, Schema.Schema.Context<S>>(schema.ast))
  return (value: unknown) => Effect.orDie(encode(value))
}

const isContents = (output: Output): output is ReadonlyArray<string | Content> => Array.isArray(output)

const successful = (output: Output): Response => ({
  contentItems: (isContents(output) ? output : [output]).map((part) =>
    typeof part === "string" ? { type: "inputText", text: part } : part
  ),
  success: true
})

const unsuccessful = (text: string): Response => ({ contentItems: [{ type: "inputText", text }], success: false })

const textOf = (encoded: unknown): string => typeof encoded === "string" ? encoded : JSON.stringify(encoded) ?? ""

const messageOf = (error: unknown): string =>
  hasProperty(error, "message") && typeof error.message === "string" && error.message !== ""
    ? error.message
    : Inspectable.toStringUnknown(error)

/** More than these would only repeat themselves. */
const toldProblems = 20

const misfit = (name: string, issue: ParseResult.ParseIssue): Effect.Effect<Response> =>
  Effect.map(ParseResult.ArrayFormatter.formatIssue(issue), (problems) =>
    unsuccessful(
      [
        `Nothing was done, since the arguments do not fit the parameters of ${name}:`,
        ...problems.slice(0, toldProblems).map(({ message, path }) =>
          `- ${path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`}`
        )
      ].join("\n")
    ))

/** @internal */
export const namespace = <const Tools extends ReadonlyArray<Tool<unknown>>>(
  name: string,
  { deferLoading = false, description, tools }: NamespaceOptions<Tools>
): Namespace<RequirementsOf<Tools[number]>> => ({
  _tag: "Namespace",
  name,
  description,
  // Each of them is a Tool of what it needs.
  tools: tools as ReadonlyArray<Tool<RequirementsOf<Tools[number]>>>,
  deferLoading
})
