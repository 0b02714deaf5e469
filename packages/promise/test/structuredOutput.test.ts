import { InvalidParams, type StandardSchema, StructuredOutputError, withJsonSchema } from "@effect-codex/promise"
import { ScriptedModel } from "@effect-codex/testing"
import { toStandardJsonSchema } from "@valibot/to-json-schema"
import { type } from "arktype"
import * as Schema from "effect/Schema"
import * as v from "valibot"
import { assert, describe } from "vitest"
import { z } from "zod"
import { rejection, withCodex } from "./support/real.js"

/** Answers with what the user says, whatever it is asked to answer with. */
const repeats = ({ userText }: ScriptedModel.ModelRequest) => ScriptedModel.text(userText)

const asked = (request: ScriptedModel.ModelRequest | undefined): unknown =>
  JSON.parse(JSON.stringify(request?.body)).text.format.schema

const valibot = v.object({ verdict: v.picklist(["merge", "change"]), lines: v.optional(v.array(v.number())) })
const json = {
  type: "object",
  properties: { verdict: { enum: ["merge", "change"] }, lines: { type: "array", items: { type: "number" } } },
  required: ["verdict"]
}

const libraries = {
  zod: z.object({ verdict: z.enum(["merge", "change"]), lines: z.array(z.number()).optional() }),
  arktype: type({ verdict: "'merge' | 'change'", "lines?": "number[]" }),
  "valibot with its JSON Schema": toStandardJsonSchema(valibot),
  "valibot with one of the program's": withJsonSchema(valibot, json),
  Effect: Schema.standardSchemaV1(
    Schema.Struct({ verdict: Schema.Literal("merge", "change"), lines: Schema.optional(Schema.Array(Schema.Number)) })
  )
} satisfies { readonly [name: string]: StandardSchema }

describe("thread.runAs", () => {
  for (const [name, schema] of Object.entries(libraries)) {
    withCodex(`takes a schema of ${name}`, repeats, async (codex, world) => {
      const thread = await codex.startThread()
      const { result, value } = await thread.runAs<StandardSchema>(schema, `{"verdict":"merge","lines":null}`)
      assert.deepStrictEqual(value, { verdict: "merge" })
      assert.strictEqual(result.status, "completed")
      // What a strict model API takes: every member required, an optional one null in place of absent.
      assert.deepInclude(asked((await world.requests())[0]), {
        type: "object",
        additionalProperties: false
      })
      const error = await rejection(thread.runAs(schema, `{"verdict":"perhaps","lines":[1]}`))
      assert(error instanceof StructuredOutputError)
      assert.match(error.issues.join("\n"), /verdict: /)
      assert.strictEqual(error.text, `{"verdict":"perhaps","lines":[1]}`)
    })
  }

  withCodex(
    "gives what the schema makes of the answer, defaults and transformations included",
    repeats,
    async (codex) => {
      const thread = await codex.startThread()
      const schema = z.object({ day: z.iso.date().transform((day) => new Date(day)), guests: z.int().default(2) })
      const { value } = await thread.runAs(schema, `{"day":"2030-01-01","guests":null}`)
      assert.deepStrictEqual(value, { day: new Date("2030-01-01"), guests: 2 })
    }
  )

  withCodex("takes schemas that refer to themselves, and what is no object", repeats, async (codex, world) => {
    const thread = await codex.startThread()
    const Node = z.object({
      name: z.string(),
      get children() {
        return z.array(Node)
      }
    })
    const tree = { name: "a", children: [{ name: "b", children: [] }] }
    assert.deepStrictEqual((await thread.runAs(Node, JSON.stringify(tree))).value, tree)
    assert.include(JSON.stringify(asked((await world.requests())[0])), `"$ref":"#/$defs/Whole"`)
    assert.deepStrictEqual((await thread.runAs(z.array(Node), JSON.stringify({ value: [tree] }))).value, [tree])
    assert.strictEqual((await thread.runAs(type("string"), `{"value":"words"}`)).value, "words")
  })

  withCodex(
    "asks again where it is told to",
    [ScriptedModel.text("no"), ScriptedModel.text(`{"n":1}`)],
    async (codex) => {
      const thread = await codex.startThread()
      const { value } = await thread.runAs(z.object({ n: z.int() }), "A number.", { repair: 1 })
      assert.deepStrictEqual(value, { n: 1 })
    }
  )

  withCodex("refuses what a model cannot be held to, before anything is sent", repeats, async (codex, world) => {
    const thread = await codex.startThread()
    for (
      const [schema, issue] of [
        [valibot, /a schema of valibot brings no JSON Schema along.*`toStandardJsonSchema`/],
        [z.object({ day: z.date() }), /zod makes no JSON Schema of it: .*Date/],
        [z.looseObject({ a: z.string() }), /members that are not known beforehand/]
      ] as const
    ) {
      const error = await rejection(thread.runAs<StandardSchema>(schema, "hello"))
      assert(error instanceof InvalidParams)
      assert.match(error.issue, issue)
    }
    assert.deepStrictEqual(await world.asked(), [])
  })
})
