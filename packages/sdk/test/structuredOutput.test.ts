import type { TurnStartParams } from "@effect-codex/protocol/Client"
import * as StructuredOutput from "@effect-codex/sdk/StructuredOutput"
import type { TurnResult } from "@effect-codex/sdk/TurnResult"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { type Env, promise, settle } from "./support/env.js"
import { assertStrict, write } from "./support/strictModel.js"
import { agentMessage } from "./support/talk.js"

const resultOf = (finalResponse: string | null): TurnResult => ({
  id: "turn-1",
  threadId: "thread-1",
  status: "completed",
  finalResponse,
  items: [],
  unfinished: [],
  usage: null,
  turnUsage: null,
  startedAt: null,
  completedAt: null,
  durationMs: null
})

/** Whatever value a model is asked for, written as it is asked for it, comes back as that value. */
const comesBack = <A, I>(name: string, schema: Schema.Schema<A, I>, values = Arbitrary.make(schema)) =>
  it(name, () => {
    const { decode, outputSchema } = Effect.runSync(StructuredOutput.make(schema))
    assertStrict(outputSchema)
    const encode = Schema.encodeSync(Schema.Struct({ value: schema }))
    const json = (value: A): { readonly value?: unknown } => JSON.parse(JSON.stringify(encode({ value })))
    FastCheck.assert(FastCheck.property(values, (value) => {
      const text = write(outputSchema, json(value).value)
      assert.deepStrictEqual(json(Effect.runSync(decode(resultOf(text)))), json(value))
    }))
  })

class Person extends Schema.Class<Person>("some/where/Person~1")({
  name: Schema.String.annotations({ description: "as on the passport" }),
  born: Schema.optionalWith(Schema.Date.pipe(Schema.validDate()), { as: "Option" }),
  pets: Schema.optional(Schema.Array(Schema.Struct({ name: Schema.String, legs: Schema.optional(Schema.Int) })))
}) {}

interface Category {
  readonly name: string
  readonly parent?: Category | undefined
  readonly children: ReadonlyArray<Category>
}
const Category: Schema.Schema<Category> = Schema.Struct({
  name: Schema.String,
  parent: Schema.optional(Schema.suspend(() => Category).annotations({ description: "the one above" })),
  children: Schema.Array(Schema.suspend(() => Category))
}).annotations({ identifier: "Category" })

type Expression =
  | { readonly _tag: "Number"; readonly value: number; readonly unit?: string | undefined }
  | { readonly _tag: "Sum" | "Product"; readonly left: Expression; readonly right: Expression }
const Expression: Schema.Schema<Expression> = Schema.Union(
  Schema.TaggedStruct("Number", { value: Schema.Int, unit: Schema.optional(Schema.String) }),
  Schema.Struct({
    _tag: Schema.Literal("Sum", "Product"),
    left: Schema.suspend(() => Expression),
    right: Schema.suspend(() => Expression)
  })
).annotations({ identifier: "Expression" })

// The arbitraries of recursive Schemas grow without a bound.
const bounds = { depthSize: "small", maxDepth: 6 } as const

const categories = FastCheck.letrec<{ readonly category: Category; readonly leaf: Category }>((tie) => ({
  category: FastCheck.oneof(
    bounds,
    tie("leaf"),
    FastCheck.record({
      name: FastCheck.string(),
      parent: FastCheck.option(tie("category"), { nil: undefined }),
      children: FastCheck.array(tie("category"), { maxLength: 2 })
    })
  ),
  leaf: FastCheck.record({ name: FastCheck.string(), children: FastCheck.constant([]) })
})).category

const expressions = FastCheck.letrec<{ readonly expression: Expression; readonly number: Expression }>((tie) => ({
  expression: FastCheck.oneof(
    bounds,
    tie("number"),
    FastCheck.record({
      _tag: FastCheck.constantFrom("Sum" as const, "Product" as const),
      left: tie("expression"),
      right: tie("expression")
    })
  ),
  number: FastCheck.record({
    _tag: FastCheck.constant("Number" as const),
    value: FastCheck.integer(),
    unit: FastCheck.option(FastCheck.string(), { nil: undefined })
  })
})).expression

