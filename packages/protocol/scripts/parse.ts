import type { Definitions, JsonSchema, JsonSchemaObject } from "./jsonSchema.js"
import { asObject, branchesOf, refName, resolve, typesOf } from "./jsonSchema.js"
import type { Definition, Member, NumberRange, StructType, Type, UnionType } from "./model.js"
import { nullable, unknownType } from "./model.js"
import * as Reviewed from "./reviewed.js"
import { discriminantOf, readBranches, referencedTags } from "./unions.js"

interface Context {
  readonly definitions: Definitions
  /** The same definitions without the experimental part. */
  readonly stable: Definitions
  /** Members that stay literal, as `Definition.member`. */
  readonly tags: ReadonlySet<string>
}

const experimentalNote = "Experimental: needs the `experimentalApi` capability."

const rangeOf = (schema: JsonSchemaObject, type: string): NumberRange => ({
  integer: type === "integer",
  minimum: schema.minimum,
  // Wider integers hold more than a number does.
  maximum: schema.format === "uint16" ? 65_535 : undefined
})

const paragraphs = (...parts: ReadonlyArray<string | undefined>): string | undefined => {
  const given = parts.filter((part) => part !== undefined && part !== "")
  return given.length === 0 ? undefined : given.join("\n\n")
}

const parseMembers = (
  context: Context,
  schema: JsonSchemaObject,
  owner: string | undefined,
  tag: string | undefined
): ReadonlyArray<Member> => {
  // Inside a definition that the stable protocol has, a member it lacks there is experimental.
  const stable = owner === undefined ? undefined : context.stable.get(owner)?.properties
  const members = Object.entries(schema.properties ?? {}).map(([name, property]): Member => {
    const since = Reviewed.lateMembers[`${owner}.${name}`]
    return ({
      name,
      type: name === tag || context.tags.has(`${owner}.${name}`)
        ? literal(context, property)
        : parseType(context, property),
      optional: schema.required?.includes(name) !== true,
      late: since !== undefined,
      description: paragraphs(
        asObject(property).description,
        since === undefined ? undefined : `Not sent by servers before ${since}.`,
        stable !== undefined && !(name in stable) ? experimentalNote : undefined
      )
    })
  })
  // The tag goes first: Schema.Union looks its members up by their first literal.
  return [...members].sort((a, b) => Number(b.name === tag) - Number(a.name === tag))
}

const literal = (context: Context, property: JsonSchema): Type => ({
  kind: "enum",
  values: readBranches({ oneOf: [resolve(property, context.definitions)] }, context.definitions)
    .values.map(({ value }) => value),
  closed: true
})

const parseStruct = (
  context: Context,
  schema: JsonSchemaObject,
  owner?: string,
  tag?: string
): StructType => ({
  kind: "struct",
  description: schema.description,
  members: parseMembers(context, schema, owner, tag),
  rest: schema.additionalProperties !== undefined && schema.additionalProperties !== false
})

/** Makes the tag optional where the server takes a missing one for it. */
const impliedTag = (type: StructType, tag: string | undefined, implied: string | undefined): StructType => ({
  ...type,
  members: type.members.map((member) =>
    member.name === tag && member.type.kind === "enum" && member.type.values[0] === implied
      ? { ...member, optional: true }
      : member
  )
})

const parseUnion = (context: Context, schema: JsonSchemaObject, owner: string | undefined): Type => {
  const { nullable: withNull, objects, others, values } = readBranches(schema, context.definitions)
  const discriminant = discriminantOf(objects, context.definitions)
  const tag = discriminant?.by === "tag" ? discriminant.tag : undefined
  const members: ReadonlyArray<Type> = [
    ...(values.length > 0 ? [{ kind: "enum" as const, values: values.map(({ value }) => value), closed: false }] : []),
    ...objects.map((object): Type =>
      object.$ref === undefined
        ? impliedTag(parseStruct(context, object, undefined, tag), tag, Reviewed.impliedTags[owner ?? ""])
        : { kind: "ref", name: refName(object.$ref) }
    ),
    ...others.map((other) => parseType(context, other))
  ]
  const [only] = members
  // A reference beside null is the reference, which brings its own openness along.
  const isPlain = only !== undefined && members.length === 1 && (discriminant === undefined || only.kind === "ref")
  const union: UnionType = { kind: "union", members, discriminant }
  return withNull ? nullable(isPlain ? only : union) : isPlain ? only : union
}

