import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

it.scopedLive("review prints what the review says, stops the one that takes too long, and ends", () =>
  Effect.gen(function*() {
    const example = yield* start("src/review.ts")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.deepStrictEqual(example.stdout().split("\n"), [
      "One thing has to change.",
      "",
      "Review comment:",
      "",
      "- The last line is never read — /src/read.ts:7-9",
      "  The loop ends one too early.",
      "The time is up: the review was stopped.",
      ""
    ])
    assert.deepStrictEqual(yield* example.processes, [])
  }))
