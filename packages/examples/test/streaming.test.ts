import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

it.scopedLive("streaming shows a turn as it happens, reads two streams of one, stops one it has read enough of, and ends", () =>
  Effect.gen(function*() {
    const example = yield* start("src/streaming.ts")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.deepStrictEqual(example.stdout().split("\n"), [
      "runs: /bin/bash -c ls",
      "exit code: 0",
      "There is nothing here.",
      "completed",
      "There is nothing here. (userMessage, agentMessage)",
      "one, two, three, ",
      "interrupted",
      ""
    ])
    assert.deepStrictEqual(yield* example.processes, [])
  }))
