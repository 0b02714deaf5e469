import { assert, describe, it } from "@effect/vitest"
import * as JSONSchema from "effect/JSONSchema"
import type * as Schema from "effect/Schema"
import { lateMembers } from "../scripts/reviewed.js"
import type { Context } from "./support/canonical.js"
import { canonical } from "./support/canonical.js"
import { clientSchemas, experimental, serverSchemas } from "./support/protocol.js"

const { definitions } = experimental

const names = new Set(definitions.keys())

/** What older servers do not send is not required of any. */
const withoutLateMembers = (name: string) => {
  const source = definitions.get(name)
  return { ...source, required: source?.required?.filter((member) => !(`${name}.${member}` in lateMembers)) ?? [] }
}

const ofSource = (name: string, form: Context["form"]) =>
  canonical(form === "open" ? withoutLateMembers(name) : definitions.get(name), {
    form,
    names,
    lookup: (ref) => definitions.get(ref)
  })

const ofGenerated = (name: string, schema: Schema.Schema<unknown>, form: Context["form"]) => {
  const { $defs = {} } = JSONSchema.make(schema)
  return canonical($defs[name], { form, names, lookup: (ref) => $defs[ref] })
}

/** The server takes a dynamic tool without its tag, against its own schema. */
const laxer = new Set(["DynamicToolSpec"])

describe("the JSON Schema of a generated schema says what the binary's own one says", () => {
  it("for everything the server sends", () => {
    for (const [name, schema] of serverSchemas) {
      assert.deepStrictEqual(ofGenerated(name, schema, "open"), ofSource(name, "open"), name)
    }
  })

  it("for everything the client sends", () => {
    for (const [name, schema] of clientSchemas) {
      if (laxer.has(name)) continue
      assert.deepStrictEqual(ofGenerated(name, schema, "closed"), ofSource(name, "closed"), name)
    }
  })

  it("for every definition there is", () => {
    const generated = new Set([...serverSchemas.keys(), ...clientSchemas.keys()])
    assert.deepStrictEqual([...generated].sort(), [...names].sort())
  })
})
