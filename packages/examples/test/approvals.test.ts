import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support/child.js"

const accepting = Effect.gen(function*() {
  const example = yield* start("src/approvals.ts", { stdin: true })
  yield* example.printed("5. decline, and stop the turn\n> ")
  return example
})

it.scopedLive("approvals asks on the terminal what it does not decide by itself, and ends", () =>
  Effect.gen(function*() {
    const example = yield* accepting
    assert.notInclude(example.stdout(), "'ls'")
    assert.include(example.stdout(), "May codex run this command?\n    /bin/bash -c 'touch note'\n")
    yield* example.type("no\n")
    yield* example.printed("A number from 1 to 5, please.")
    yield* example.type("1\n")
    yield* example.printed("Color: Which color?\n  1. Red: warm\n  2. Blue: cool\nA number, or words of your own.\n> ")
    yield* example.type("teal\n")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.include(example.stdout(), "Done: {\"answers\":{\"color\":{\"answers\":[\"teal\"]}}}\n")
    assert.include(example.stdout(), "/bin/bash -c 'touch file': Accept\n/bin/bash -c 'rm file': Decline\n")
    assert.match(example.stdout(), /Done: .*rejected by user.*\n$/)
    assert.deepStrictEqual(yield* example.processes, [])
  }))

it.scopedLive("approvals stops the turn where the person turns away", () =>
  Effect.gen(function*() {
    const example = yield* accepting
    yield* example.type("\u0003")
    assert.strictEqual(yield* example.status, 0, example.stderr())
    assert.include(example.stdout(), "\nStopped.\n")
    assert.deepStrictEqual(yield* example.processes, [])
  }))
