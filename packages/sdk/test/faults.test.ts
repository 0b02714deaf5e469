import { assert, describe, it } from "@effect/vitest"
import { play, type Result } from "./support/faultMatrix/cell.js"
import { faultNames, faults } from "./support/faultMatrix/faults.js"
import { operationNames, operations, type Struck } from "./support/faultMatrix/operations.js"
import { type Expected, table } from "./support/faultMatrix/table.js"
import { letOthersRun } from "./support/virtualTime.js"

const aspects = [
  "strikes",
  "outcome",
  "millis",
  "other",
  "otherWords",
  "held",
  "sleeping",
  "fibersLeft"
] as const satisfies ReadonlyArray<keyof Result>

const result = ([outcome, millis, other]: Expected): Result => ({
  strikes: 1,
  outcome,
  millis,
  other,
  otherWords: "as they should be",
  held: { operations: 0, pendingRequests: 0, serverRequests: 0, threads: 0, turns: 0 },
  sleeping: 0,
  fibersLeft: []
})

describe.each(operationNames)("whatever happens to `%s`, it ends in time, as it should, and leaves nothing", (name) => {
  const { points, prepare }: Struck = operations[name]

  it.each(faultNames)("%s", async (fault) => {
    await letOthersRun()
    const wrong = Object.entries(table[name][fault]).flatMap(([point, expected]) => {
      const frame = points[point]
      assert(frame !== undefined)
      const [is, should] = [play(prepare, frame(faults[fault])), result(expected)]
      return aspects.filter((what) => JSON.stringify(is[what]) !== JSON.stringify(should[what])).map((what) =>
        `${name}, ${fault} at its ${point}: ${what} should be ${JSON.stringify(should[what])}, is ${
          JSON.stringify(is[what])
        }`
      )
    })
    if (wrong.length > 0) {
      assert.fail(wrong.join("\n"))
    }
  })
})
