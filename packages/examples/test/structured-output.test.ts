import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

it.scopedLive("structured-output prints the value that the second answer decodes to, and ends", () =>
  Effect.gen(function*() {
    const example = yield* start("src/structured-output.ts")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.strictEqual(example.stdout(), "2.1.0, Sun Mar 01 2026\nNothing breaks.\n15 tokens\n")
    assert.deepStrictEqual(yield* example.processes, [])
  }))
