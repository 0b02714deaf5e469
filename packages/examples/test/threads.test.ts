import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

it.scopedLive("threads shows a history, a section, an attachment and a command, and ends", () =>
  Effect.gen(function*() {
    const example = yield* start("src/threads.ts")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.deepStrictEqual(example.stdout().split("\n"), [
      "You said: What is a tide?",
      "You said: And a spring tide?",
      "turns left: 1",
      "The sea: Ask again.",
      "low tide at six",
      ""
    ])
    assert.deepStrictEqual(yield* example.processes, [])
  }))
