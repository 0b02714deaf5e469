import { assert, describe, it } from "@effect/vitest"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { pinnedVersion } from "../scripts/binary.js"
import { emitDefinition } from "../scripts/emitDefinitions.js"
import { experimentalFields } from "../scripts/experimental.js"
import { generate } from "../scripts/files.js"
import type { Definitions, JsonSchemaObject } from "../scripts/jsonSchema.js"
import { parseDefinitions } from "../scripts/parse.js"
import { sharedDefinitions } from "../scripts/reachability.js"
import { binary } from "./support/protocol.js"

const parse = (schemas: Readonly<Record<string, JsonSchemaObject>>, stable = schemas) => {
  const definitions: Definitions = new Map(Object.entries(schemas))
  return parseDefinitions(definitions, new Map(Object.entries(stable)))
}

const emit = (schema: JsonSchemaObject, form: "open" | "closed") =>
  [...parse({ X: schema }).values()].map((definition) => emitDefinition(definition, form)).join("")

const tree = (members: Readonly<Record<string, JsonSchemaObject>>): JsonSchemaObject => ({
  type: "object",
  properties: { children: { type: "array", items: { $ref: "#/definitions/Tree" } }, ...members },
  required: ["children"]
})

describe("the generator", () => {
  it("writes what is committed, the same each time", () => {
    const version = pinnedVersion()
    const files = generate(binary, version)
    assert.deepStrictEqual([...generate(binary, version)], [...files])
    for (const [file, text] of files) {
      const committed = Fs.readFileSync(Path.join(import.meta.dirname, "..", file), "utf8")
      assert.isTrue(committed === text, `${file}: run npm run generate`)
    }
  })

  it("opens what the server sends and closes what the client sends", () => {
    const schema: JsonSchemaObject = { type: "string", enum: ["a", "b"] }
    assert.include(emit(schema, "open"), `type X = "a" | "b" | (string & {})\n`)
    assert.include(emit(schema, "closed"), `type X = "a" | "b"\n`)
  })

  it("distributes the properties beside a union into its branches", () => {
    const text = emit({
      type: "object",
      properties: { at: { type: "integer" } },
      required: ["at"],
      oneOf: [
        { type: "object", properties: { kind: { enum: ["a"], type: "string" } }, required: ["kind"] },
        { type: "object", properties: { kind: { enum: ["b"], type: "string" } }, required: ["kind"] }
      ]
    }, "open")
    assert.strictEqual(text.match(/readonly at: number/g)?.length, 2)
    assert.include(text, `UnknownMember<"kind">`)
  })

  it("shares a definition only when all it refers to is shared", () => {
    const definitions = parse({
      Path: { type: "string" },
      Mode: { type: "string", enum: ["a"] },
      HasPath: { type: "object", properties: { path: { $ref: "#/definitions/Path" } }, required: ["path"] },
      HasMode: { type: "object", properties: { mode: { $ref: "#/definitions/Mode" } }, required: ["mode"] }
    })
    const names = new Set(definitions.keys())
    assert.deepStrictEqual([...sharedDefinitions(definitions, names, names)], ["Path", "HasPath"])
  })

  it("finds experimental members through references, arrays and recursion", () => {
    const definitions = parse(
      { Params: { type: "object", properties: { tree: { $ref: "#/definitions/Tree" } } }, Tree: tree({ extra: {} }) },
      { Params: { type: "object", properties: { tree: { $ref: "#/definitions/Tree" } } }, Tree: tree({}) }
    )
    const stable = parse({
      Params: { type: "object", properties: { tree: { $ref: "#/definitions/Tree" } } },
      Tree: tree({})
    })
    assert.deepStrictEqual(experimentalFields("Params", definitions, stable), ["tree.extra"])
  })

  it("refuses a shape it doesn't know rather than guess", () => {
    assert.throws(() => emit({ type: "tuple" }, "open"), /does not know the type tuple/)
  })
})
