import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

it.scopedLive("images gives the model a file and an image in memory, in their order, and ends", () =>
  Effect.gen(function*() {
    const example = yield* start("src/images.ts")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.deepStrictEqual(example.stdout().split("\n"), [
      "I see: What is this? | <48 x 32>",
      "I see: Is this | <48 x 32> | the same as this? | <48 x 32>",
      ""
    ])
    assert.deepStrictEqual(yield* example.processes, [])
  }))
