import * as Either from "effect/Either"
import * as JSONSchema from "effect/JSONSchema"
import { isReadonlyRecord as isRecord } from "effect/Predicate"
import * as Schema from "effect/Schema"
import { compiler } from "./outputCompiler.js"
import * as Shape from "./outputShape.js"

/** @internal */
export interface OutputSchema {
  /** The JSON Schema that the model is held to. */
  readonly jsonSchema: Shape.JsonSchema
  /** What the model wrote, as the encoded side of the Schema has it. */
  readonly restore: (written: unknown) => unknown
}

/** What a value that is no object is wrapped in. */
const root = "value"

/**
 * The JSON Schema of a Schema's encoded side as a strict API takes it, or every reason why there is none.
 *
 * @internal
 */
export const make = <A, I, R>(schema: Schema.Schema<A, I, R>): Either.Either<OutputSchema, ReadonlyArray<string>> =>
  Either.flatMap(jsonSchemaOf(schema), ({ definitions: given, optional, schema }) => {
    const { compile, definitions, problems } = compiler(given)
    const shape = compile(schema, [])
    if (problems.length > 0) {
      return Either.left(problems)
    }
    const wrapped = Shape.object(new Map([[root, { shape, optional }]]), {})
    const bare = resolve(shape.schema(), definitions)
    const isWrapped = optional || bare["type"] !== "object"
    return Either.right({
      jsonSchema: withDefinitions(isWrapped ? wrapped.schema() : bare, definitions),
      restore: (written) => {
        const whole = isWrapped && isRecord(written) && Object.hasOwn(written, root) ? written : { [root]: written }
        const { value } = wrapped.restore(whole)
        return isRecord(value) ? value[root] : written
      }
    })
  })

interface Given {
  readonly schema: unknown
  readonly optional: boolean
  readonly definitions: { readonly [name: string]: unknown }
}

/** As the member of a struct, since a Schema that stands alone may be made something else of, or be no JSON at all. */
const jsonSchemaOf = <A, I, R>(schema: Schema.Schema<A, I, R>): Either.Either<Given, ReadonlyArray<string>> =>
  Either.try({
    try: (): Given => {
      const made = JSONSchema.make(Schema.Struct({ [root]: schema }))
      const { properties = {}, required = [] }: Partial<JSONSchema.JsonSchema7Object> = "properties" in made ? made : {}
      const member: unknown = properties[root]
      // A `jsonSchema` annotation is one document, and may bring definitions of its own.
      const own = isRecord(member) && isRecord(member["$defs"]) ? member["$defs"] : {}
      return { schema: member, optional: !required.includes(root), definitions: { ...made.$defs, ...own } }
    },
    catch: (cause) => [cause instanceof Error ? cause.message : String(cause)]
  })

type Definitions = ReadonlyMap<string, Shape.Shape>

const referenced = (schema: Shape.JsonSchema): string | undefined =>
  typeof schema["$ref"] === "string" ? schema["$ref"].slice("#/$defs/".length) : undefined

/** The schema itself, where it is a reference: a root cannot be one. */
const resolve = (schema: Shape.JsonSchema, definitions: Definitions): Shape.JsonSchema => {
  const name = referenced(schema)
  const definition = name === undefined ? undefined : definitions.get(name)
  return definition === undefined ? schema : resolve(definition.schema(), definitions)
}

/** With those definitions that it needs. */
const withDefinitions = (schema: Shape.JsonSchema, definitions: Definitions): Shape.JsonSchema => {
  const needed = new Map<string, Shape.JsonSchema>()
  const collect = (node: unknown): void => {
    if (Array.isArray(node)) {
      node.forEach(collect)
    } else if (isRecord(node)) {
      const name = referenced(node)
      const definition = name === undefined ? undefined : definitions.get(name)
      if (name !== undefined && definition !== undefined && !needed.has(name)) {
        const found = definition.schema()
        needed.set(name, found)
        collect(found)
      }
      Object.values(node).forEach(collect)
    }
  }
  collect(schema)
  return needed.size === 0 ? schema : { ...schema, $defs: Object.fromEntries(needed) }
}