const Color = { Red: "red", Blue: "blue" } as const

const Word = Schema.String.pipe(Schema.pattern(/^[a-z]+$/))

describe("a value comes back as it was meant:", () => {
  comesBack(
    "scalars of every kind",
    Schema.Struct({
      string: Schema.String,
      int: Schema.Int.pipe(Schema.between(1, 5)),
      number: Schema.JsonNumber,
      boolean: Schema.Boolean,
      null: Schema.Null,
      nullable: Schema.NullOr(Schema.String),
      literal: Schema.Literal("a", 1, null, true),
      color: Schema.Enums(Color),
      uuid: Schema.UUID,
      trimmed: Schema.NonEmptyTrimmedString,
      version: Schema.TemplateLiteral("v", Schema.Literal("1", "2"))
    })
  )
  comesBack("no members at all", Schema.Struct({ tuple: Schema.Tuple(), struct: Schema.TaggedStruct("A", {}) }))
  comesBack(
    "members that may be absent",
    Schema.Struct({
      plain: Schema.optional(Schema.String),
      exact: Schema.optionalWith(Schema.Int, { exact: true }),
      undefined: Schema.UndefinedOr(Schema.String),
      withDefault: Schema.optionalWith(Schema.String, { default: () => "it" }),
      option: Schema.optionalWith(Schema.Int, { as: "Option" }),
      nullable: Schema.optionalWith(Schema.Int, { nullable: true, as: "Option" }),
      struct: Schema.optional(Schema.Struct({ within: Schema.optional(Schema.Boolean) })),
      one: Schema.optional(Schema.Union(Schema.String, Schema.Int))
    })
  )
  comesBack(
    "transformations",
    Schema.Struct({
      n: Schema.NumberFromString.pipe(Schema.finite()),
      option: Schema.Option(Schema.Int),
      either: Schema.Either({ left: Schema.String, right: Schema.Int }),
      renamed: Schema.propertySignature(Schema.String).pipe(Schema.fromKey("as")),
      map: Schema.Map({ key: Schema.String, value: Schema.Int }),
      set: Schema.HashSet(Schema.Int),
      big: Schema.BigInt,
      json: Schema.parseJson(Schema.Struct({ a: Schema.Int }))
    })
  )
  comesBack(
    "a class, and members that are described",
    Schema.Struct({
      one: Person,
      described: Schema.propertySignature(Person).annotations({ description: "another" }),
      maybe: Schema.optional(Person)
    })
  )
  comesBack(
    "records",
    Schema.Struct({
      counts: Schema.Record({ key: Word, value: Schema.Struct({ n: Schema.optional(Schema.Int) }) }),
      known: Schema.Record({ key: Schema.Literal("a", "b"), value: Schema.Int }),
      maybe: Schema.optional(Schema.Record({ key: Word, value: Schema.Record({ key: Word, value: Schema.Int }) }))
    })
  )
  comesBack(
    "tuples",
    Schema.Struct({
      pair: Schema.Tuple(Schema.String, Schema.Struct({ n: Schema.optional(Schema.Int) })),
      open: Schema.Tuple(Schema.Int, Schema.optionalElement(Schema.String), Schema.optionalElement(Schema.Boolean)),
      several: Schema.NonEmptyArray(Schema.Tuple(Schema.Int, Schema.Int))
    })
  )
  comesBack(
    "unions whose members differ in what may be absent",
    Schema.Array(Schema.Union(
      Schema.TaggedStruct("A", { x: Schema.optional(Schema.Int) }),
      Schema.TaggedStruct("B", { x: Schema.NullOr(Schema.Int), y: Schema.optional(Schema.Int) }),
      Schema.TaggedStruct("C", { x: Schema.Record({ key: Word, value: Schema.Int }) }),
      Schema.String
    ))
  )
  comesBack("trees", Category, categories)
  comesBack("trees of unions", Expression, expressions)
  comesBack("a string", Schema.String)
  comesBack("a literal", Schema.Literal("yes", "no"))
  comesBack("an array", Schema.Array(Schema.Struct({ a: Schema.optional(Schema.String) })))
  comesBack("a record", Schema.Record({ key: Word, value: Schema.Boolean }))
  comesBack("a tuple", Schema.Tuple(Schema.Int, Schema.optionalElement(Schema.String)))
  comesBack("a union", Schema.Union(Schema.Struct({ value: Schema.Int }), Schema.Struct({ a: Schema.String })))
  comesBack("a struct whose only member is called `value`", Schema.Struct({ value: Schema.NullOr(Schema.Int) }))
  comesBack("nothing, or something", Schema.UndefinedOr(Schema.Struct({ a: Schema.String })))
  comesBack("an Option", Schema.OptionFromNullOr(Schema.Int))
})

