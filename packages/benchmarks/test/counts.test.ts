import { AppServer, Codex } from "@effect-codex/sdk"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { vi } from "vitest"
import { turnCompleted } from "../src/internal/server/wire.js"
import { Starts, wired } from "./support/wired.js"

/** Gives every fiber that can go on the chance to, those that wait until there is nothing more to be read included. */
const settled = Effect.zipRight(
  Effect.promise(() => new Promise((resolve) => setImmediate(resolve))),
  Effect.forEach(Array.from({ length: 20 }), () => Effect.yieldNow(), { discard: true })
)

/** A turn that is told of so many chunks of 100 deltas, read to its end. */
const turnOf = (chunks: number) => {
  const { chunk, deltas, layer, turn } = wired()
  const starts = new Starts()
  return Effect.scoped(Effect.gen(function*() {
    const codex = yield* Codex.Codex
    const thread = yield* codex.startThread()
    const running = yield* thread.startTurn("go")
    let wakes = 0
    let events = 0
    const reader = yield* Effect.fork(Stream.runForEachChunk(running.events, (chunk) =>
      Effect.sync(() => {
        wakes++
        events += chunk.length
      })))
    yield* settled
    const before = { fibers: starts.count, wakes, events }
    for (let i = 0; i < chunks; i++) {
      chunk(deltas(turn(0, 0), 100))
      yield* settled
    }
    const counted = {
      fibers: starts.count - before.fibers,
      wakes: wakes - before.wakes,
      events: events - before.events
    }
    chunk([turnCompleted(turn(0, 0))])
    yield* Fiber.join(reader)
    return { ...counted, startsBefore: before.fibers }
  })).pipe(Effect.provide(layer), Effect.supervised(starts))
}

describe("what a message costs, counted", () => {
  it.live("no fiber is started for deltas, however many there are", () =>
    Effect.gen(function*() {
      const { fibers, startsBefore } = yield* turnOf(100)
      // The count sees the fibers of the connection and of the turn, so it would see others.
      assert.isAbove(startsBefore, 2)
      assert.strictEqual(fibers, 0)
    }))

  it.live("no fiber is started for a request, but for one that keeps the deadlines of all", () => {
    const { layer } = wired()
    const starts = new Starts()
    return Effect.gen(function*() {
      const appServer = yield* AppServer.AppServer
      yield* appServer.request("thread/loaded/list", {})
      const before = starts.count
      yield* Effect.replicateEffect(appServer.request("thread/loaded/list", {}), 100)
      assert.strictEqual(starts.count - before, 0)
      yield* Effect.replicateEffect(appServer.request("thread/loaded/list", {}, { timeout: "7 seconds" }), 100)
      assert.strictEqual(starts.count - before, 1)
    }).pipe(Effect.provide(layer), Effect.supervised(starts))
  })

  it.live("a reader is woken once for all the deltas of a chunk, and gets each of them", () =>
    Effect.gen(function*() {
      const { events, wakes } = yield* turnOf(20)
      assert.strictEqual(wakes, 20)
      assert.strictEqual(events, 2_000)
    }))

  it.live("a chunk wakes the readers of the turns that it tells of, and no other", () => {
    const { chunk, deltas, layer, turn } = wired()
    return Effect.scoped(Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const threads = yield* Effect.replicateEffect(codex.startThread(), 64)
      const turns = yield* Effect.forEach(threads, (thread) => thread.startTurn("go"))
      const wakes = turns.map(() => 0)
      yield* Effect.forEach(
        turns,
        (turn, i) =>
          Effect.fork(Stream.runForEachChunk(turn.events, () =>
            Effect.sync(() => {
              wakes[i] = (wakes[i] ?? 0) + 1
            })))
      )
      yield* settled
      const before = Array.from(wakes)
      chunk([...deltas(turn(3, 3), 50), ...deltas(turn(7, 7), 50), ...deltas(turn(3, 3), 50)])
      yield* settled
      assert.deepStrictEqual(
        wakes.flatMap((count, i) => count === before[i] ? [] : [[i, count - (before[i] ?? 0)]]),
        [[3, 1], [7, 1]]
      )
      chunk(turns.map((_, i) => turnCompleted(turn(i, i))))
    })).pipe(Effect.provide(layer))
  })

  it.live("of a flood that does not end, no reader waits for more than 2,048 frames", () => {
    const { chunk, deltas, layer, turn } = wired()
    return Effect.scoped(Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const threads = yield* Effect.replicateEffect(codex.startThread(), 64)
      const turns = yield* Effect.forEach(threads, (thread) => thread.startTurn("go"))
      let events = 0
      yield* Effect.forEach(
        turns,
        (turn) => Effect.fork(Stream.runForEach(turn.events, () => Effect.sync(() => events++)))
      )
      yield* settled
      const frames = turns.map((_, i) => deltas(turn(i, i), 1)).flat()
      const flood = (chunks: number) =>
        Effect.suspend(() => {
          const before = events
          for (let i = 0; i < chunks; i++) {
            chunk(frames)
          }
          // No round of the event loop, after which all of them are woken.
          return Effect.map(Effect.replicateEffect(Effect.yieldNow(), 20), () => events - before)
        })
      assert.strictEqual(yield* flood(31), 0)
      assert.strictEqual(yield* flood(1), 2_048)
      chunk(turns.map((_, i) => turnCompleted(turn(i, i))))
    })).pipe(Effect.provide(layer))
  })

  it.live("of the frames of a text two are parsed, and of the others the piece that they bring", () => {
    const { chunk, deltas, layer, turn } = wired()
    return Effect.scoped(Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const thread = yield* codex.startThread()
      const running = yield* thread.startTurn("go")
      yield* Effect.fork(Stream.runDrain(running.events))
      yield* settled
      const frames = deltas(turn(0, 0), 1_000).map((frame) => frame.trimEnd())
      const parse = vi.spyOn(JSON, "parse")
      chunk(frames)
      yield* settled
      const parsed = parse.mock.calls.map(([text]) => text)
      parse.mockRestore()
      assert.deepStrictEqual(parsed.filter((text) => frames.includes(text)), frames.slice(0, 2))
      // What is learned of the second is tried out.
      assert.isBelow(parsed.length, 10)
      chunk([turnCompleted(turn(0, 0))])
    })).pipe(Effect.provide(layer))
  })

  it.live("a turn writes one message, and leaves nothing in the registry", () => {
    const { chunk, deltas, layer, sent, turn } = wired()
    return Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const { stats } = yield* AppServer.AppServer
      const thread = yield* codex.startThread()
      const before = { stats: yield* stats, sent: sent.length }
      for (let i = 0; i < 200; i++) {
        const run = yield* Effect.fork(thread.run("go"))
        yield* settled
        chunk([...deltas(turn(i, 0), 10), turnCompleted(turn(i, 0))])
        yield* Fiber.join(run)
      }
      const { operations, pendingRequests, serverRequests, threads, turns } = yield* stats
      assert.strictEqual(sent.length - before.sent, 200)
      assert.deepStrictEqual(
        { operations, pendingRequests, serverRequests, threads, turns },
        {
          operations: before.stats.operations,
          pendingRequests: before.stats.pendingRequests,
          serverRequests: before.stats.serverRequests,
          threads: before.stats.threads,
          turns: before.stats.turns
        }
      )
    }).pipe(Effect.provide(layer))
  })
})
