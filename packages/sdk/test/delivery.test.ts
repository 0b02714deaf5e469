import * as Delivery from "@effect-codex/sdk/Delivery"
import type { ServerEvent } from "@effect-codex/sdk/TurnEvent"
import { assert, describe } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Env, promise, settle } from "./support/env.js"
import { agentMessage } from "./support/talk.js"
import { running } from "./support/turns.js"

/** What a reader saw, in short: the words of deltas, the tags of everything else. */
const seen = (events: Iterable<ServerEvent>) =>
  Array.from(events, (event) => {
    switch (event._tag) {
      case "ItemAgentMessageDelta":
        return `${event.itemId}: ${event.delta}`
      case "Lagged":
        return `Lagged ${event.dropped}`
      default:
        return event._tag
    }
  })

const collect = <E>(stream: Stream.Stream<ServerEvent, E>) => Effect.map(Stream.runCollect(stream), seen)

/** What a reader saw before it failed, and with what. */
const collectFailing = <E extends { readonly _tag: string }>(stream: Stream.Stream<ServerEvent, E>) =>
  Effect.gen(function*() {
    const events: Array<ServerEvent> = []
    const error = yield* stream.pipe(Stream.runForEach((event) => Effect.sync(() => events.push(event))), Effect.flip)
    return [...seen(events), error._tag]
  })

/** A reader that has subscribed and reads on only when it is told to. */
const asleep = <A, E>(stream: Stream.Stream<A, E>) =>
  Effect.gen(function*() {
    const gate = yield* Effect.makeLatch()
    const begun = yield* Effect.makeLatch()
    const reading = yield* stream.pipe(
      Stream.mapEffect((event) => Effect.as(Effect.zipRight(begun.open, gate.await), event)),
      Stream.runCollect,
      Effect.map(Chunk.toReadonlyArray),
      Effect.fork
    )
    yield* settle
    return { begun: begun.await, awake: Effect.zipRight(gate.open, reading) }
  })

const deltas = ({ say }: Env, words: string, itemId = "item-1") =>
  Effect.forEach(words, (word) => say.delta("turn-1", word, itemId), { discard: true })

const capacity = (eventCapacity: number) => ({ config: { eventCapacity } })

describe("a slow reader, by default", () => {
  promise(
    "gets every character: deltas of an item are merged, also where those of another come between",
    (env) =>
      Effect.gen(function*() {
        const turn = yield* running(env, "turn-1")
        for (const word of "abcdef") {
          yield* deltas(env, word, "item-1")
          yield* deltas(env, word.toUpperCase(), "item-2")
        }
        yield* env.say.completed("turn-1")
        assert.deepStrictEqual(yield* collect(turn.events), [
          "TurnStarted",
          "item-1: abcdef",
          "item-2: ABCDEF",
          "TurnCompleted"
        ])
      }),
    capacity(4)
  )

  promise("gets every other event, and deltas stay where they were among them", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      yield* deltas(env, "abc")
      yield* env.say.item("turn-1", agentMessage("item-0", ""))
      yield* deltas(env, "defghi")
      yield* env.say.completed("turn-1")
      assert.deepStrictEqual(yield* collect(turn.events), [
        "TurnStarted",
        "item-1: abc",
        "ItemCompleted",
        "item-1: defghi",
        "TurnCompleted"
      ])
    }), capacity(5))

  promise(
    "gets deltas one by one as long as there is room, and again once it has caught up",
    (env) =>
      Effect.gen(function*() {
        const turn = yield* running(env, "turn-1")
        yield* deltas(env, "ab")
        const { awake, begun } = yield* asleep(turn.events)
        yield* begun
        yield* deltas(env, "cdefg")
        yield* env.say.item("turn-1", agentMessage("item-1", "abcdefg"))
        yield* env.say.completed("turn-1")
        assert.deepStrictEqual(seen(yield* awake), [
          "TurnStarted",
          "item-1: a",
          "item-1: b",
          "item-1: cdefg",
          "ItemCompleted",
          "TurnCompleted"
        ])
      }),
    capacity(4)
  )

  promise("fails with EventOverflow where nothing can be merged, after what it had", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      for (const id of ["1", "2", "3"]) {
        yield* env.say.item("turn-1", agentMessage(id, ""))
      }
      yield* env.say.completed("turn-1")
      assert.deepStrictEqual(yield* collectFailing(turn.events), [
        "TurnStarted",
        "ItemCompleted",
        "ItemCompleted",
        "EventOverflow"
      ])
      assert.strictEqual((yield* turn.result).items.length, 3)
    }), capacity(3))
})

