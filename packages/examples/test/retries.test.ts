import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

it.scopedLive("retries tries again after a timeout and an overload, not after any other failure, and ends", () =>
  Effect.gen(function*() {
    const example = yield* start("src/retries.ts")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.deepStrictEqual(example.stdout().split("\n"), [
      "TimeoutException: Operation timed out after '2s'",
      "TurnFailed: Turn … failed: Selected model is at capacity. Please try a different model.",
      "Twelve metres.",
      "TurnFailed: Turn … failed: Nobody knows.",
      "Not tried again.",
      ""
    ])
    assert.deepStrictEqual(yield* example.processes, [])
  }))
