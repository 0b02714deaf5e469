import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

it.scopedLive("limits stops the first turn by its items, goes on with the thread, and ends", () =>
  Effect.gen(function*() {
    const example = yield* start("src/limits.ts")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    const [stopped, answer, tokens, ...rest] = example.stdout().split("\n")
    assert.match(stopped ?? "", /^Stopped by maxItems: \d+ items, status interrupted\.$/)
    assert.deepStrictEqual([answer, tokens, ...rest], ["There is another file.", "15 tokens", ""])
    assert.deepStrictEqual(yield* example.processes, [])
  }))
