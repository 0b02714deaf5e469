import { assert, describe, it } from "@effect/vitest"
import * as fc from "effect/FastCheck"
import { schedules } from "./support/schedules/command.js"
import { Play } from "./support/schedules/play.js"
import { letOthersRun } from "./support/virtualTime.js"

const runs = Number(process.env["SCHEDULES_RUNS"] ?? 1_000)
const seed = Number(process.env["SCHEDULES_SEED"] ?? Math.floor(Math.random() * 0x7fffffff))
const path = process.env["SCHEDULES_PATH"]

const property = fc.asyncProperty(schedules, async (commands) => {
  await letOthersRun()
  new Play().play(commands)
})

const replay = (path: string | null) =>
  `SCHEDULES_SEED=${seed} SCHEDULES_PATH=${path} npx vitest run --project sdk test/schedules.test.ts`

describe("the SDK on any schedule of starts, events, answers, interruptions, subscribers and ends", () => {
  it(`does what a plain model predicts, and holds nothing afterwards (${runs} schedules)`, async () => {
    const details = await fc.check(property, { numRuns: runs, seed, ...(path === undefined ? {} : { path }) })
    if (details.failed) {
      const { counterexamplePath, errorInstance, numRuns, numShrinks } = details
      assert.fail([
        `schedule ${numRuns} of ${runs} failed, seed ${seed}; after ${numShrinks} shrinks this is left of it:`,
        errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
        `To play it again: ${replay(counterexamplePath)}`
      ].join("\n"))
    }
  }, 420_000 + 100 * runs)
})
