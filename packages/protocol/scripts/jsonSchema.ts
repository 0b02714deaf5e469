/** The part of JSON Schema draft-07 that the binary writes. */
export type JsonSchema = boolean | JsonSchemaObject

export interface JsonSchemaObject {
  readonly $ref?: string
  readonly title?: string
  readonly description?: string
  readonly type?: string | ReadonlyArray<string>
  readonly enum?: ReadonlyArray<string>
  readonly format?: string
  readonly minimum?: number
  readonly minLength?: number
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: ReadonlyArray<string>
  readonly additionalProperties?: JsonSchema
  readonly items?: JsonSchema
  readonly anyOf?: ReadonlyArray<JsonSchema>
  readonly oneOf?: ReadonlyArray<JsonSchema>
  readonly allOf?: ReadonlyArray<JsonSchema>
  readonly definitions?: Readonly<Record<string, JsonSchema>>
}

export type Definitions = ReadonlyMap<string, JsonSchemaObject>

/** A schema as an object: `true` and a missing schema say nothing, as `{}` does. */
export const asObject = (schema: JsonSchema | undefined): JsonSchemaObject => typeof schema === "object" ? schema : {}

/** The v1 and v2 namespaces of the bundle share one set of names here, so only the last segment counts. */
export const refName = (ref: string): string => ref.slice(ref.lastIndexOf("/") + 1)

export const branchesOf = (schema: JsonSchemaObject): ReadonlyArray<JsonSchema> | undefined =>
  schema.oneOf ?? schema.anyOf

export const typesOf = (schema: JsonSchemaObject): ReadonlyArray<string> =>
  typeof schema.type === "string" ? [schema.type] : schema.type ?? []

/** Follows references, and the `allOf: [one]` that schemars writes around a reference that carries a description. */
export const resolve = (schema: JsonSchema | undefined, definitions: Definitions): JsonSchemaObject => {
  let current = asObject(schema)
  for (;;) {
    if (current.$ref !== undefined) {
      const target = definitions.get(refName(current.$ref))
      if (target === undefined) throw new Error(`no definition for ${current.$ref}`)
      current = target
    } else if (current.allOf?.length === 1) {
      current = asObject(current.allOf[0])
    } else {
      return current
    }
  }
}

/** The names a schema refers to, in the order they stand in. */
export const referencesOf = (schema: JsonSchema): ReadonlyArray<string> => {
  const names: Array<string> = []
  JSON.stringify(schema, (key, value: unknown) => {
    if (key === "$ref" && typeof value === "string") names.push(refName(value))
    return value
  })
  return names
}
