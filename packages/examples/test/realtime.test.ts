import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

it.scopedLive("realtime prints what is said while it is being said, and ends", () =>
  Effect.gen(function*() {
    const example = yield* start("src/realtime.ts")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.deepStrictEqual(example.stdout().split("\n"), [
      "assistant: [USER]",
      "assistant: hello",
      "assistant: there",
      "assistant has said: [USER] hello there",
      ""
    ])
    assert.deepStrictEqual(yield* example.processes, [])
  }))
