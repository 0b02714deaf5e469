import { assert, describe, it } from "@effect/vitest"
import { compared, met } from "../src/internal/figure.js"
import { replaced } from "../src/internal/page.js"
import { json } from "../src/internal/report.js"

const figure = (ours: ReadonlyArray<number>, theirs: ReadonlyArray<number>) =>
  compared({
    name: "speed",
    what: "speed",
    unit: "messages/s",
    key: "speed",
    of: ours.map((speed) => ({ speed })),
    against: { what: "the floor", samples: theirs.map((speed) => ({ speed })) },
    goal: { of: "ratio", at: "least", bound: 0.8 }
  })

describe("the report of a run", () => {
  it("a ratio is the median of those of the rounds, not the ratio of the medians", () => {
    // The second round ran on a busy machine, which struck both.
    assert.deepStrictEqual(figure([90, 9, 70], [100, 10, 100]).ratio, { median: 0.9, min: 0.7, max: 0.9 })
  })

  it("a goal is met up to its bound, and never by what was not measured", () => {
    assert.isTrue(met(figure([80], [100])))
    assert.isFalse(met(figure([79], [100])))
    assert.isFalse(met(figure([NaN], [100])))
  })

  it("`--json` has a name for each figure, with its goal in words", () => {
    assert.deepStrictEqual(json([figure([90], [100])]), {
      speed: { value: 90, unit: "messages/s", baseline: 100, ratio: 0.9, goal: ">= 0.8 x", met: true }
    })
  })

  it("what is written by hand around the tables stays", () => {
    const page = "before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n"
    assert.strictEqual(replaced(page, "new"), "before\n<!-- bench -->\nnew\n<!-- /bench -->\nafter\n")
    assert.isUndefined(replaced("before\nafter\n", "new"))
  })
})
