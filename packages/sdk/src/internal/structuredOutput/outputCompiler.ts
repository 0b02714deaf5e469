import { isReadonlyRecord as isRecord } from "effect/Predicate"
import * as Shape from "./outputShape.js"

type Node = { readonly [keyword: string]: unknown }

type Path = ReadonlyArray<string>

/** @internal */
export interface Compiler {
  readonly compile: (node: unknown, path: Path) => Shape.Shape
  readonly definitions: ReadonlyMap<string, Shape.Shape>
  /** What has no form that a strict API takes. */
  readonly problems: ReadonlyArray<string>
}

// What strict APIs refuse is told to the model in words, and left to the Schema to check.
const textKeywords = ["pattern", "format"]
const numberKeywords = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]
const arrayKeywords = ["minItems", "maxItems"]
const constraints = [
  ...textKeywords,
  ...numberKeywords,
  ...arrayKeywords,
  "minLength",
  "maxLength",
  "uniqueItems",
  "minProperties",
  "maxProperties"
]
const formats: ReadonlyArray<unknown> = [
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uuid"
]

/**
 * Makes shapes of the JSON Schema that `effect/JSONSchema` writes and that `jsonSchema` annotations put into it.
 *
 * @internal
 */
export const compiler = (given: { readonly [name: string]: unknown }): Compiler => {
  const definitions = new Map<string, Shape.Shape>()
  const names = new Map<string, string>()
  const inlined = new Set<string>()
  const problems: Array<string> = []

  const refuse = (path: Path, problem: string): Shape.Shape => {
    problems.push(path.length === 0 ? problem : `${path.join(".")}: ${problem}`)
    return Shape.scalar({}, () => true)
  }

  const compile = (node: unknown, path: Path): Shape.Shape => {
    if (!isRecord(node)) {
      return refuse(path, "a model cannot be held to this JSON Schema")
    }
    if (Array.isArray(node["allOf"])) {
      return conjunction(node, node["allOf"], path)
    }
    if (typeof node["$ref"] === "string") {
      return reference(node["$ref"], node, path)
    }
    if (node["$id"] === emptyStruct) {
      return Shape.object(new Map(), annotate(node))
    }
    const literals = Array.isArray(node["enum"]) ? node["enum"] : "const" in node ? [node["const"]] : undefined
    if (literals !== undefined) {
      return oneOfLiterals(literals, node, path)
    }
    const members = node["anyOf"] ?? node["oneOf"]
    if (Array.isArray(members) && !String(node["$id"]).startsWith("/schemas/")) {
      return Shape.union(members.map((member) => compile(member, path)), annotate(node))
    }
    const { type } = node
    return Array.isArray(type)
      ? Shape.union(type.map((type) => ofType({ ...node, type }, path)), {})
      : ofType(node, path)
  }

  const ofType = (node: Node, path: Path): Shape.Shape => {
    switch (node["type"]) {
      case "string":
        return Shape.scalar({ ...annotate(node, textKeywords), type: "string" }, (value) => typeof value === "string")
      case "number":
        return Shape.scalar({ ...annotate(node, numberKeywords), type: "number" }, (value) => typeof value === "number")
      case "integer":
        return Shape.scalar({ ...annotate(node, numberKeywords), type: "integer" }, Number.isInteger)
      case "boolean":
        return Shape.scalar({ ...annotate(node), type: "boolean" }, (value) => typeof value === "boolean")
      case "null":
        return Shape.scalar({ ...annotate(node), type: "null" }, (value) => value === null)
      case "array":
        return arrayOf(node, path)
      case "object":
        return objectOf(node, path)
      default:
        return refuse(path, `a model cannot be held to ${String(node["title"] ?? "a value of any kind")}`)
    }
  }

  const arrayOf = (node: Node, path: Path): Shape.Shape => {
    const { additionalItems, items, maxItems, minItems } = node
    const elements = Array.isArray(items) ? items : maxItems === 0 ? [] : undefined
    if (elements === undefined) {
      return Shape.array(compile(items, [...path, "[]"]), annotate(node, arrayKeywords))
    }
    if (isRecord(additionalItems)) {
      return refuse(path, "a tuple with rest elements has no form that a strict model API takes")
    }
    const required = typeof minItems === "number" ? minItems : 0
    return Shape.tuple(
      elements.map((element, index) => ({
        shape: compile(element, [...path, String(index)]),
        optional: index >= required
      })),
      annotationsOf(node)
    )
  }

  const objectOf = (node: Node, path: Path): Shape.Shape => {
    const properties = isRecord(node["properties"]) ? Object.entries(node["properties"]) : []
    const { additionalProperties, patternProperties } = node
    const values = isRecord(additionalProperties)
      ? additionalProperties
      : isRecord(patternProperties)
      ? patternProperties[""]
      : undefined
    if (values !== undefined && properties.length === 0) {
      return Shape.record(compile(values, [...path, "[]"]), annotate(node))
    }
    if (values !== undefined || (properties.length === 0 && additionalProperties !== false)) {
      return refuse(
        path,
        "an object with members that are not known beforehand has no form that a strict model API takes"
      )
    }
    const required: ReadonlyArray<unknown> = Array.isArray(node["required"]) ? node["required"] : []
    const members = properties.map(([name, property]) =>
      [name, { shape: compile(property, [...path, name]), optional: !required.includes(name) }] as const
    )
    return Shape.object(new Map(members), annotate(node))
  }

  const oneOfLiterals = (literals: ReadonlyArray<unknown>, node: Node, path: Path): Shape.Shape => {
    const types = Array.from(new Set(literals.map((literal) => literal === null ? "null" : typeof literal)))
    return types.every((type) => ["string", "number", "boolean", "null"].includes(type))
      ? Shape.scalar(
        { ...annotate(node), type: types.length === 1 ? types[0] : types, enum: literals },
        (value) => literals.includes(value)
      )
      : refuse(path, "a model cannot be held to literals that are no scalars")
  }

  /** What several refinements of one value come to; the server takes no `allOf`. */
  const conjunction = (node: Node, parts: ReadonlyArray<unknown>, path: Path): Shape.Shape => {
    const { allOf: _, ...rest } = node
    const structures = [rest, ...parts].filter((part) => isRecord(part) && structural.some((key) => key in part))
    return structures.length > 1
      ? refuse(path, "`allOf` of several schemas has no form that a strict model API takes")
      // The parts that effect/JSONSchema writes are the stricter ones, and have no annotations of their own.
      : compile({ ...Object.assign({}, rest, ...parts), ...annotationsOf(rest) }, path)
  }

  /** References stand alone: what is said beside one is said of a union of it, or of its definition in its place. */
  const reference = ($ref: string, node: Node, path: Path): Shape.Shape => {
    const id = $ref.replace("#/$defs/", "").replaceAll("~1", "/").replaceAll("~0", "~")
    const definition = given[id]
    if (!$ref.startsWith("#/$defs/") || !isRecord(definition)) {
      return refuse(path, `no definition ${$ref}`)
    }
    const { $ref: _, ...beside } = node
    if (constraints.some((keyword) => keyword in beside) && !inlined.has(id)) {
      inlined.add(id)
      const shape = compile({ ...definition, ...beside }, path)
      inlined.delete(id)
      return shape
    }
    const shape = definitionOf(id, definition, path)
    const annotations = annotate(beside)
    return Object.keys(annotations).length === 0 ? shape : Shape.union([shape], annotations)
  }

  const definitionOf = (id: string, definition: Node, path: Path): Shape.Shape => {
    const known = names.get(id)
    // An identifier may be anything, and the name of a definition not.
    const name = known ?? unique(id.replace(/[^A-Za-z0-9_-]+/g, "_"), definitions)
    const shape = Shape.reference(name, () => definitions.get(name) ?? refused)
    if (known === undefined) {
      names.set(id, name)
      definitions.set(name, refused)
      definitions.set(name, compile(definition, path))
    }
    return shape
  }

  return { compile, definitions, problems }
}

