import type { Definition, Member, NumberRange, StructType, Type, UnionType } from "./model.js"
import { isOptional } from "./model.js"
import type { Doc } from "./printer.js"
import {
  block,
  call,
  comment,
  group,
  hardLine,
  indent,
  join,
  line,
  print,
  propertyName,
  quote,
  softLine,
  whenBroken,
  width
} from "./printer.js"

/** `open` for what the server sends, `closed` for what we send. */
export type Form = "open" | "closed"

/**
 * An open union takes what it doesn't know as `$unknown`: so a plain string beside known values, and any object
 * beside known ones, would only hide that.
 */
const knownMembers = (type: UnionType, form: Form): ReadonlyArray<Type> =>
  form === "closed" || type.discriminant === undefined
    ? type.members
    : type.members.filter((member) => member.kind !== "string" || !type.members.some(({ kind }) => kind === "enum"))
      .filter((member) => member.kind !== "map")

const alternatives = (docs: ReadonlyArray<Doc>): Doc =>
  join(docs.map((doc, index): Doc => [index === 0 ? whenBroken("| ") : "| ", doc]), line)

/** A union between brackets. */
const enclosed = (docs: ReadonlyArray<Doc>): Doc =>
  docs.length === 1 ? docs : group([indent([softLine, alternatives(docs)]), softLine])

/** A union after a colon or an equals sign. */
const trailing = (docs: ReadonlyArray<Doc>): Doc =>
  docs.length === 1 ? [" ", docs] : group(indent([line, alternatives(docs)]))

const unknownMember = (type: UnionType): ReadonlyArray<Doc> => {
  if (type.discriminant === undefined) return []
  const tag = type.discriminant.by === "tag" ? type.discriminant.tag : "type"
  return [tag === "type" ? "UnknownMember" : `UnknownMember<${quote(tag)}>`]
}

const typeAlternatives = (type: Type, form: Form): ReadonlyArray<Doc> => {
  switch (type.kind) {
    case "enum": {
      const values = type.values.map(quote)
      return form === "closed" || type.closed ? values : [...values, "(string & {})"]
    }
    case "nullable":
      return [...typeAlternatives(type.of, form), "null"]
    case "union":
      return [
        ...knownMembers(type, form).flatMap((member) => typeAlternatives(member, form)),
        ...(form === "open" ? unknownMember(type) : [])
      ]
    default:
      return [typeDoc(type, form)]
  }
}

const memberType = (member: Member, form: Form): Doc => [
  comment(member.description),
  `readonly ${propertyName(member.name)}${isOptional(member, form) ? "?" : ""}:`,
  trailing(
    isOptional(member, form) && form === "closed" && member.type.kind !== "unknown"
      ? [...typeAlternatives(member.type, form), "undefined"]
      : typeAlternatives(member.type, form)
  )
]

const structType = (type: StructType, form: Form): Doc =>
  block([
    ...type.members.map((member) => memberType(member, form)),
    ...(type.rest ? ["readonly [key: string]: unknown"] : [])
  ], "")

const typeDoc = (type: Type, form: Form): Doc => {
  switch (type.kind) {
    case "unknown":
    case "null":
    case "boolean":
    case "string":
    case "number":
      return type.kind
    case "ref":
      return type.name
    case "array":
      return ["ReadonlyArray<", enclosed(typeAlternatives(type.items, form)), ">"]
    case "map":
      return ["{ readonly [key: string]: ", enclosed(typeAlternatives(type.values, form)), " }"]
    case "struct":
      return structType(type, form)
    default:
      return enclosed(typeAlternatives(type, form))
  }
}

const numberSchema = ({ integer, maximum, minimum }: NumberRange): Doc => {
  if (integer && maximum === undefined && minimum === 0) return "Schema.NonNegativeInt"
  if (minimum === undefined && maximum === undefined) return integer ? "Schema.Int" : "Schema.Finite"
  return call("Schema.Number.pipe", [
    integer ? "Schema.int()" : "Schema.finite()",
    ...(minimum === undefined ? [] : [`Schema.greaterThanOrEqualTo(${minimum})`]),
    ...(maximum === undefined ? [] : [`Schema.lessThanOrEqualTo(${maximum})`])
  ])
}

const memberSchema = (member: Member, form: Form): Doc => {
  const schema = schemaDoc(member.type, form)
  return [
    `${propertyName(member.name)}: `,
    isOptional(member, form) ? call(form === "open" ? "exactOptional" : "Schema.optional", [schema]) : schema
  ]
}

const structSchema = (type: StructType, form: Form): Doc => {
  const fields = block(type.members.map((member) => memberSchema(member, form)), ",")
  const rest = "Schema.Record({ key: Schema.String, value: Schema.Unknown })"
  return ["Schema.Struct(", fields, type.rest ? [", ", rest] : "", ")"]
}

const list = (values: ReadonlyArray<Doc>): Doc =>
  group(["[", indent([softLine, join(values, [",", line])]), softLine, "]"])

const unionSchema = (type: UnionType, form: Form): Doc => {
  const members = knownMembers(type, form).map((member) => schemaDoc(member, form))
  if (form === "closed" || type.discriminant === undefined) {
    return members.length === 1 ? members : call("Schema.Union", members)
  }
  return type.discriminant.by === "tag"
    ? call("openTagged", [quote(type.discriminant.tag), list(type.discriminant.known.map(quote)), ...members])
    : call("openKeyed", [list(type.discriminant.known.map((keys) => list(keys.map(quote)))), ...members])
}

const schemaDoc = (type: Type, form: Form): Doc => {
  switch (type.kind) {
    case "unknown":
      return "Schema.Unknown"
    case "null":
      return "Schema.Null"
    case "boolean":
      return "Schema.Boolean"
    case "string":
      return form === "closed" && type.nonEmpty ? "Schema.NonEmptyString" : "Schema.String"
    case "number":
      return form === "closed" ? numberSchema(type.range) : "Schema.Number"
    case "enum":
      return call(form === "closed" || type.closed ? "Schema.Literal" : "openEnum", type.values.map(quote))
    case "ref":
      return type.name
    case "array":
      return call("Schema.Array", [schemaDoc(type.items, form)])
    case "map":
      return ["Schema.Record({ key: Schema.String, value: ", schemaDoc(type.values, form), " })"]
    case "nullable":
      return call("Schema.NullOr", [schemaDoc(type.of, form)])
    case "struct":
      return structSchema(type, form)
    case "union":
      return unionSchema(type, form)
  }
}

const declaration = ({ name, type }: Definition, form: Form): Doc => {
  if (type.kind === "struct") return [`export interface ${name} `, structType(type, form)]
  if (type.kind === "map") {
    return [
      `export interface ${name} `,
      block([["readonly [key: string]: ", enclosed(typeAlternatives(type.values, form))]], "")
    ]
  }
  return [`export type ${name} =`, trailing(typeAlternatives(type, form))]
}

const constant = ({ name, type }: Definition, form: Form): Doc => {
  const head = `export const ${name}: Schema.Schema<${name}> =`
  const start = `lazy(${quote(name)}, () =>`
  const value: Doc = [start, group(indent([line, schemaDoc(type, form)])), ")"]
  return head.length + 1 + start.length > width ? [head, indent([hardLine, value])] : [head, " ", value]
}

/** The type and the schema of one definition. */
export const emitDefinition = (definition: Definition, form: Form): string =>
  print([
    comment(definition.description, "models"),
    declaration(definition, form),
    hardLine,
    hardLine,
    comment(undefined, "schemas"),
    constant(definition, form),
    hardLine
  ])
