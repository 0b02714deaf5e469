/**
 * A tool with a database behind it: the model asks in the tool's own terms, its input is decoded, and only values of it
 * reach the SQL. The model never writes any. The database is SQLite in memory, for which `@effect/sql-sqlite-node` has
 * to be installed; any other of `@effect/sql` is another Layer in the last lines.
 */
import { Codex, Tool } from "@effect-codex/sdk"
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as SqliteClient from "@effect/sql-sqlite-node/SqliteClient"
import * as SqlClient from "@effect/sql/SqlClient"
import * as SqlSchema from "@effect/sql/SqlSchema"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

class Order extends Schema.Class<Order>("Order")({
  id: Schema.Int,
  article: Schema.String,
  pieces: Schema.Int,
  ordered: Schema.DateFromString
}) {}

const Search = Schema.Struct({
  customer: Schema.NonEmptyString.annotations({ description: "the name, as the customer writes it" }),
  since: Schema.DateFromString.pipe(Schema.validDate()).annotations({ description: "a date such as 2026-01-31" }),
  limit: Schema.optionalWith(Schema.Int.pipe(Schema.between(1, 50)), { default: () => 10 })
})

class DatabaseDown extends Schema.TaggedError<DatabaseDown>()("DatabaseDown", {}) {}

const ordersOf = Tool.make("orders_of", {
  description: "The latest orders of a customer since a date, newest first.",
  parameters: Search,
  success: Schema.Array(Order),
  failure: DatabaseDown,
  handler: (search) =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* Console.log(`orders_of ${search.customer} since ${search.since.getUTCFullYear()}, at most ${search.limit}`)
      const find = SqlSchema.findAll({
        Request: Schema.typeSchema(Search),
        Result: Order,
        execute: ({ customer, limit, since }) =>
          sql`SELECT id, article, pieces, ordered FROM orders
              WHERE customer = ${customer} AND ordered >= ${since.toISOString()}
              ORDER BY ordered DESC LIMIT ${limit}`
      })
      return yield* find(search)
    }).pipe(
      // What is wrong with the database is for the log. The model is told only that it is.
      Effect.tapError((error) => Effect.logError(error)),
      Effect.mapError(() => new DatabaseDown())
    )
})

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const thread = yield* codex.startThread({ tools: [ordersOf], sandbox: "read-only" })
  const { finalResponse } = yield* thread.run("What has Ada O'Neill ordered lately?")
  yield* Console.log(finalResponse)
})

const Tables = Layer.effectDiscard(Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, article TEXT, pieces INTEGER, ordered TEXT)`
  yield* sql`INSERT INTO orders ${
    sql.insert([
      { customer: "Ada O'Neill", article: "kettle", pieces: 2, ordered: "2025-11-03T09:00:00.000Z" },
      { customer: "Ada O'Neill", article: "toaster", pieces: 1, ordered: "2026-02-14T09:00:00.000Z" },
      { customer: "Ada O'Neill", article: "lamp", pieces: 3, ordered: "2026-03-01T09:00:00.000Z" },
      { customer: "Bob", article: "kettle", pieces: 7, ordered: "2026-03-02T09:00:00.000Z" }
    ])
  }`
}))

const Database = Layer.provideMerge(Tables, SqliteClient.layer({ filename: ":memory:" }))

// Without a script it would be `NodeCodex.layerExperimental()`.
const orders = (arguments_: { readonly [name: string]: unknown }) =>
  ScriptedModel.toolCall({ name: "orders_of", arguments: arguments_ })

const script: ScriptedModel.Script = ({ toolOutputs }) =>
  [
    orders({ customer: "Ada O'Neill", since: "lately" }),
    orders({ customer: "' OR 1 = 1 --", since: "2026-01-01" }),
    orders({ customer: "Ada O'Neill", since: "2026-01-01" })
  ][toolOutputs.length] ?? ScriptedModel.text(toolOutputs.map(({ text }) => text).join("\n"))

program.pipe(
  Effect.provide(Layer.merge(CodexTest.layerExperimental({ script }), Database)),
  NodeRuntime.runMain
)
