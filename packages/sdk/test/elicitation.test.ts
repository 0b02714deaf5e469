import * as Elicitation from "@effect-codex/sdk/Elicitation"
import type * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { type Env, promise } from "./support/env.js"
import { answerTo, ask } from "./support/questions.js"
import { threadId } from "./support/talk.js"

const method = "mcpServer/elicitation/request"

/** Asks by a form, and hands the request as it is read to the body. */
const form = (
  name: string,
  properties: { readonly [name: string]: unknown },
  body: (form: {
    readonly fields: ReadonlyArray<Elicitation.Field>
    readonly field: (name: string) => Elicitation.Field
    /** What the answer is sent as, or why it is refused. */
    readonly give: (answer: Elicitation.Answer) => Effect.Effect<unknown>
  }, env: Env) => Effect.Effect<unknown>,
  required: ReadonlyArray<string> = []
) => {
  let answer: Elicitation.Answer = Elicitation.cancel
  let request: ServerRequests.ElicitationRequest | undefined
  promise(name, (env) =>
    Effect.gen(function*() {
      const give = (given: Elicitation.Answer) =>
        Effect.gen(function*() {
          answer = given
          yield* env.server.send({
            id: 0,
            method,
            params: {
              threadId,
              turnId: null,
              serverName: "fixture",
              mode: "form",
              message: "?",
              requestedSchema: { type: "object", properties, required }
            }
          })
          return yield* answerTo(env, 0, method)
        })
      yield* give(Elicitation.cancel)
      const fields = request === undefined ? undefined : Elicitation.fields(request)
      assert(fields !== undefined)
      const field = (name: string) => fields.find((field) => field.name === name) ?? assert.fail(name)
      yield* body({ fields, field, give }, env)
    }), {
    handlers: {
      elicitation: (asked) =>
        Effect.sync(() => {
          request = asked
          return answer
        })
    }
  })
}

const takes = (field: Elicitation.Field, value: unknown) => Schema.is(field.schema)(value)

const typed = (field: Elicitation.Field, text: string) => Either.getOrUndefined(Schema.decodeEither(field.text)(text))

const accepted = (content: unknown) => ({ action: "accept", content })

const declined = { action: "decline" }