const parseNamed = (context: Context, schema: JsonSchemaObject, type: string): Type => {
  switch (type) {
    case "null":
      return { kind: "null" }
    case "boolean":
      return { kind: "boolean" }
    case "string":
      return schema.enum === undefined
        ? { kind: "string", nonEmpty: (schema.minLength ?? 0) > 0 }
        : { kind: "enum", values: schema.enum, closed: false }
    case "integer":
    case "number":
      return { kind: "number", range: rangeOf(schema, type) }
    case "array":
      return { kind: "array", items: parseType(context, schema.items ?? true) }
    case "object":
      if (schema.properties !== undefined) return parseStruct(context, schema)
      return {
        kind: "map",
        values: schema.additionalProperties === false ? unknownType : parseType(context, schema.additionalProperties)
      }
    default:
      throw new Error(`the generator does not know the type ${type}`)
  }
}

/** A union of a reference and null: its referenced definition must not be flattened into it. */
const referenceOrNull = (schema: JsonSchemaObject): string | undefined => {
  const branches = branchesOf(schema)?.map(asObject) ?? []
  const references = branches.flatMap(({ $ref }) => $ref === undefined ? [] : [$ref])
  const isPair = branches.length === 2 && branches.some((branch) => branch.type === "null")
  return isPair && references.length === 1 ? references[0] : undefined
}

const parseType = (context: Context, given: JsonSchema | undefined, owner?: string): Type => {
  const schema = asObject(given)
  if (schema.$ref !== undefined) return { kind: "ref", name: refName(schema.$ref) }
  if (schema.allOf?.length === 1) return parseType(context, schema.allOf[0])
  const reference = referenceOrNull(schema)
  if (reference !== undefined) return nullable({ kind: "ref", name: refName(reference) })
  if (branchesOf(schema) !== undefined) return parseUnion(context, schema, owner)
  const types = typesOf(schema)
  const concrete = types.filter((type) => type !== "null").map((type) => parseNamed(context, schema, type))
  const [only] = concrete
  if (only === undefined) return types.length === 0 ? unknownType : { kind: "null" }
  const type: Type = concrete.length === 1 ? only : { kind: "union", members: concrete, discriminant: undefined }
  return types.includes("null") ? nullable(type) : type
}

/** Lists the values of an enum that says what each of them means. */
const valueNotes = (context: Context, schema: JsonSchemaObject): string | undefined => {
  if (branchesOf(schema) === undefined) return undefined
  const lines = readBranches(schema, context.definitions).values.flatMap(({ description, value }) =>
    description === undefined ? [] : [`- \`${value}\`: ${description.replaceAll("\n", "\n  ")}`]
  )
  return lines.length === 0 ? undefined : lines.join("\n")
}

const isRequired = (definitions: Definitions, path: string): boolean => {
  const [owner = "", member = ""] = path.split(".")
  return definitions.get(owner)?.required?.includes(member) === true
}

/** Fails where the reviewed list names a member that is not required any more. */
export const checkLateMembers = (definitions: Definitions): void => {
  const stale = Object.keys(Reviewed.lateMembers).filter((path) => !isRequired(definitions, path))
  if (stale.length > 0) throw new Error(`reviewed.ts names late members that nothing requires: ${stale.join(", ")}`)
}

/** Reads every definition; `stable` is the same protocol without its experimental part. */
export const parseDefinitions = (definitions: Definitions, stable: Definitions): ReadonlyMap<string, Definition> => {
  const context: Context = { definitions, stable, tags: referencedTags(definitions) }
  return new Map([...definitions].map(([name, schema]): [string, Definition] => [name, {
    name,
    description: paragraphs(
      schema.description,
      valueNotes(context, schema),
      stable.has(name) ? undefined : experimentalNote
    ),
    type: schema.properties !== undefined && branchesOf(schema) === undefined
      ? parseStruct(context, schema, name)
      : parseType(context, schema, name)
  }]))
}
