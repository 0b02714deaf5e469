import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

it.scopedLive("supervised goes on after its app-server was killed, and ends", () =>
  Effect.gen(function*() {
    const example = yield* start("src/supervised.ts")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    const lines = example.stdout().split("\n")
    assert.deepStrictEqual(lines.filter((line) => line.startsWith("- ")), [
      "- Ready",
      "- Backoff",
      "- Connecting",
      "- Ready"
    ])
    assert.include(lines, "The turn failed: SIGKILL.")
    assert.include(lines, "You are Ada.")
    assert.deepStrictEqual(yield* example.processes, [])
  }))
