import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { start } from "./support/child.js"
import * as Sqlite from "./support/sqlite.js"

const sources = fileURLToPath(new URL("../src/", import.meta.url))

it("the optional package of the database is imported by the example database alone", () => {
  const importing = readdirSync(sources, { encoding: "utf8", recursive: true })
    .filter((file) =>
      file.endsWith(".ts") && readFileSync(sources + file, "utf8").includes("from \"@effect/sql-sqlite")
    )
  assert.deepStrictEqual(importing, ["database.ts"])
})

if (Sqlite.isInstalled()) {
  it.scopedLive("database decodes what the model asks for, keeps it out of the SQL, and ends", () =>
    Effect.gen(function*() {
      const example = yield* start("src/database.ts")
      assert.strictEqual(yield* example.status, 0, example.stderr())
      assert.deepStrictEqual(example.stdout().split("\n"), [
        "orders_of ' OR 1 = 1 -- since 2026, at most 10",
        "orders_of Ada O'Neill since 2026, at most 10",
        "Nothing was done, since the arguments do not fit the parameters of orders_of:",
        "- since: Expected a date such as 2026-01-31, actual Invalid Date",
        "[]",
        "[{\"id\":3,\"article\":\"lamp\",\"pieces\":3,\"ordered\":\"2026-03-01T09:00:00.000Z\"}," +
        "{\"id\":2,\"article\":\"toaster\",\"pieces\":1,\"ordered\":\"2026-02-14T09:00:00.000Z\"}]",
        ""
      ])
      assert.deepStrictEqual(yield* example.processes, [])
    }))
}
