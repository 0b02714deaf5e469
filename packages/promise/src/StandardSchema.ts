/**
 * Schemas of any library that follows Standard Schema, for structured output and for the parameters of tools.
 *
 * What the model is shown is their JSON Schema: zod 4, arktype 2 and the `toStandardJsonSchema` of
 * `@valibot/to-json-schema` bring it along, and of a Schema of Effect (`Schema.standardSchemaV1`) it is known. For any
 * other, `withJsonSchema` adds it.
 *
 * @since 0.1.0
 */
import type { StandardSchemaV1 } from "@standard-schema/spec"

/**
 * @since 0.1.0
 * @category models
 */
export type StandardSchema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output>

/**
 * What a schema makes of what it accepts.
 *
 * @since 0.1.0
 * @category type-level
 */
export type InferOutput<S extends StandardSchema> = StandardSchemaV1.InferOutput<S>

/**
 * A JSON Schema, of draft 7 or with `$defs`.
 *
 * @since 0.1.0
 * @category models
 */
export interface JsonSchema {
  readonly [keyword: string]: unknown
}

/**
 * A schema with the JSON Schema of what it accepts, for libraries that do not bring one.
 *
 * @example
 * ```ts
 * import { Codex, withJsonSchema } from "@effect-codex/promise"
 * import * as v from "valibot"
 *
 * const Verdict = withJsonSchema(v.object({ verdict: v.picklist(["merge", "change"]) }), {
 *   type: "object",
 *   properties: { verdict: { enum: ["merge", "change"] } },
 *   required: ["verdict"]
 * })
 *
 * await using codex = await Codex.start()
 * const thread = await codex.startThread()
 * const { value } = await thread.runAs(Verdict, "Review the last commit.")
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const withJsonSchema = <S extends StandardSchema>(
  schema: S,
  jsonSchema: JsonSchema
): StandardSchema<StandardSchemaV1.InferInput<S>, InferOutput<S>> => {
  const { validate, vendor, version } = schema["~standard"]
  const props = { validate, vendor, version, jsonSchema: { input: () => jsonSchema, output: () => jsonSchema } }
  // The types are what `validate` of the same schema says; it has them for a value of any type only.
  return { "~standard": props }
}
