import type { StandardSchemaV1 } from "@standard-schema/spec"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import { isReadonlyRecord as isRecord } from "effect/Predicate"
import * as Schema from "effect/Schema"
import type { InferOutput, JsonSchema, StandardSchema } from "../StandardSchema.js"

/**
 * A schema of whatever library as one of Effect, or why a model cannot be shown it.
 *
 * @internal
 */
export const toSchema = <S extends StandardSchema>(
  source: S
): Either.Either<Schema.Schema<InferOutput<S>, unknown>, string> =>
  Schema.isSchema(source)
    // One that is a Standard Schema needs nothing, and its type is what it decodes to.
    ? Either.right(Schema.make(source.ast))
    : Either.map(jsonSchemaOf(source), (jsonSchema) => validated(source, jsonSchema))

/**
 * A JSON Schema alone, which says nothing of what its values are.
 *
 * @internal
 */
export const ofJsonSchema = (jsonSchema: JsonSchema): Schema.Schema<unknown> =>
  Schema.Unknown.annotations({ jsonSchema: normalized(jsonSchema) })

const validated = <S extends StandardSchema>(
  source: S,
  jsonSchema: JsonSchema
): Schema.Schema<InferOutput<S>, unknown> => {
  const { validate } = source["~standard"]
  return Schema.transformOrFail(ofJsonSchema(jsonSchema), Schema.declare((_): _ is InferOutput<S> => true), {
    strict: true,
    decode: (input, _, ast) =>
      Effect.flatMap(
        // The library may answer at once or later.
        Effect.promise(async () => validate(input)),
        (result): Effect.Effect<InferOutput<S>, ParseResult.ParseIssue> =>
          result.issues === undefined
            // By the types of Standard Schema, which infers the output from the same schema.
            ? Effect.succeed(result.value as InferOutput<S>)
            : Effect.fail(issueOf(ast, input, result.issues))
      ),
    encode: ParseResult.succeed
  })
}

const issueOf = (
  ast: ParseResult.Transformation["ast"],
  actual: unknown,
  issues: ReadonlyArray<StandardSchemaV1.Issue>
): ParseResult.ParseIssue => {
  const [first, ...others] = issues.map(({ message, path = [] }) => {
    const problem = new ParseResult.Type(ast, actual, message)
    const [head, ...tail] = path.map((part) => typeof part === "object" ? part.key : part)
    return head === undefined ? problem : new ParseResult.Pointer([head, ...tail], actual, problem)
  })
  return first === undefined
    ? new ParseResult.Type(ast, actual)
    : new ParseResult.Composite(ast, actual, [first, ...others])
}

interface Converter {
  readonly input: (options: { readonly target: string }) => unknown
}

const isConverter = (u: unknown): u is Converter => isRecord(u) && typeof u["input"] === "function"

const jsonSchemaOf = ({ "~standard": standard }: StandardSchema): Either.Either<JsonSchema, string> => {
  const converter = "jsonSchema" in standard ? standard.jsonSchema : undefined
  if (!isConverter(converter)) {
    return Either.left(
      `a schema of ${standard.vendor} brings no JSON Schema along; give it one with \`withJsonSchema\`${
        standard.vendor === "valibot" ? ", or with `toStandardJsonSchema` of `@valibot/to-json-schema`" : ""
      }`
    )
  }
  return Either.flatMap(
    Either.try({
      // What is asked of the model is what the schema takes, before it makes something else of it.
      try: () => converter.input({ target: "draft-07" }),
      catch: (cause) =>
        `${standard.vendor} makes no JSON Schema of it: ${cause instanceof Error ? cause.message : cause}`
    }),
    (made) => isRecord(made) ? Either.right(made) : Either.left(`${standard.vendor} makes no JSON Schema of it`)
  )
}

const whole = "Whole"

/** With its definitions under `$defs`, and the whole among them where it refers to itself. */
const normalized = (jsonSchema: JsonSchema): JsonSchema => {
  let refersToItself = false
  const rewrite = (node: unknown): unknown => {
    if (Array.isArray(node)) {
      return node.map(rewrite)
    }
    if (!isRecord(node)) {
      return node
    }
    const { $ref } = node
    const rest = Object.fromEntries(Object.entries(node).map(([keyword, value]) => [keyword, rewrite(value)]))
    if (typeof $ref !== "string") {
      return rest
    }
    refersToItself ||= $ref === "#"
    return { ...rest, $ref: $ref === "#" ? `#/$defs/${whole}` : $ref.replace("#/definitions/", "#/$defs/") }
  }
  const { $defs, $schema: _, definitions, ...rest } = jsonSchema
  const root = rewrite(rest)
  const own = {
    ...record(rewrite(definitions)),
    ...record(rewrite($defs)),
    ...(refersToItself ? { [whole]: root } : {})
  }
  return { ...record(root), ...(Object.keys(own).length === 0 ? {} : { $defs: own }) }
}

const record = (u: unknown): JsonSchema => isRecord(u) ? u : {}
