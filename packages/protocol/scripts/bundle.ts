import * as Fs from "node:fs"
import * as Path from "node:path"
import { readSchema, withSchemas } from "./binary.js"
import type { JsonSchema, JsonSchemaObject } from "./jsonSchema.js"
import { asObject, branchesOf, refName } from "./jsonSchema.js"
import * as Reviewed from "./reviewed.js"

/** One method of the wire: a branch of ClientRequest, ServerRequest or one of the notification unions. */
export interface Method {
  readonly name: string
  readonly description: string | undefined
  /** The definition of its params, where it has any. */
  readonly params: string | undefined
  /** Whether the params may be null or left out. */
  readonly paramsOptional: boolean
}

export interface Bundle {
  readonly definitions: ReadonlyMap<string, JsonSchemaObject>
  readonly clientRequests: ReadonlyArray<Method>
  readonly clientNotifications: ReadonlyArray<Method>
  readonly serverRequests: ReadonlyArray<Method>
  readonly serverNotifications: ReadonlyArray<Method>
  /** Names that stand in both namespaces of the bundle with different meanings: the v2 one is kept. */
  readonly clashes: ReadonlyArray<string>
}

/** These unions over all methods are what the method tables say; as definitions they would only be heavy. */
const methodUnions = ["ClientRequest", "ClientNotification", "ServerRequest", "ServerNotification"] as const

const withoutLabels = (schema: JsonSchema): string =>
  JSON.stringify(
    schema,
    (key, value: unknown) =>
      key === "$schema" || key === "title" || key === "definitions"
        ? undefined
        : key === "$ref" && typeof value === "string"
        ? refName(value)
        : value
  )

const schemaFiles = (directory: string): ReadonlyArray<string> =>
  ["", "v1", "v2"].flatMap((folder) =>
    Fs.readdirSync(Path.join(directory, folder))
      .filter((file) => file.endsWith(".json") && !file.startsWith("codex_app_server_protocol"))
      .map((file) => Path.join(folder, file.slice(0, -".json".length)))
      .sort()
  )

const readDefinitions = (directory: string) => {
  const bundle = readSchema<{ readonly definitions: Readonly<Record<string, JsonSchemaObject>> }>(
    directory,
    "codex_app_server_protocol.schemas"
  )
  const { v2, ...v1 } = bundle.definitions
  const definitions = new Map<string, JsonSchemaObject>()
  const clashes: Array<string> = []
  const add = (name: string, schema: JsonSchemaObject) => {
    const known = definitions.get(name)
    if (known === undefined) definitions.set(name, schema)
    else if (withoutLabels(known) !== withoutLabels(schema) && !clashes.includes(name)) clashes.push(name)
  }
  // The bundle nests the v2 namespace as if it were a definition of v1.
  for (const [name, schema] of Object.entries(v2 as Readonly<Record<string, JsonSchemaObject>>)) add(name, schema)
  for (const [name, schema] of Object.entries(v1)) add(name, schema)
  // A definition may stand in a file of its own only.
  for (const file of schemaFiles(directory)) {
    const schema = readSchema<JsonSchemaObject>(directory, file)
    for (const [name, definition] of Object.entries(schema.definitions ?? {})) add(name, asObject(definition))
    add(Path.basename(file), schema)
  }
  for (const name of methodUnions) definitions.delete(name)
  const sorted = [...definitions].sort(([a], [b]) => a < b ? -1 : 1)
  return { definitions: corrected(new Map(sorted)), clashes: clashes.filter((name) => definitions.has(name)).sort() }
}

const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

const withCamelCaseMembers = (schema: JsonSchemaObject): JsonSchemaObject => ({
  ...schema,
  ...(schema.oneOf === undefined
    ? {}
    : { oneOf: schema.oneOf.map((branch) => withCamelCaseMembers(asObject(branch))) }),
  ...(schema.properties === undefined ? {} : {
    properties: Object.fromEntries(Object.entries(schema.properties).map(([name, type]) => [camelCase(name), type]))
  }),
  ...(schema.required === undefined ? {} : { required: schema.required.map(camelCase) })
})

/** Fails where the reviewed list names a definition that needs no correction any more. */
const corrected = (definitions: ReadonlyMap<string, JsonSchemaObject>): ReadonlyMap<string, JsonSchemaObject> => {
  const result = new Map(definitions)
  for (const name of Reviewed.camelCaseDefinitions) {
    const schema = definitions.get(name)
    const changed = schema === undefined ? undefined : withCamelCaseMembers(schema)
    if (changed === undefined || JSON.stringify(changed) === JSON.stringify(schema)) {
      throw new Error(`reviewed.ts corrects members of ${name}, which has none to correct`)
    }
    result.set(name, changed)
  }
  return result
}

const readMethod = (branch: JsonSchemaObject): Method => {
  const name = asObject(branch.properties?.["method"]).enum?.[0]
  if (name === undefined) throw new Error(`a method without a name: ${JSON.stringify(branch)}`)
  const params = asObject(branch.properties?.["params"])
  const alternatives = (branchesOf(params) ?? [params]).map(asObject)
  const references = alternatives.flatMap((schema) => schema.$ref === undefined ? [] : [refName(schema.$ref)])
  const nulls = alternatives.filter((schema) => schema.type === "null")
  const silent = branch.properties?.["params"] === undefined
  if (references.length > 1 || (!silent && references.length + nulls.length !== alternatives.length)) {
    throw new Error(`${name} has params of a shape the generator does not know: ${JSON.stringify(params)}`)
  }
  return {
    name,
    description: branch.description,
    params: references[0],
    paramsOptional: references.length === 0 || nulls.length > 0
  }
}

const readMethods = (directory: string, union: (typeof methodUnions)[number]): ReadonlyArray<Method> =>
  (branchesOf(readSchema<JsonSchemaObject>(directory, union)) ?? []).map((branch) => readMethod(asObject(branch)))

/** What the binary says of its protocol, with or without the experimental part. */
export const loadBundle = (binary: string, experimental: boolean): Bundle =>
  withSchemas(binary, experimental, (directory) => ({
    ...readDefinitions(directory),
    clientRequests: readMethods(directory, "ClientRequest"),
    clientNotifications: readMethods(directory, "ClientNotification"),
    serverRequests: readMethods(directory, "ServerRequest"),
    serverNotifications: readMethods(directory, "ServerNotification")
  }))