describe("a form", () => {
  form("tells its fields", {
    name: { type: "string", title: "Name", description: "Of the guest" },
    size: { type: "string", oneOf: [{ const: "s", title: "Small" }, { const: "l", title: "Large" }], default: "s" },
    color: { type: "string", enum: ["red", "blue"] },
    legacy: { type: "string", enum: ["a", "b"], enumNames: ["Alpha"] },
    days: { type: "array", items: { type: "string", enum: ["mon", "tue"] }, default: ["mon"] },
    toppings: { type: "array", items: { anyOf: [{ const: "h", title: "Ham" }] } },
    age: { type: "integer" },
    vip: { type: "boolean", default: false }
  }, ({ fields }) =>
    Effect.sync(() => {
      assert.deepStrictEqual<unknown>(
        fields.map(({ default: initial, description, multiple, name, options, required, title }) => [
          name,
          title,
          description,
          required,
          initial,
          options?.map(({ title, value }) => `${value}=${title}`),
          multiple
        ]),
        [
          ["name", "Name", "Of the guest", true, undefined, undefined, false],
          ["size", "size", undefined, false, "s", ["s=Small", "l=Large"], false],
          ["color", "color", undefined, false, undefined, ["red=red", "blue=blue"], false],
          ["legacy", "legacy", undefined, false, undefined, ["a=Alpha", "b=b"], false],
          ["days", "days", undefined, false, ["mon"], ["mon=mon", "tue=tue"], true],
          ["toppings", "toppings", undefined, false, undefined, ["h=Ham"], true],
          ["age", "age", undefined, false, undefined, undefined, false],
          ["vip", "vip", undefined, false, false, undefined, false]
        ]
      )
    }), ["name"])

  form("checks texts by length and format", {
    short: { type: "string", minLength: 2, maxLength: 3 },
    email: { type: "string", format: "email" },
    uri: { type: "string", format: "uri" },
    date: { type: "string", format: "date" },
    time: { type: "string", format: "date-time" },
    color: { type: "string", format: "color" }
  }, ({ field }) =>
    Effect.sync(() => {
      const cases: ReadonlyArray<[string, ReadonlyArray<unknown>, ReadonlyArray<unknown>]> = [
        ["short", ["ab", "🐟🐟🐟"], ["a", "abcd", 12]],
        ["email", ["ada@example.org"], ["ada", "ada@", "a da@example.org"]],
        ["uri", ["https://example.org/a", "urn:isbn:1"], ["example.org", "https://exa mple"]],
        ["date", ["2030-02-28"], ["2030-02-30", "28.2.2030", "2030-2-28"]],
        ["time", ["2030-02-28T10:00:00Z", "2030-02-28T10:00:00.5+02:00"], ["2030-02-28", "2030-02-30T10:00:00Z"]],
        ["color", ["any text"], []]
      ]
      for (const [name, good, bad] of cases) {
        good.forEach((value) => assert.isTrue(takes(field(name), value), `${name} takes ${value}`))
        bad.forEach((value) => assert.isFalse(takes(field(name), value), `${name} does not take ${value}`))
      }
    }))

  form("checks numbers by their bounds, and that an integer is one", {
    age: { type: "integer", minimum: 18, maximum: 20 },
    ratio: { type: "number", maximum: 0.5 }
  }, ({ field }) =>
    Effect.sync(() => {
      assert.deepStrictEqual([17, 18, 20, 21, 18.5, "18"].map((age) => takes(field("age"), age)), [
        false,
        true,
        true,
        false,
        false,
        false
      ])
      assert.deepStrictEqual([0.25, -1, 0.75, NaN].map((ratio) => takes(field("ratio"), ratio)), [
        true,
        true,
        false,
        false
      ])
    }))

  form("takes of a choice only what it offers", {
    size: { type: "string", oneOf: [{ const: "s", title: "Small" }] },
    days: { type: "array", items: { type: "string", enum: ["mon", "tue", "wed"] }, minItems: 1, maxItems: 2 }
  }, ({ field }) =>
    Effect.sync(() => {
      assert.deepStrictEqual(["s", "Small", "l"].map((size) => takes(field("size"), size)), [true, false, false])
      assert.deepStrictEqual(
        [["mon"], ["mon", "tue"], [], ["mon", "tue", "wed"], ["mon", "mon"], ["sun"], "mon"]
          .map((days) => takes(field("days"), days)),
        [true, true, false, false, false, false, false]
      )
    }))

  form("reads each field from what a user types", {
    name: { type: "string" },
    age: { type: "integer" },
    vip: { type: "boolean" },
    size: { type: "string", oneOf: [{ const: "s", title: "Small" }] },
    days: { type: "array", items: { type: "string", enum: ["mon", "tue"] } }
  }, ({ field }) =>
    Effect.sync(() => {
      assert.deepStrictEqual(
        [
          typed(field("name"), "Ada"),
          typed(field("age"), " 36 "),
          typed(field("age"), "old"),
          typed(field("age"), ""),
          typed(field("vip"), "Yes"),
          typed(field("vip"), "n"),
          typed(field("vip"), "maybe"),
          typed(field("size"), "Small"),
          typed(field("size"), "s"),
          typed(field("size"), "Large"),
          typed(field("days"), "mon, tue"),
          typed(field("days"), ""),
          typed(field("days"), "sun")
        ],
        ["Ada", 36, undefined, undefined, true, false, undefined, "s", "s", undefined, ["mon", "tue"], [], undefined]
      )
      assert.strictEqual(Schema.encodeSync(field("days").text)(["mon", "tue"]), "mon, tue")
      assert.strictEqual(Schema.encodeSync(field("age").text)(36), "36")
    }))

  form("is sent with the defaults of what is left out, and with nothing that it does not ask for", {
    name: { type: "string" },
    size: { type: "string", enum: ["s", "l"], default: "s" },
    age: { type: "integer" }
  }, ({ give }) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* give(Elicitation.accept({ name: "Ada" })), accepted({ name: "Ada", size: "s" }))
      assert.deepStrictEqual(
        yield* give(Elicitation.accept({ name: "Ada", size: "l", age: 36 })),
        accepted({ name: "Ada", size: "l", age: 36 })
      )
      for (const content of [undefined, {}, { name: 5 }, { name: "Ada", age: "36" }, { name: "Ada", other: 1 }]) {
        assert.deepStrictEqual(yield* give(Elicitation.accept(content)), declined, JSON.stringify(content))
      }
    }), ["name"])

  form("takes anything for a field whose kind this version does not know", {
    place: { type: "map", zoom: 3 },
    name: { type: "string" }
  }, ({ field, give }) =>
    Effect.gen(function*() {
      assert.strictEqual(field("place").title, "place")
      assert.deepStrictEqual(typed(field("place"), "{\"x\":1}"), { x: 1 })
      assert.deepStrictEqual(typed(field("place"), "here"), "here")
      const content = { place: { x: 1 }, name: "Ada" }
      assert.deepStrictEqual(yield* give(Elicitation.accept(content)), accepted(content))
      assert.deepStrictEqual(yield* give(Elicitation.accept({ place: 1, name: 2 })), declined)
    }))

  form("is filled in by a value of a Schema of the program's own", {
    day: { type: "string", format: "date" },
    guests: { type: "integer" }
  }, ({ give }) =>
    Effect.gen(function*() {
      const Day = Schema.transform(Schema.String, Schema.DateFromSelf, {
        decode: (text) => new Date(text),
        encode: (date) => date.toISOString().slice(0, 10)
      })
      const Booking = Schema.Struct({ day: Day, guests: Schema.Int })
      const answer = yield* Effect.orDie(
        Elicitation.acceptAs(Booking, { day: new Date("2030-01-02"), guests: 2 })
      )
      assert.deepStrictEqual(yield* give(answer), accepted({ day: "2030-01-02", guests: 2 }))
    }))

  form(
    "that is none, since it asks for no tool, cannot be accepted for longer",
    {},
    ({ give }) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* give(Elicitation.accept()), accepted({}))
        assert.deepStrictEqual(yield* give(Elicitation.acceptForSession), declined)
        assert.deepStrictEqual(yield* give(Elicitation.acceptAlways), declined)
      })
  )
})

