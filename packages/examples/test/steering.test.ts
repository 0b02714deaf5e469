import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

it.scopedLive("steering adds to a turn on its way, starts another where it is too late, and ends", () =>
  Effect.gen(function*() {
    const example = yield* start("src/steering.ts")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.deepStrictEqual(example.stdout().split("\n"), [
      "A roast, …",
      "joined: true, the same turn: true",
      "3 messages: A lasagne for six.",
      "A lasagne for five.",
      ""
    ])
    assert.deepStrictEqual(yield* example.processes, [])
  }))
