/**
 * One turn is flooded, others get a delta now and then: how late those are, and what the heap holds of the flood where
 * its turn is subscribed to and not read.
 */
import { Delivery } from "@effect-codex/sdk"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { clock, type Order, turnId } from "../server/wire.js"
import { params, report } from "./probe.js"
import * as Sdk from "./sdk.js"

interface UnreadParams extends Omit<Order, "turns"> {
  /** The flood is read as it comes. */
  readonly read?: boolean
}

const { read = false, ...order } = params<UnreadParams>()
const others = 8

const heap = Effect.sync(() => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 1024 / 1024
})

const percentile = (sorted: ReadonlyArray<number>, part: number) => sorted[Math.floor(sorted.length * part)] ?? NaN

const pass = (deltas: number, firstTurn: number) =>
  Effect.scoped(Effect.gen(function*() {
    const threads = yield* Sdk.threads(1 + others)
    // Before anything is under way, since the collection would hold up what is timed.
    const before = yield* heap
    const all = yield* Sdk.turns(threads, { ...order, turns: 1 + others, deltas })
    // The first thread's need not have been the first to start.
    const flooded = all.find(({ id }) => id === turnId(firstTurn))
    const turns = all.filter((turn) => turn !== flooded)
    const gate = yield* Effect.makeLatch(read)
    let characters = 0
    const floodReader = flooded === undefined ? Effect.void : flooded.textDeltas.pipe(
      Delivery.withPolicy("coalesce"),
      Stream.runForEachChunk((texts) =>
        Effect.zipRight(
          gate.await,
          Effect.sync(() => {
            for (const text of texts) {
              characters += text.length
            }
          })
        )
      )
    )
    const reading = yield* Effect.fork(floodReader)
    const delays: Array<number> = []
    yield* Effect.forEach(turns, (turn) =>
      Stream.runForEach(turn.textDeltas, (sent) => Effect.sync(() => delays.push(clock() - Number(sent)))), {
      concurrency: "unbounded",
      discard: true
    })
    const after = yield* heap
    yield* gate.open
    yield* reading.await
    delays.sort((a, b) =>
      a - b
    )
    return {
      heap: after - before,
      characters,
      seen: delays.length,
      median: percentile(delays, 0.5),
      p99: percentile(delays, 0.99)
    }
  }))

const program = Effect.gen(function*() {
  yield* pass(Math.ceil(order.deltas / 10), 0)
  const sample = yield* pass(order.deltas, 1 + others)
  const expected = order.deltas * (order.flood ?? 0) * " w0".length
  if (sample.characters !== expected || sample.seen !== order.deltas) {
    return yield* Effect.dieMessage(`Of ${expected} characters ${sample.characters} came, ${sample.seen} deltas`)
  }
  report(sample)
  return yield* Effect.never
})

program.pipe(Effect.provide(Sdk.layer), NodeRuntime.runMain)
