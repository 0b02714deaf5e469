import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

it.scopedLive("goal pursues one to its end and one to the end of its budget, and ends", () =>
  Effect.gen(function*() {
    const example = yield* start("src/goal.ts")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.deepStrictEqual(example.stdout().split("\n"), [
      "painting the fence: complete after 2 turns:",
      "- The posts are done.",
      "- So are the boards.",
      "painting the wall: active, 0 tokens",
      "painting the wall: active, 15 tokens",
      "painting the wall: budgetLimited, 30 tokens",
      "BudgetLimited after 2 turns",
      ""
    ])
    assert.deepStrictEqual(yield* example.processes, [])
  }))
