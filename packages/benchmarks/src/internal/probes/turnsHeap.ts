/** What the heap holds after so many turns, and after many more, each of them on a thread that ten turns share. */
import { Codex, Thread } from "@effect-codex/sdk"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import type { Order } from "../server/wire.js"
import { params, report } from "./probe.js"
import * as Sdk from "./sdk.js"

const { few, many } = params<{ readonly few: number; readonly many: number }>()

const order: Order = { turns: 1, deltas: 5, settling: 0 }

const turnsPerThread = 10

const turns = (count: number) =>
  Effect.forEach(
    Array.from({ length: Math.ceil(count / turnsPerThread) }),
    () =>
      Effect.scoped(Effect.gen(function*() {
        const codex = yield* Codex.Codex
        const thread = yield* Thread.scoped(codex.startThread())
        for (let i = 0; i < turnsPerThread; i++) {
          yield* thread.run(JSON.stringify(order))
        }
      })),
    { concurrency: 8, discard: true }
  )

const heap = Effect.sync(() => {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 1024 / 1024
})

const program = Effect.gen(function*() {
  yield* turns(few)
  const before = yield* heap
  yield* turns(many - few)
  report({ few: before, many: yield* heap })
  return yield* Effect.never
})

program.pipe(Effect.provide(Sdk.layer), NodeRuntime.runMain)
