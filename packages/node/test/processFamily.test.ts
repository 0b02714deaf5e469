import { assert, describe, it } from "@effect/vitest"
import * as ProcessFamily from "../src/internal/processFamily.js"
import type { Entry } from "../src/internal/processTable.js"

const entry = (pid: number, parent: number, group: number, rest?: Partial<Entry>): Entry => ({
  ...{ pid, parent, group, started: `at ${pid}`, marked: false },
  ...rest
})

const alive = { leader: 10, leaderReaped: false, groupEmpty: false, members: [] }
const reaped = { ...alive, leaderReaped: true }

const find = (table: ReadonlyArray<Entry>, known: ProcessFamily.Known) =>
  ProcessFamily.find(table, known).map(({ pid }) => pid).sort((a, b) => a - b)

describe("processFamily", () => {
  it("finds descendants in groups of their own, in whatever order the table is", () => {
    const table = [entry(14, 13, 13), entry(13, 12, 13), entry(12, 10, 10), entry(10, 1, 10), entry(20, 1, 20)]
    assert.deepStrictEqual(find(table, alive), [10, 12, 13, 14])
  })

  it("finds orphans by the group that they share with a member", () => {
    assert.deepStrictEqual(find([entry(12, 10, 12), entry(13, 1, 12), entry(14, 13, 14)], alive), [])
    assert.deepStrictEqual(
      find([entry(10, 1, 10), entry(12, 10, 12), entry(13, 1, 12), entry(14, 13, 14)], alive),
      [10, 12, 13, 14]
    )
  })

  it("finds orphans of a leader of whom nothing was seen by the mark, and their descendants", () => {
    const table = [entry(12, 1, 12, { marked: true }), entry(13, 12, 13), entry(14, 1, 14)]
    assert.deepStrictEqual(find(table, reaped), [12, 13])
  })

  it("knows members that have lost their parents, and what their groups have started since", () => {
    const members = [entry(10, 1, 10), entry(12, 10, 12), entry(13, 12, 12)]
    assert.deepStrictEqual(find([entry(13, 1, 12), entry(14, 1, 12)], { ...reaped, members }), [13, 14])
  })

  it("takes a process that was given a member's pid for a stranger, with its group and its children", () => {
    const members = [entry(12, 10, 12)]
    const stranger = entry(12, 1, 12, { started: "later" })
    assert.deepStrictEqual(find([stranger, entry(13, 12, 12)], { ...reaped, members }), [])
  })

  it("takes a process that was given the leader's pid for a stranger, and a group that was empty", () => {
    assert.deepStrictEqual(find([entry(10, 1, 10), entry(11, 10, 10)], reaped), [])
    assert.deepStrictEqual(find([entry(11, 1, 10)], reaped), [11])
    assert.deepStrictEqual(find([entry(11, 1, 10)], { ...reaped, groupEmpty: true }), [])
  })
})
