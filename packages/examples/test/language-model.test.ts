import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

it.scopedLive("language-model calls its toolkit, makes an object and streams, all on codex, and ends", () =>
  Effect.gen(function*() {
    const example = yield* start("src/language-model.ts")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.strictEqual(
      example.stdout(),
      [
        `weather: {"celsius":21,"sky":"clear"}`,
        "It is sunny in Rome, at 21 degrees.",
        "2026-05-02: A walk along the Tiber",
        "Good",
        "bye.",
        ""
      ].join("\n")
    )
    assert.deepStrictEqual(yield* example.processes, [])
  }))
