import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

it.scopedLive("race takes the first answer, stops the other turn, and ends", () =>
  Effect.gen(function*() {
    const example = yield* start("src/race.ts")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.deepStrictEqual(example.stdout().split("\n"), [
      "model-quick: No: 7 times 13.",
      "model-careful: interrupted",
      "model-quick: completed",
      ""
    ])
    assert.deepStrictEqual(yield* example.processes, [])
  }))
