import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

it.scopedLive("sub-agents shows who is at work, stops them all, and ends", () =>
  Effect.gen(function*() {
    const example = yield* start("src/sub-agents.ts")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.deepStrictEqual(example.stdout().split("\n"), [
      "- explorer: active",
      "- explorer: active",
      "Two are looking.",
      "at work: 2",
      "at work: 0",
      ""
    ])
    assert.deepStrictEqual(yield* example.processes, [])
  }))
