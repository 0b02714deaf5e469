import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

it.scopedLive("pool runs one app-server for each account, and ends", () =>
  Effect.gen(function*() {
    const example = yield* start("src/pool.ts")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    const lines = example.stdout().split("\n")
    assert.sameMembers(lines.slice(0, 2), ["An app-server for Ada", "An app-server for Bob"])
    assert.deepStrictEqual(lines.slice(2), ["You said: I am Ada.", "You said: I am Bob.", "You said: I am Ada.", ""])
    assert.deepStrictEqual(yield* example.processes, [])
  }))
