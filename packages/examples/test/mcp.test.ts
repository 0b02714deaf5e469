import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

it.scopedLive("mcp shows the server start, calls its tool, and ends", () =>
  Effect.gen(function*() {
    const example = yield* start("src/mcp.ts")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.deepStrictEqual(example.stdout().split("\n"), [
      "shouter is starting",
      "shouter is ready",
      "shouter has shout",
      "[{\"type\":\"text\",\"text\":\"HELLO\"}]",
      ""
    ])
    assert.deepStrictEqual(yield* example.processes, [])
  }))
