import { assert } from "@effect/vitest"
import * as Either from "effect/Either"
import { isReadonlyRecord } from "effect/Predicate"

/** A node of a JSON Schema. */
type Node = { readonly [keyword: string]: unknown }

const node = (u: unknown): Node => {
  assert(isReadonlyRecord(u))
  return u
}

const keywords: { readonly [type: string]: ReadonlyArray<string> } = {
  string: ["enum", "pattern", "format"],
  number: ["enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  integer: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  boolean: ["enum"],
  null: ["enum"],
  array: ["items", "minItems", "maxItems"],
  object: ["properties", "required", "additionalProperties"]
}

const annotations = ["title", "description"]

/** What a strict model API refuses is no schema of an answer. */
export const assertStrict = (schema: unknown): void => {
  const { $defs = {}, ...root } = node(schema)
  assert.strictEqual(root["type"], "object")
  const definitions = node($defs)
  const visit = (schema: unknown): void => {
    const { $ref, anyOf, type, ...rest } = node(schema)
    const only = (...allowed: ReadonlyArray<string>) =>
      assert.deepStrictEqual(Object.keys(rest).filter((key) => ![...annotations, ...allowed].includes(key)), [])
    if (typeof $ref === "string") {
      assert.deepStrictEqual({ anyOf, type, rest }, { anyOf: undefined, type: undefined, rest: {} })
      assert.property(definitions, $ref.replace("#/$defs/", ""))
      assert.match($ref, /^#\/\$defs\/[\w-]+$/)
    } else if (Array.isArray(anyOf)) {
      assert.isUndefined(type)
      only()
      anyOf.forEach(visit)
    } else {
      assert(typeof type === "string")
      only(...keywords[type] ?? [])
      if (type === "array") {
        visit(rest["items"])
      }
      if (type === "object") {
        assert.isFalse(rest["additionalProperties"])
        const properties = node(rest["properties"])
        assert.deepStrictEqual(rest["required"], Object.keys(properties))
        Object.values(properties).forEach(visit)
      }
    }
  }
  visit(root)
  Object.values(definitions).forEach(visit)
}

/** What a model writes that is held to the schema and means this value, which is as the Schema encodes it. */
export const write = (schema: unknown, value: unknown): string => {
  const definitions = node(node(schema)["$defs"] ?? {})
  // The whole of it, or the one member of the root.
  return Either.getOrThrow(
    Either.orElse(writeNode(definitions, schema, value), () => writeNode(definitions, schema, { value })).pipe(
      Either.map((written) => JSON.stringify(written))
    )
  )
}

type Written = Either.Either<unknown, string>

const writeNode = (definitions: Node, schema: unknown, value: unknown): Written => {
  const { $ref, anyOf, type, ...rest } = node(schema)
  const go = (schema: unknown, value: unknown) => writeNode(definitions, schema, value)
  const when = (holds: boolean): Written =>
    holds ? Either.right(value) : Either.left(`${JSON.stringify(value)} is not of ${JSON.stringify(schema)}`)
  if (typeof $ref === "string") {
    return go(definitions[$ref.replace("#/$defs/", "")], value)
  }
  if (Array.isArray(anyOf)) {
    return anyOf.map((member) => go(member, value)).find(Either.isRight) ?? when(false)
  }
  if (Array.isArray(rest["enum"])) {
    return when(rest["enum"].includes(value))
  }
  switch (type) {
    case "null":
      return when(value === null)
    case "integer":
      return when(Number.isInteger(value))
    case "array": {
      const elements = isReadonlyRecord(value) && isEntry(rest["items"])
        ? Object.entries(value).map(([key, value]) => ({ key, value }))
        : value
      return Array.isArray(elements) ? Either.all(elements.map((element) => go(rest["items"], element))) : when(false)
    }
    case "object": {
      const properties = node(rest["properties"])
      const members = Array.isArray(value) ? { ...value } : value
      return isReadonlyRecord(members) && Object.keys(members).every((name) => Object.hasOwn(properties, name))
        ? Either.all(
          Object.fromEntries(
            Object.entries(properties).map(([name, property]) => [name, go(property, members[name] ?? null)])
          )
        )
        : when(false)
    }
    default:
      return when(typeof value === type)
  }
}

const isEntry = (schema: unknown): boolean =>
  JSON.stringify(Object.keys(node(node(schema)["properties"] ?? {}))) === "[\"key\",\"value\"]"
