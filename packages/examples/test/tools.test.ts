import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

it.scopedLive("tools prints the calls that the agent makes of it, and the answer, and ends", () =>
  Effect.gen(function*() {
    const example = yield* start("src/tools.ts")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.strictEqual(
      example.stdout(),
      "stock_of kettles: unknown\nstock_of kettle: 12\nThere are 12 kettles in stock.\n"
    )
    assert.deepStrictEqual(yield* example.processes, [])
  }))