/** A Schema as the turns of a test are asked for it, and what comes of a final response. */
const asked = <A, I>(schema: Schema.Schema<A, I>) => {
  const { decode, outputSchema } = Effect.runSync(StructuredOutput.make(schema))
  return { outputSchema, decodes: (text: string | null) => Effect.runSync(Effect.either(decode(resultOf(text)))) }
}

const refusalOf = <A, I, R>(schema: Schema.Schema<A, I, R>) =>
  Effect.runSync(Effect.flip(StructuredOutput.make(schema)))

describe("what the model is asked for", () => {
  it("is the object itself, its members all required and the optional ones nullable", () => {
    const schema = Schema.Struct({ a: Schema.String, b: Schema.optional(Schema.Int), c: Schema.NullOr(Schema.Boolean) })
    assert.deepStrictEqual(asked(schema.pipe(Schema.omit("b"))).outputSchema, {
      type: "object",
      properties: { a: { type: "string" }, c: { anyOf: [{ type: "boolean" }, { type: "null" }] } },
      required: ["a", "c"],
      additionalProperties: false
    })
    const { properties, required } = asked(schema).outputSchema
    assert.deepStrictEqual(required, ["a", "b", "c"])
    assert.deepInclude(properties, { b: { anyOf: [{ $ref: "#/$defs/Int" }, { type: "null" }] } })
  })

  it("is wrapped in an object where it is none", () => {
    assert.deepStrictEqual(asked(Schema.Array(Schema.String)).outputSchema, {
      type: "object",
      properties: { value: { type: "array", items: { type: "string" } } },
      required: ["value"],
      additionalProperties: false
    })
  })

  it("keeps the constraints that strict APIs take, and tells the model of the others", () => {
    const schema = Schema.Struct({
      number: Schema.Number.pipe(Schema.greaterThan(5), Schema.greaterThan(3), Schema.multipleOf(2)),
      array: Schema.Array(Schema.Boolean).pipe(Schema.minItems(2), Schema.maxItems(3)),
      string: Schema.String.pipe(Schema.minLength(2), Schema.pattern(/^a/)).annotations({ description: "a name" }),
      behind: Schema.String.pipe(Schema.pattern(/(?<=a)b/)).annotations({ description: "a b" })
    })
    const properties: { readonly [name: string]: object } = Object(asked(schema).outputSchema["properties"])
    assert.deepInclude(properties["number"], { type: "number", exclusiveMinimum: 5, multipleOf: 2 })
    assert.deepInclude(properties["array"], { minItems: 2, maxItems: 3 })
    assert.deepInclude(properties["string"], { pattern: "^a", description: "a name (minLength: 2)" })
    assert.deepInclude(properties["behind"], { description: "a b (pattern: (?<=a)b)" })
    assert.notProperty(properties["string"], "minLength")
  })

  it("names definitions by what identifiers have of plain letters, each by a name of its own", () => {
    const named = (identifier: string, literal: string) => Schema.Literal(literal).annotations({ identifier })
    const { $defs } = asked(Schema.Struct({ a: named("my/own", "a"), b: named("my own", "b") })).outputSchema
    assert.deepStrictEqual($defs, {
      my_own: { type: "string", enum: ["a"] },
      my_own_2: { type: "string", enum: ["b"] }
    })
  })

  it("follows `jsonSchema` annotations, also where they are no strict ones", () => {
    const schema = Schema.Struct({
      point: Schema.Unknown.annotations({
        jsonSchema: { type: "object", properties: { x: { type: "number" }, y: { type: "number" } }, required: ["x"] }
      }),
      size: Schema.Unknown.annotations({ jsonSchema: { type: ["string", "null"], default: "S" } })
    })
    const { decodes, outputSchema } = asked(schema)
    assertStrict(outputSchema)
    assert.deepStrictEqual(
      decodes(`{"point":{"x":1,"y":null},"size":null}`),
      Either.right({ point: { x: 1 }, size: null })
    )
  })

  it("is refused with every reason, where a strict API has no form for it", () => {
    const { issue, method } = refusalOf(Schema.Struct({
      anything: Schema.Unknown,
      rest: Schema.Tuple([Schema.String], Schema.Int),
      open: Schema.Struct({ a: Schema.String }, { key: Schema.String, value: Schema.Int })
    }))
    assert.strictEqual(method, "turn/start")
    const lines = issue.split("\n")
    assert.lengthOf(lines, 3)
    lines.forEach((line, index) => assert.include(line, ["anything", "rest", "open"][index] ?? "?"))
    assert.include(refusalOf(Schema.OptionFromSelf(Schema.String)).issue, "Option<string>")
    assert.include(refusalOf(Schema.Array(Schema.DateFromSelf)).issue, "DateFromSelf")
  })
})

