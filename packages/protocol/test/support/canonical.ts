/** A JSON Schema without the many ways of saying one thing, so that two of them can be compared. */
export type Canonical = string | { readonly [key: string]: Canonical | boolean | number | ReadonlyArray<Canonical> }

type Json = Readonly<Record<string, unknown>>

export interface Context {
  readonly form: "open" | "closed"
  /** The protocol's definitions, which stay references. */
  readonly names: ReadonlySet<string>
  readonly lookup: (name: string) => unknown
}

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

const json = (value: unknown): Json => isJson(value) ? value : {}

const listOf = (value: unknown): ReadonlyArray<unknown> => Array.isArray(value) ? value : []

const stringsOf = (value: unknown): ReadonlyArray<string> => listOf(value).filter((item) => typeof item === "string")

const refName = (schema: Json): string | undefined =>
  typeof schema["$ref"] === "string" ? schema["$ref"].slice(schema["$ref"].lastIndexOf("/") + 1) : undefined

const branchesOf = (schema: Json): ReadonlyArray<unknown> | undefined =>
  Array.isArray(schema["oneOf"]) ? schema["oneOf"] : Array.isArray(schema["anyOf"]) ? schema["anyOf"] : undefined

const target = (schema: Json, context: Context): Json => {
  const name = refName(schema)
  return name === undefined ? schema : target(json(context.lookup(name)), context)
}

const withSiblings = (schema: Json, branch: Json): Json =>
  schema["properties"] === undefined ? branch : {
    ...branch,
    type: "object",
    properties: { ...json(schema["properties"]), ...json(branch["properties"]) },
    required: [...stringsOf(schema["required"]), ...stringsOf(branch["required"])]
  }

const flatten = (schema: Json, context: Context): ReadonlyArray<Json> => {
  const branches = branchesOf(schema)
  if (branches === undefined) {
    const types = stringsOf(schema["type"])
    return types.length === 0 ? [schema] : types.map((type) => ({ ...schema, type }))
  }
  return branches.flatMap((branch) => {
    const own = json(branch)
    const resolved = target(own, context)
    return branchesOf(resolved) === undefined
      ? flatten(withSiblings(schema, own), context)
      : flatten(withSiblings(schema, resolved), context)
  })
}

const isUnknownMember = (schema: Json): boolean => {
  const tags = Object.values(json(schema["properties"])).map((property) => json(property)["not"])
  return schema["not"] !== undefined || tags.some((not) => not !== undefined)
}

const sorted = (values: Iterable<string>) => [...new Set(values)].sort()

const union = (schema: Json, context: Context): Canonical => {
  const branches = flatten(schema, context)
  const known = branches.filter((branch) => !isUnknownMember(branch))
  const parts = known.map((branch) => canonical(branch, context))
  const values = sorted(parts.flatMap((part) => typeof part === "string" ? [] : stringsOf(part["enum"])))
  const hasObjects = known.some((branch) => Object.keys(json(target(branch, context)["properties"])).length > 0)
  const others = parts.filter((part) => typeof part === "string" || part["enum"] === undefined)
    // An open enum is any string, and an open union any object.
    .filter((part) => context.form === "closed" || !(part === "string" && values.length > 0))
    .filter((part) => context.form === "closed" || !(hasObjects && typeof part !== "string" && part["map"] === "any"))
  const hasUnknown = branches.length > known.length || (context.form === "open" && hasObjects)
  const members: ReadonlyArray<Canonical> = [
    ...(values.length > 0 ? [{ enum: values }] : []),
    ...others,
    ...(hasUnknown ? ["unknown member"] : [])
  ]
  const [only] = members
  return members.length === 1 && only !== undefined
    ? only
    : { union: sorted(members.map((member) => JSON.stringify(member))) }
}

const object = (schema: Json, context: Context): Canonical => {
  const properties = Object.entries(json(schema["properties"]))
  const rest = schema["additionalProperties"]
  if (properties.length === 0) return { map: canonical(rest === false ? true : rest, context) }
  const required = new Set(stringsOf(schema["required"]))
  return {
    object: Object.fromEntries(
      properties.sort(([a], [b]) => a < b ? -1 : 1).map(([name, property]) => [
        required.has(name) ? name : `${name}?`,
        canonical(property, context)
      ])
    ),
    rest: rest !== undefined && rest !== false
  }
}

const number = (schema: Json, context: Context): Canonical => {
  if (context.form === "open") return "number"
  return {
    number: String(schema["type"]),
    ...(typeof schema["minimum"] === "number" ? { minimum: schema["minimum"] } : {}),
    ...(schema["format"] === "uint16" || schema["maximum"] === 65_535 ? { maximum: 65_535 } : {})
  }
}

const string = (schema: Json, context: Context): Canonical => {
  const values = [...stringsOf(schema["enum"]), ...stringsOf(schema["examples"])]
  if (values.length > 0) return { enum: sorted(values) }
  return context.form === "closed" && schema["minLength"] !== undefined ? "non-empty string" : "string"
}

/** A reference and null, which is not to be mixed with the branches of what it refers to. */
const isNullableReference = (schema: Json): boolean => {
  const branches = branchesOf(schema)?.map(json) ?? []
  return branches.length === 2 && branches.some((branch) => branch["type"] === "null") &&
    branches.some((branch) => refName(branch) !== undefined)
}

const hasValues = (schema: unknown): boolean =>
  [...stringsOf(json(schema)["enum"]), ...stringsOf(json(schema)["examples"])].length > 0

export const canonical = (given: unknown, context: Context): Canonical => {
  const schema = json(given)
  const name = refName(schema)
  if (name !== undefined) {
    // An enum that tells the members of a union apart stands in its place, not as a reference.
    const referred = json(context.lookup(name))
    const isOpaque = context.names.has(name) && !(branchesOf(referred) ?? [referred]).every(hasValues)
    return isOpaque ? { ref: name } : canonical(referred, context)
  }
  const allOf = listOf(schema["allOf"])
  if (allOf.length === 1) return canonical({ ...json(allOf[0]), ...schema, allOf: undefined }, context)
  if (isNullableReference(schema)) {
    return { union: sorted(listOf(branchesOf(schema)).map((branch) => JSON.stringify(canonical(branch, context)))) }
  }
  if (branchesOf(schema) !== undefined || Array.isArray(schema["type"])) return union(schema, context)
  switch (schema["type"]) {
    case "null":
    case "boolean":
      return schema["type"]
    case "string":
      return string(schema, context)
    case "integer":
    case "number":
      return number(schema, context)
    case "array":
      return { array: canonical(schema["items"], context) }
    case "object":
      return object(schema, context)
    default:
      return "any"
  }
}
