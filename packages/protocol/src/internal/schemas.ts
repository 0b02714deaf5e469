import { pipeArguments } from "effect/Pipeable"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import type { UnknownMember } from "./unknownMember.js"
import { unknownMember } from "./unknownMember.js"

// Schemas are matched by their type alone; these three are never called.
const variance = {
  _A: <A>(_: A): A => _,
  _I: <A>(_: A): A => _,
  _R: (_: never): never => _
}

/** `Schema.suspend(…)` makes a class for every schema. A thousand of those are half of the time an import takes. */
class Lazy<A> implements Schema.Schema<A> {
  declare readonly Type: A
  declare readonly Encoded: A
  declare readonly Context: never
  readonly [Schema.TypeId] = variance
  readonly name: string
  readonly build: () => Schema.Schema<A>
  node: AST.Suspend | undefined = undefined

  constructor(name: string, build: () => Schema.Schema<A>) {
    this.name = name
    this.build = build
  }

  get ast(): AST.AST {
    return this.node ??= new AST.Suspend(() => this.build().ast, { [AST.IdentifierAnnotationId]: this.name })
  }

  annotations(annotations: Schema.Annotations.GenericSchema<A>): Schema.Schema<A> {
    return Schema.make<A>(this.ast).annotations(annotations)
  }

  pipe() {
    return pipeArguments(this, arguments)
  }
}

/**
 * A definition whose schema is built on first use: there are a thousand of them, of which a program uses a few. Its
 * name lets it refer to itself in a JSON Schema.
 */
export const lazy = <A>(name: string, build: () => Schema.Schema<A>): Schema.Schema<A> => new Lazy(name, build)

/**
 * A string of which some values are known, and which may be any other from a newer server.
 */
export const openEnum = <const Values extends readonly [string, ...ReadonlyArray<string>]>(
  ...values: Values
): Schema.Schema<Values[number] | (string & {})> => Schema.String.annotations({ examples: values })

/**
 * A member that may be left out, but not `undefined`.
 */
export const exactOptional = <A>(schema: Schema.Schema<A>): Schema.optionalWith<Schema.Schema<A>, { exact: true }> =>
  Schema.optionalWith(schema, { exact: true })

type Members = ReadonlyArray<Schema.Schema.AnyNoContext>

type OpenUnion<M extends Members, Tag extends string> = Schema.Schema<
  Schema.Schema.Type<M[number]> | UnknownMember<Tag>
>

const openUnion = <M extends Members, Tag extends string>(
  members: M,
  unknown: Schema.Schema<UnknownMember<Tag>>
): OpenUnion<M, Tag> => Schema.Union(...members, unknown) as Schema.Schema.AnyNoContext

/**
 * A union whose objects are told apart by the string in `tag`. An object with one of the `known` tags has to be what
 * that tag stands for; an object with another one is an unknown member.
 */
export const openTagged = <const Tag extends string, M extends Members>(
  tag: Tag,
  known: ReadonlyArray<string>,
  ...members: M
): OpenUnion<M, Tag> => {
  const tags = new Set(known)
  return openUnion(
    members,
    unknownMember(tag, (input) => typeof input[tag] === "string" && !tags.has(input[tag]), {
      type: "object",
      required: [tag],
      properties: { [tag]: { type: "string", not: { enum: known } } }
    })
  )
}

/**
 * A union whose objects are told apart by which members they have. An object with all the members of one of `known`
 * has to be that; an object with none of these sets is an unknown member.
 */
export const openKeyed = <M extends Members>(
  known: ReadonlyArray<ReadonlyArray<string>>,
  ...members: M
): OpenUnion<M, "type"> =>
  openUnion(
    members,
    unknownMember("type", (input) => !known.some((keys) => keys.every((key) => Object.hasOwn(input, key))), {
      type: "object",
      not: { anyOf: known.map((required) => ({ required })) }
    })
  )