describe("a slow reader that slides", () => {
  promise("misses the oldest deltas, and is told where and how many", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      yield* deltas(env, "abc")
      yield* env.say.item("turn-1", agentMessage("item-0", ""))
      yield* deltas(env, "defgh")
      yield* env.say.completed("turn-1")
      // Seven of these events, and three of the words that are kept for a first reader of `textDeltas`.
      assert.strictEqual((yield* env.appServer.stats).dropped, 10)
      assert.deepStrictEqual(yield* collect(turn.events), [
        "TurnStarted",
        "Lagged 3",
        "ItemCompleted",
        "Lagged 4",
        "item-1: h",
        "TurnCompleted"
      ])
    }), { config: { eventCapacity: 6, delivery: "slide" } })

  promise("has the latest deltas, whatever has come before", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      const words = Array.from({ length: 1_000 }, (_, i) => `${i}`)
      for (const word of words) {
        yield* env.say.delta("turn-1", word)
      }
      yield* env.say.completed("turn-1")
      assert.deepStrictEqual(yield* collect(turn.events), [
        "TurnStarted",
        "Lagged 987",
        ...words.slice(-13).map((word) => `item-1: ${word}`),
        "TurnCompleted"
      ])
    }), { config: { eventCapacity: 16, delivery: "slide" } })

  promise("gets every other event or fails with EventOverflow", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      yield* deltas(env, "abcd")
      yield* env.say.item("turn-1", agentMessage("item-1", ""))
      yield* env.say.item("turn-1", agentMessage("item-2", ""))
      yield* env.say.completed("turn-1")
      assert.deepStrictEqual(yield* collectFailing(turn.events), [
        "TurnStarted",
        "Lagged 4",
        "ItemCompleted",
        "ItemCompleted",
        "EventOverflow"
      ])
    }), { config: { eventCapacity: 4, delivery: "slide" } })

  promise("is one of a thread or of the connection as well", (env) =>
    Effect.gen(function*() {
      const sliding = (events: typeof env.thread.events | typeof env.appServer.events) =>
        asleep(events.pipe(Delivery.withPolicy("slide"), Stream.take(5)))
      const readers = yield* Effect.forEach([env.thread.events, env.appServer.events], sliding)
      yield* running(env, "turn-1")
      yield* Effect.forEach(readers, ({ begun }) => begun)
      yield* deltas(env, "abcdef")
      yield* env.say.completed("turn-1")
      for (const { awake } of readers) {
        assert.deepStrictEqual(
          seen(yield* awake),
          ["TurnStarted", "Lagged 4", "item-1: e", "item-1: f", "TurnCompleted"]
        )
      }
    }), capacity(4))
})

describe("a bound that is no number", () => {
  promise("bounds all the same", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      for (const item of ["a", "b", "c"]) {
        yield* env.say.delta("turn-1", "x", item)
      }
      assert.strictEqual((yield* Effect.flip(Stream.runDrain(turn.events)))._tag, "EventOverflow")
      yield* env.say.completed("turn-1")
    }), { config: { eventCapacity: Number.NaN, earlyTurns: Number.NaN } })
})

describe("a reader that would rather fail", () => {
  promise("fails with EventOverflow at capacity, though nothing else would be lost", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      yield* deltas(env, "abcd")
      yield* env.say.completed("turn-1")
      assert.deepStrictEqual(yield* collectFailing(turn.events), [
        "TurnStarted",
        "item-1: a",
        "item-1: b",
        "EventOverflow"
      ])
    }), { config: { eventCapacity: 3, delivery: "fail" } })
})

describe("the policy", () => {
  promise("is each reader's own", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      const readers = yield* Effect.forEach([undefined, "slide", "fail"] as const, (policy) =>
        asleep(
          (policy === undefined ? turn.events : Delivery.withPolicy(turn.events, policy)).pipe(
            Stream.catchTag("EventOverflow", () => Stream.empty)
          )
        ))
      yield* deltas(env, "a")
      yield* Effect.forEach(readers, ({ begun }) => begun)
      yield* deltas(env, "bcdefg")
      yield* env.say.completed("turn-1")
      assert.deepStrictEqual(yield* Effect.forEach(readers, ({ awake }) => Effect.map(awake, seen)), [
        ["TurnStarted", "item-1: abcdefg", "TurnCompleted"],
        ["item-1: a", "Lagged 4", "item-1: f", "item-1: g", "TurnCompleted"],
        ["item-1: a", "item-1: b", "item-1: c", "item-1: d", "item-1: e"]
      ])
      const { dropped, merged } = yield* env.appServer.stats
      // The first reader got seven deltas as one, as would a first reader of `textDeltas`.
      assert.deepStrictEqual({ dropped, merged }, { dropped: 4, merged: 12 })
    }), capacity(4))
})