const emptyStruct = "/schemas/%7B%7D"

const refused = Shape.scalar({}, () => true)

const structural = ["$ref", "type", "enum", "const", "anyOf", "oneOf", "allOf", "properties"]

const unique = (name: string, taken: ReadonlyMap<string, unknown>): string => {
  let candidate = name
  for (let n = 2; taken.has(candidate); n++) {
    candidate = `${name}_${n}`
  }
  return candidate
}

const annotationsOf = (node: Node): Node =>
  Object.fromEntries(Object.entries(node).filter(([keyword]) => keyword === "title" || keyword === "description"))

/** The annotations and those constraints that are kept; the model is told of the others in the description. */
const annotate = (node: Node, kept: ReadonlyArray<string> = []): Node => {
  const present = Object.entries(node).filter(([keyword]) => constraints.includes(keyword))
  const isKept = ([keyword, value]: readonly [string, unknown]) => kept.includes(keyword) && isPlain(keyword, value)
  const told = present.filter((constraint) => !isKept(constraint)).map(([keyword, value]) => `${keyword}: ${value}`)
  const annotations = annotationsOf(node)
  const { description } = annotations
  return {
    ...annotations,
    ...(told.length === 0
      ? {}
      : { description: [...(typeof description === "string" ? [description] : []), `(${told.join(", ")})`].join(" ") }),
    ...Object.fromEntries(present.filter(isKept))
  }
}

/** Regular expressions that look around or back are beyond the engines that hold models to them. */
const isPlain = (keyword: string, value: unknown): boolean =>
  keyword === "pattern"
    ? typeof value === "string" && !/\(\?[=!<]|\\[1-9k]/.test(value)
    : keyword !== "format" || formats.includes(value)
