import { assert, describe, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as ProcessTable from "../src/internal/processTable.js"
import { eventually } from "./support/child.js"
import { endings } from "./support/endings.js"
import { kinds } from "./support/kinds.js"
import { type Ended, untilEnded } from "./support/program.js"

class Programs extends Context.Tag("Programs")<Programs, {
  readonly until: (ending: string) => Effect.Effect<Ended>
}>() {}

/** All of them, a few at a time: most of what each takes is its start. */
const running = Layer.scoped(
  Programs,
  Effect.gen(function*() {
    const few = Effect.unsafeMakeSemaphore(3).withPermits(1)
    const fibers = new Map<string, Fiber.Fiber<Ended>>()
    for (const ending of Object.keys(endings)) {
      fibers.set(ending, yield* Effect.forkScoped(few(untilEnded("everyKind.ts", ending))))
    }
    return { until: (ending) => Fiber.join(fibers.get(ending) ?? Fiber.never) }
  })
)

layer(running, { excludeTestServices: true })("a program with a child of every kind", (it) => {
  describe.each(Object.keys(endings))("%s", (ending) => {
    // Left alone its children would stay for ten minutes: that it ends says that closing is bounded.
    it.effect("ends", () => Effect.flatMap(Programs, ({ until }) => until(ending)))

    it.effect.each(Object.keys(kinds))("leaves nothing of %s", (kind) =>
      Effect.gen(function*() {
        const { said, started } = yield* (yield* Programs).until(ending)
        const all: ReadonlyArray<ReadonlyArray<number>> = JSON.parse(said)
        const pids = all[Object.keys(kinds).indexOf(kind)] ?? []
        const entries = started.filter(({ pid }) => pids.includes(pid))
        assert.isNotEmpty(entries)
        assert.lengthOf(entries, pids.length)
        yield* eventually(() => !entries.some(ProcessTable.isAlive))
      }))

    it.effect("leaves nothing else that it had started", () =>
      Effect.gen(function*() {
        const { started } = yield* (yield* Programs).until(ending)
        yield* eventually(() => !started.some(ProcessTable.isAlive))
      }))
  })
})
