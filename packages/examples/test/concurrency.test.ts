import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

it.scopedLive("concurrency asks eight threads, three at once, keeps the one failure to itself, and ends", () =>
  Effect.gen(function*() {
    const example = yield* start("src/concurrency.ts")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    const lines = example.stdout().split("\n")
    const answers = ["Amur", "Danube", "Ebro", "Ganges", "Loire", "Po", "Volga"].map((river) =>
      `The ${river} rises in the hills.`
    )
    assert.match(lines.splice(5, 1).join(), /^Turn \S+ failed: Too far away\.$/)
    assert.deepStrictEqual(lines, [...answers, "at work at once: 3", ""])
    assert.deepStrictEqual(yield* example.processes, [])
  }))
