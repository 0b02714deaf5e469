import type { Definitions, JsonSchema, JsonSchemaObject } from "./jsonSchema.js"
import { asObject, branchesOf, refName, resolve, typesOf } from "./jsonSchema.js"
import type { Discriminant } from "./model.js"

/** The branches of a union, once nulls and plain string values are set aside. */
export interface Branches {
  readonly nullable: boolean
  readonly values: ReadonlyArray<{ readonly value: string; readonly description: string | undefined }>
  readonly objects: ReadonlyArray<JsonSchemaObject>
  readonly others: ReadonlyArray<JsonSchemaObject>
}

const isObject = (schema: JsonSchemaObject): boolean => schema.properties !== undefined

/** Gives every branch of a union the properties that stand beside it. */
const distribute = (schema: JsonSchemaObject): ReadonlyArray<JsonSchema> => {
  const { anyOf, oneOf, ...beside } = schema
  const branches = oneOf ?? anyOf ?? []
  if (beside.properties === undefined) return branches
  return branches.map((branch): JsonSchemaObject => {
    const own = asObject(branch)
    if (own.$ref !== undefined) throw new Error(`cannot distribute properties into ${own.$ref}`)
    return {
      ...beside,
      ...own,
      type: "object",
      properties: { ...beside.properties, ...own.properties },
      required: [...new Set([...beside.required ?? [], ...own.required ?? []])]
    }
  })
}

/** Flattens unions within unions: a nested open union would take what belongs to its neighbours. */
const flatten = (schema: JsonSchemaObject, definitions: Definitions): ReadonlyArray<JsonSchemaObject> =>
  distribute(schema).flatMap((branch) => {
    const own = asObject(branch)
    const target = resolve(own, definitions)
    if (branchesOf(target) !== undefined) return flatten(target, definitions)
    const types = typesOf(target)
    if (types.length < 2) return [own]
    return types.map((type) => ({ ...target, type }))
  })

/** Where several branches would accept one value, the one that asks for most, then the widest, keeps most of it. */
const byStrictness = (definitions: Definitions) => (a: JsonSchemaObject, b: JsonSchemaObject): number => {
  const count = (branch: JsonSchemaObject) => {
    const { properties, required } = resolve(branch, definitions)
    return (required ?? []).length * 1000 + Object.keys(properties ?? {}).length
  }
  return count(b) - count(a)
}

/** The order of tagged branches is that of the source, except among those of one tag. */
const ordered = (
  objects: ReadonlyArray<JsonSchemaObject>,
  definitions: Definitions
): ReadonlyArray<JsonSchemaObject> => {
  const tag = tagOf(objects, definitions)
  const isUnique = tag !== undefined && tag.known.length === objects.length
  return isUnique ? objects : [...objects].sort(byStrictness(definitions))
}

export const readBranches = (schema: JsonSchemaObject, definitions: Definitions): Branches => {
  const branches = flatten(schema, definitions)
  const targets = new Map(branches.map((branch) => [branch, resolve(branch, definitions)]))
  const target = (branch: JsonSchemaObject) => targets.get(branch) ?? branch
  const values = branches.flatMap((branch) =>
    (target(branch).enum ?? []).map((value) => ({ value, description: branch.description }))
  )
  return {
    nullable: branches.some((branch) => target(branch).type === "null"),
    values,
    objects: ordered(branches.filter((branch) => isObject(target(branch))), definitions),
    others: branches.filter((branch) =>
      target(branch).enum === undefined && target(branch).type !== "null" && !isObject(target(branch))
    )
  }
}

/** The values that a branch's member may have to have, when it is a required member with string values only. */
const tagValues = (branch: JsonSchemaObject, member: string, definitions: Definitions) => {
  const target = resolve(branch, definitions)
  if (target.required?.includes(member) !== true) return undefined
  const property = resolve(target.properties?.[member], definitions)
  const values = (branchesOf(property) ?? [property]).map((value) => resolve(value, definitions).enum)
  return values.every((value) => value !== undefined) ? values.flat() : undefined
}

/** The member that tells most branches apart, one literal a branch where there is such a member. */
const tagOf = (objects: ReadonlyArray<JsonSchemaObject>, definitions: Definitions) => {
  const [first] = objects
  if (first === undefined) return undefined
  const tags = Object.keys(resolve(first, definitions).properties ?? {}).flatMap((tag) => {
    const values = objects.map((branch) => tagValues(branch, tag, definitions))
    if (!values.every((value) => value !== undefined)) return []
    const kinds = new Set(values.map((value) => value.join())).size
    if (kinds === 1 && objects.length > 1) return []
    return [{ tag, known: [...new Set(values.flat())], single: values.every((value) => value.length === 1), kinds }]
  })
  return [...tags].sort((a, b) => Number(b.single) - Number(a.single) || b.kinds - a.kinds)[0]
}

/** How the object branches of a union are told apart; `undefined` when there are none. */
export const discriminantOf = (
  objects: ReadonlyArray<JsonSchemaObject>,
  definitions: Definitions
): Discriminant | undefined => {
  if (objects.length === 0) return undefined
  const tag = tagOf(objects, definitions)
  return tag === undefined
    ? { by: "keys", known: objects.map((branch) => resolve(branch, definitions).required ?? []) }
    : { by: "tag", tag: tag.tag, known: tag.known }
}

/**
 * The members, as `Definition.member`, by which a union tells its referenced members apart: they stay literal even
 * where the server may send values not known here.
 */
export const referencedTags = (definitions: Definitions): ReadonlySet<string> => {
  const tags = new Set<string>()
  const visit = (schema: JsonSchema | undefined): void => {
    if (typeof schema !== "object") return
    if (branchesOf(schema) !== undefined) {
      const { objects } = readBranches(schema, definitions)
      const discriminant = discriminantOf(objects, definitions)
      if (discriminant?.by === "tag" && objects.length > 1) {
        for (const { $ref } of objects) if ($ref !== undefined) tags.add(`${refName($ref)}.${discriminant.tag}`)
      }
    }
    for (const part of Object.values(schema.properties ?? {})) visit(part)
    for (const part of [schema.items, schema.additionalProperties]) visit(part)
    for (const part of [...schema.anyOf ?? [], ...schema.oneOf ?? [], ...schema.allOf ?? []]) visit(part)
  }
  for (const schema of definitions.values()) visit(schema)
  return tags
}
