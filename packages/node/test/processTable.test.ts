import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as NodeChildProcess from "node:child_process"
import { once } from "node:events"
import * as ProcessTable from "../src/internal/processTable.js"

/** A process in a group of its own with `mark` in its environment. */
const child = (mark: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const child = NodeChildProcess.spawn(process.execPath, ["-e", "process.stdin.resume(); console.log(')')"], {
        detached: true,
        env: { MARK: mark }
      })
      await once(child.stdout, "data")
      return child
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

const exited = (child: NodeChildProcess.ChildProcess) =>
  Effect.promise(async () => {
    child.kill("SIGKILL")
    await once(child, "exit")
  })

const readers = process.platform === "linux"
  ? { "/proc": (mark: string) => Effect.try(() => ProcessTable.fromProc(mark)), ps: ProcessTable.fromPs }
  : { ps: ProcessTable.fromPs }

describe.each(Object.entries(readers))("processTable by %s", (_, read) => {
  it.scopedLive("shows a child with its parent, its group and its mark, and not once it has ended", () =>
    Effect.gen(function*() {
      const mark = `mark-${process.pid}`
      const started = yield* child(mark)
      const pid = started.pid ?? NaN
      const [entry, ...others] = (yield* read(`MARK=${mark}`)).filter(({ marked }) => marked)
      assert.deepStrictEqual(others, [])
      assert.deepInclude(entry, { pid, parent: process.pid, group: pid, marked: true })
      assert.isTrue((yield* read("no such mark")).some((other) => other.pid === pid && !other.marked))
      yield* exited(started)
      assert.isFalse((yield* read(mark)).some((other) => other.pid === pid))
    }))

  it.scopedLive("tells the same process from one look to the next", () =>
    Effect.gen(function*() {
      const startOf = (table: ProcessTable.ProcessTable) => table.find(({ pid }) => pid === process.pid)?.started
      const first = startOf(yield* read("mark"))
      assert.isString(first)
      assert.strictEqual(startOf(yield* read("mark")), first)
    }))
})

describe("processTable", () => {
  it("reads what ps prints, without zombies and without what is no process", () => {
    const output = [
      "    1     0     1 Ss   Mon Jun  2 09:05:11 2025     /sbin/launchd",
      "  501   500   501 S+   Mon Jun  2 10:00:00 2025     bash -c :) MARK=x",
      "  502   500   501 Z    Mon Jun  2 10:00:00 2025     (bash)",
      "and the rest of a command of two lines",
      ""
    ].join("\n")
    assert.deepStrictEqual(ProcessTable.parsePs(output, "MARK=x"), [
      { pid: 1, parent: 0, group: 1, started: "Mon Jun  2 09:05:11 2025", marked: false },
      { pid: 501, parent: 500, group: 501, started: "Mon Jun  2 10:00:00 2025", marked: true }
    ])
  })

  it.scopedLive("fails where there is no ps", () =>
    Effect.gen(function*() {
      const { PATH } = process.env
      yield* Effect.acquireRelease(
        Effect.sync(() => Object.assign(process.env, { PATH: "/nowhere" })),
        () => Effect.sync(() => Object.assign(process.env, { PATH }))
      )
      assert.strictEqual((yield* Effect.flip(ProcessTable.fromPs("mark")))._tag, "UnknownException")
    }))

  it.scopedLive("a process is alive until it has ended", () =>
    Effect.gen(function*() {
      const started = yield* child("alive")
      const entry = (yield* ProcessTable.read("")).find(({ pid }) => pid === started.pid)
      assert.isTrue(entry !== undefined && ProcessTable.isAlive(entry))
      yield* exited(started)
      assert.isFalse(entry !== undefined && ProcessTable.isAlive(entry))
    }))
})
