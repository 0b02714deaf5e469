import type * as Server from "@effect-codex/protocol/Server"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Elicitation from "../../Elicitation.js"

type Form = Server.McpElicitationSchema

type Property = Form["properties"][string]

type Known = Exclude<Property, { readonly type: "$unknown" }>

/** What a field takes, and how it is read from what a user types. */
type Kind = Pick<Elicitation.Field, "multiple" | "options" | "schema" | "text">

/** @internal */
export const fieldsOf = ({ properties, required }: Form): ReadonlyArray<Elicitation.Field> =>
  Object.entries(properties).map(([name, property]) => {
    const about = property.type === "$unknown" ? undefined : property
    return {
      name,
      title: about?.title ?? name,
      description: about?.description ?? undefined,
      required: required?.includes(name) === true,
      default: about?.default ?? undefined,
      ...kindOf(property)
    }
  })

const kindOf = (property: Property): Kind => {
  switch (property.type) {
    case "string": {
      const options = optionsOf(property)
      return options === undefined ? plain(text(property), Option.some) : choice(options)
    }
    case "number":
    case "integer":
      return plain(number(property), toNumber)
    case "boolean":
      return plain(expecting(Schema.Boolean, "yes or no"), toBoolean)
    case "array":
      return choices(property)
    case "$unknown":
      return plain(Schema.Unknown, toJson)
  }
}

const plain = <A>(schema: Schema.Schema<A>, read: (text: string) => Option.Option<unknown>): Kind => ({
  options: undefined,
  multiple: false,
  ...reading(schema, read)
})

/** A Schema and the same from text. What `read` has nothing for fails as the Schema says, with the text as it is. */
const reading = <A>(
  schema: Schema.Schema<A>,
  read: (text: string) => Option.Option<unknown>
): Pick<Kind, "schema" | "text"> => {
  // What is known of a field at run time only is unknown to the compiler.
  const known = schema as Schema.Schema<unknown>
  return {
    schema: known,
    text: Schema.transform(Schema.String, known, {
      strict: true,
      decode: (text) => Option.getOrElse(read(text), () => text),
      encode: (value) => Array.isArray(value) ? value.join(", ") : String(value)
    })
  }
}

/** Says what is expected, and not what was given, which may be a secret. */
const expecting = <A>(schema: Schema.Schema<A>, what: string): Schema.Schema<A> =>
  schema.annotations({ message: () => ({ message: `Expected ${what}`, override: true }) })

/** Checks a measure by its bounds, and says them. */
const bounded = (minimum: number | null | undefined, maximum: number | null | undefined) => {
  const bounds = [
    ...(minimum == null ? [] : [`at least ${minimum}`]),
    ...(maximum == null ? [] : [`at most ${maximum}`])
  ]
  return {
    holds: (size: number) => (minimum == null || size >= minimum) && (maximum == null || size <= maximum),
    says: (before: string, unit: string) => bounds.length === 0 ? "" : `${before}${bounds.join(" and ")}${unit}`
  }
}

// choices

const optionsOf = (property: Extract<Known, { readonly type: "string" }>) => {
  if ("oneOf" in property) {
    return property.oneOf.map(({ const: value, title }) => ({ value, title }))
  }
  if (!("enum" in property)) {
    return undefined
  }
  const titles = "enumNames" in property ? property.enumNames : undefined
  return property.enum.map((value, i) => ({ value, title: titles?.[i] ?? value }))
}

const choice = (options: ReadonlyArray<Elicitation.Option>): Kind => ({
  options,
  multiple: false,
  ...reading(
    expecting(oneOf(options), `one of ${titlesOf(options)}`),
    (text) => Option.fromNullable(chosen(options, text))
  )
})

const choices = ({ items, maxItems, minItems }: Extract<Known, { readonly type: "array" }>): Kind => {
  const options = "anyOf" in items
    ? items.anyOf.map(({ const: value, title }) => ({ value, title }))
    : items.enum.map((value) => ({ value, title: value }))
  const { holds, says } = bounded(minItems, maxItems)
  const some = Schema.Array(oneOf(options)).pipe(
    Schema.filter((values) => new Set(values).size === values.length && holds(values.length))
  )
  return {
    options,
    multiple: true,
    ...reading(expecting(some, `${says("", " of") || "some of"} ${titlesOf(options)}, each once`), (text) => {
      const words = text.split(",").map((word) => word.trim()).filter((word) => word !== "")
      return Option.some(words.map((word) => chosen(options, word) ?? word))
    })
  }
}

const oneOf = (options: ReadonlyArray<Elicitation.Option>): Schema.Schema<string> =>
  Schema.Literal(...options.map(({ value }) => value))

const titlesOf = (options: ReadonlyArray<Elicitation.Option>): string => options.map(({ title }) => title).join(", ")

const chosen = (options: ReadonlyArray<Elicitation.Option>, text: string): string | undefined => {
  const word = text.trim()
  return (options.find(({ value }) => value === word) ?? options.find(({ title }) => title === word))?.value
}

// texts and numbers

const text = ({ format, maxLength, minLength }: Server.McpElicitationStringSchema): Schema.Schema<string> => {
  const { holds, says } = bounded(minLength, maxLength)
  const isOfFormat = format == null ? undefined : formats.get(format)
  return expecting(
    Schema.String.pipe(
      // A character is a code point, as JSON Schema counts.
      Schema.filter((value) => holds(Array.from(value).length) && isOfFormat?.(value) !== false)
    ),
    `a text${format == null ? "" : ` of format ${format}`}${says(", ", " characters")}`
  )
}

const isDate = (value: string): boolean => {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(value) : NaN
  // A day that its month does not have is taken for one of the next.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value)
}

const formats: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ["email", (value) => /^[^\s@]+@[^\s@]+$/.test(value)],
  ["uri", (value) => /^[a-z][a-z0-9+.-]*:\S+$/i.test(value)],
  ["date", isDate],
  [
    "date-time",
    (value) =>
      /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i.test(value) && isDate(value.slice(0, 10)) &&
      !Number.isNaN(Date.parse(value))
  ]
])

const number = ({ maximum, minimum, type }: Server.McpElicitationNumberSchema): Schema.Schema<number> => {
  const { holds, says } = bounded(minimum, maximum)
  return expecting(
    (type === "integer" ? Schema.Int : Schema.Finite).pipe(Schema.filter(holds)),
    `${type === "integer" ? "a whole number" : "a number"}${says(", ", "")}`
  )
}

// what a user types

const toNumber = (text: string): Option.Option<number> => {
  const value = text.trim() === "" ? NaN : Number(text)
  return Number.isNaN(value) ? Option.none() : Option.some(value)
}

const toBoolean = (text: string): Option.Option<boolean> => {
  const word = text.trim().toLowerCase()
  return ["yes", "y", "true"].includes(word)
    ? Option.some(true)
    : ["no", "n", "false"].includes(word)
    ? Option.some(false)
    : Option.none()
}

const toJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))