describe("an answer", () => {
  const Task = Schema.Struct({
    title: Schema.NonEmptyString,
    due: Schema.optional(Schema.Date.pipe(Schema.validDate()))
  })

  it("that does not fit is refused with its text, the turn, and where each problem is", () => {
    const text = `{"value":[{"title":"","due":null},{"title":1}]}`
    const error = Option.getOrThrow(Either.getLeft(asked(Schema.Array(Task)).decodes(text)))
    assert.strictEqual(error.text, text)
    assert.deepStrictEqual(error.result, resultOf(text))
    assert.deepStrictEqual(error.issues.map((issue) => issue.split(":")[0]), ["0.title", "1.title"])
    error.issues.forEach((issue) => assert.include(error.message, issue))
  })

  it("that is no JSON, or none at all, is refused as that", () => {
    const { decodes } = asked(Task)
    const prose = Option.getOrThrow(Either.getLeft(decodes("Sure! Here it is.")))
    assert.strictEqual(prose.text, "Sure! Here it is.")
    assert.include(prose.issues[0], "no JSON")
    const silence = Option.getOrThrow(Either.getLeft(decodes(null)))
    assert.isNull(silence.text)
    assert.deepStrictEqual(silence.issues, ["there is no final response"])
  })

  it("that is nested deeper than it can be decoded is refused, and not a defect", () => {
    const deep = `${`{"name":"a","children":[`.repeat(20_000)}${"]}".repeat(20_000)}`
    const error = Option.getOrThrow(Either.getLeft(asked(Category).decodes(deep)))
    assert.lengthOf(error.issues, 1)
    assert.include(error.issues[0], "cannot be decoded")
  })

  it("of a model that is held to nothing may leave out what is optional, and the wrapping", () => {
    assert.deepStrictEqual(asked(Task).decodes(`{"title":"a"}`), Either.right({ title: "a" }))
    assert.deepStrictEqual(asked(Schema.Array(Schema.String)).decodes(`["a"]`), Either.right(["a"]))
  })

  it("of `null` stays `null` where that is a value of its own", () => {
    const { decodes } = asked(Schema.Struct({ a: Schema.optional(Schema.NullOr(Schema.String)) }))
    assert.deepStrictEqual(decodes(`{"a":null}`), Either.right({ a: null }))
  })
})

/** Answers the next `turn/start` with a turn that completes with this text. */
const answer = ({ say, server }: Env, turnId: string, text: string) =>
  Effect.gen(function*() {
    const { id, params } = yield* server.takeRequest("turn/start")
    yield* say.accepted(id, turnId)
    yield* say.started(turnId)
    yield* say.item(turnId, agentMessage(`${turnId}/message`, text))
    yield* say.completed(turnId)
    return params
  })

const inputOf = ({ input }: TurnStartParams): string =>
  input.map((part) => part.type === "text" ? part.text : part.type).join("\n")

describe("runAs", () => {
  promise(
    "starts no turn where there is no schema for it, or the options make no sense",
    (env) =>
      Effect.gen(function*() {
        const unknown = yield* Effect.flip(env.thread.runAs(Schema.Unknown, "hi"))
        assert.strictEqual(unknown._tag, "InvalidParams")
        for (const repair of [-1, Number.NaN, 0.5, 1.5, Number.POSITIVE_INFINITY]) {
          const refused = yield* Effect.flip(env.thread.runAs(Schema.String, "hi", { repair }))
          assert.strictEqual(refused._tag, "InvalidParams", String(repair))
        }
        const unlimited = yield* Effect.flip(env.thread.runAs(Schema.String, "hi", { maxItems: -1 }))
        assert.strictEqual(unlimited._tag, "InvalidParams")
        assert.deepStrictEqual(yield* env.server.takeAll, [])
      })
  )

  promise(
    "asks again with the issues, on the same terms, and no more often than `repair` says",
    (env) =>
      Effect.gen(function*() {
        const options = { repair: 2, effort: "high", clientUserMessageId: "mine" }
        const running = yield* Effect.fork(Effect.flip(env.thread.runAs(Schema.Int, "How many?", options)))
        const first = yield* answer(env, "turn-1", `{"value":"three"}`)
        const second = yield* answer(env, "turn-2", "three")
        const third = yield* answer(env, "turn-3", `{"value":1.5}`)
        const error = yield* running
        assert(error._tag === "StructuredOutputError")
        assert.strictEqual(error.result.id, "turn-3")
        assert.strictEqual(error.text, `{"value":1.5}`)
        assert.strictEqual(first.clientUserMessageId, "mine")
        assert.include(inputOf(second), "actual \"three\"")
        assert.include(inputOf(third), "no JSON")
        for (const { clientUserMessageId, effort, outputSchema } of [second, third]) {
          assert.deepStrictEqual({ effort, outputSchema }, { effort: "high", outputSchema: first.outputSchema })
          assert.isUndefined(clientUserMessageId)
        }
        yield* settle
        assert.deepStrictEqual(yield* env.server.takeAll, [])
      })
  )

  promise(
    "asks again after a turn that has begun in between, also where it would not have waited before",
    (env) =>
      Effect.gen(function*() {
        const { say, server, thread } = env
        // What is heard of a thread's turns is known while somebody listens.
        yield* Effect.forkScoped(Stream.runDrain(thread.events))
        yield* settle
        const running = yield* Effect.fork(thread.runAs(Schema.Int, "How many?", { repair: 1, whenActive: "fail" }))
        const { id } = yield* server.takeRequest("turn/start")
        yield* say.accepted(id, "turn-1")
        yield* say.started("turn-1")
        yield* server.sendFrames([
          {
            method: "turn/completed",
            params: { threadId: thread.id, turn: { id: "turn-1", items: [], status: "completed" } }
          },
          {
            method: "turn/started",
            params: { threadId: thread.id, turn: { id: "other", items: [], status: "inProgress" } }
          }
        ].map((message) => JSON.stringify(message)))
        yield* settle
        assert.deepStrictEqual(yield* server.takeAll, [])
        yield* say.completed("other")
        yield* answer(env, "turn-2", `{"value":3}`)
        const { result, value } = yield* running
        assert.deepStrictEqual([value, result.id], [3, "turn-2"])
      })
  )

  promise("is interrupted in whichever of its turns it is", (env) =>
    Effect.gen(function*() {
      const running = yield* Effect.fork(env.thread.runAs(Schema.Int, "How many?", { repair: 1 }))
      yield* answer(env, "turn-1", "many")
      const { id } = yield* env.server.takeRequest("turn/start")
      yield* env.say.accepted(id, "turn-2")
      yield* env.say.started("turn-2")
      const interruption = yield* Effect.fork(Fiber.interrupt(running))
      assert.strictEqual((yield* env.say.interrupted).turnId, "turn-2")
      yield* interruption
    }))
})