describe("an elicitation", () => {
  const seen: Array<ServerRequests.ElicitationRequest> = []
  const answering = (answer: Elicitation.Answer): ServerRequests.Handlers => ({
    elicitation: (request) => Effect.sync(() => (seen.push(request), answer))
  })

  for (
    const [answer, meta, sent] of [
      [Elicitation.accept(), { persist: ["session"] }, { action: "accept", content: {} }],
      [Elicitation.acceptForSession, { persist: ["session", "always"] }, {
        action: "accept",
        content: null,
        _meta: { persist: "session" }
      }],
      [Elicitation.acceptAlways, { persist: "always" }, {
        action: "accept",
        content: null,
        _meta: { persist: "always" }
      }],
      [Elicitation.acceptAlways, { persist: ["session"] }, declined],
      [Elicitation.acceptForSession, {}, declined],
      [Elicitation.accept({ name: "Ada" }), {}, declined]
    ] as const
  ) {
    promise(
      `that asks whether a tool may be called says which, and takes ${JSON.stringify(answer)} of ${
        JSON.stringify(meta)
      } as ${sent.action}`,
      (env) =>
        Effect.gen(function*() {
          yield* ask(env, 0, method, {
            _meta: {
              codex_approval_kind: "mcp_tool_call",
              tool_name: "echo",
              tool_description: "Says it again.",
              tool_params: { text: "hi" },
              ...meta
            },
            requestedSchema: { type: "object", properties: {} }
          })
          assert.deepStrictEqual<unknown>(yield* answerTo(env, 0, method), sent)
          const { approval } = seen[seen.length - 1] ?? assert.fail()
          assert.deepStrictEqual(
            [approval?.tool, approval?.description, approval?.arguments],
            ["echo", "Says it again.", { text: "hi" }]
          )
        }),
      { handlers: answering(answer) }
    )
  }

  const page = {
    threadId,
    turnId: null,
    serverName: "fixture",
    mode: "url" as const,
    message: "Sign in, please.",
    url: "https://example.invalid/sign-in",
    elicitationId: "elicitation-1"
  }

  promise("that has a page visited has no content", (env) =>
    Effect.gen(function*() {
      yield* env.server.request(0, method, page)
      assert.deepStrictEqual(yield* answerTo(env, 0, method), { action: "accept", content: null })
      const request = seen[seen.length - 1] ?? assert.fail()
      assert.deepStrictEqual([request.mode, Elicitation.fields(request)], ["url", undefined])
    }), { handlers: answering(Elicitation.accept()) })

  promise("that has a page visited takes no content", (env) =>
    Effect.gen(function*() {
      yield* env.server.request(0, method, page)
      assert.deepStrictEqual(yield* answerTo(env, 0, method), declined)
    }), { handlers: answering(Elicitation.accept({ done: true })) })

  promise("of a kind that this version does not know still reaches its handler", (env) =>
    Effect.gen(function*() {
      yield* env.server.send({ id: 0, method, params: { threadId, serverName: "fixture", mode: "dance" } })
      assert.deepStrictEqual(yield* answerTo(env, 0, method), { action: "accept", content: { step: 1 } })
      assert.strictEqual(seen[seen.length - 1]?.mode, "$unknown")
    }), { handlers: answering(Elicitation.accept({ step: 1 })) })
})
