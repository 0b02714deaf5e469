import type { TurnEvent } from "@effect-codex/sdk/TurnEvent"
import { assert, describe } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { promise, settle } from "./support/env.js"
import { agentMessage, threadId } from "./support/talk.js"
import { running, start } from "./support/turns.js"

const tags = (events: Iterable<{ readonly _tag: string }>) => Array.from(events, ({ _tag }) => _tag)

const words = (events: Iterable<TurnEvent>) =>
  Array.from(events).flatMap((event) => event._tag === "ItemAgentMessageDelta" ? [event.delta] : [])

describe("a turn's events", () => {
  promise(
    "begin with its first for the one who started it, and end after TurnCompleted",
    (env) =>
      Effect.gen(function*() {
        const { say } = env
        const turn = yield* running(env, "turn-1")
        yield* say.delta("turn-1", "Hel")
        const reading = yield* Effect.fork(Stream.runCollect(turn.events))
        yield* settle
        yield* say.delta("turn-1", "lo.")
        yield* say.completed("turn-1")
        yield* say.delta("turn-1", "after the end")
        assert.deepStrictEqual(tags(yield* reading), [
          "TurnStarted",
          "ItemAgentMessageDelta",
          "ItemAgentMessageDelta",
          "TurnCompleted"
        ])
      })
  )

  promise(
    "fail after TurnCompleted where the turn failed or was interrupted, with what it had come to",
    (env) =>
      Effect.gen(function*() {
        const { say } = env
        for (const status of ["failed", "interrupted"] as const) {
          const turn = yield* running(env, `turn that ${status}`)
          yield* say.item(turn.id, agentMessage("item-1", "So far."))
          yield* say.completed(turn.id, {
            status,
            error: status === "failed" ? { message: "no room", additionalDetails: "at all" } : null
          })
          const seen: Array<string> = []
          const error = yield* turn.events.pipe(
            Stream.runForEach((event) => Effect.sync(() => seen.push(event._tag))),
            Effect.flip
          )
          assert.deepStrictEqual(seen, ["TurnStarted", "ItemCompleted", "TurnCompleted"])
          assert(error._tag === "TurnFailed" || error._tag === "TurnInterrupted")
          assert.deepStrictEqual(
            [error._tag, error.threadId, error.turnId, error.partial.status, error.partial.finalResponse],
            [status === "failed" ? "TurnFailed" : "TurnInterrupted", threadId, turn.id, status, "So far."]
          )
          if (error._tag === "TurnFailed") {
            assert.include(error.message, "no room (at all)")
          }
          assert.strictEqual(yield* Effect.flip(turn.result), error)
        }
      })
  )

  promise("come to a second reader in a copy of its own, from then on", (env) =>
    Effect.gen(function*() {
      const { say } = env
      const turn = yield* running(env, "turn-1")
      const first = yield* Effect.fork(Stream.runCollect(turn.events))
      yield* settle
      yield* say.delta("turn-1", "a")
      yield* settle
      const second = yield* Effect.fork(Stream.runCollect(turn.events))
      const text = yield* Effect.fork(Stream.runCollect(turn.textDeltas))
      const items = yield* Effect.fork(Stream.runCollect(turn.items))
      yield* settle
      yield* say.delta("turn-1", "b")
      yield* say.item("turn-1", agentMessage("item-1", "ab"))
      yield* say.completed("turn-1")
      assert.deepStrictEqual(words(yield* first), ["a", "b"])
      assert.deepStrictEqual(tags(yield* second), ["ItemAgentMessageDelta", "ItemCompleted", "TurnCompleted"])
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* text), ["a", "b"])
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* items), [agentMessage("item-1", "ab")])
    }))

  promise(
    "come from the first one to the first reader of each view, whoever reads first",
    (env) =>
      Effect.gen(function*() {
        const { say } = env
        const turn = yield* running(env, "turn-1")
        yield* say.delta("turn-1", "a")
        yield* say.item("turn-1", agentMessage("item-1", "a"))
        const events = yield* Effect.fork(Stream.runCollect(turn.events))
        yield* settle
        const text = yield* Effect.fork(Stream.runCollect(turn.textDeltas))
        const items = yield* Effect.fork(Stream.runCollect(turn.items))
        const secondText = yield* Effect.fork(Stream.runCollect(turn.textDeltas))
        yield* settle
        yield* say.delta("turn-1", "b")
        yield* say.completed("turn-1")
        assert.deepStrictEqual(words(yield* events), ["a", "b"])
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* text), ["a", "b"])
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* secondText), ["b"])
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* items), [agentMessage("item-1", "a")])
      })
  )

  promise("come to a joined handle from then on", (env) =>
    Effect.gen(function*() {
      const { say, server, thread } = env
      yield* running(env, "turn-1")
      yield* say.delta("turn-1", "a")
      const joining = yield* Effect.fork(thread.startTurn("also", { whenActive: "join" }))
      yield* Effect.flatMap(server.takeRequest("turn/steer"), ({ id }) => server.respond(id, { turnId: "turn-1" }))
      const joined = yield* joining
      const reading = yield* Effect.fork(Stream.runCollect(joined.events))
      yield* settle
      yield* say.delta("turn-1", "b")
      yield* say.completed("turn-1")
      assert.deepStrictEqual(words(yield* reading), ["b"])
    }))

  promise("are its end for a reader that comes after it", (env) =>
    Effect.gen(function*() {
      const { say } = env
      const turn = yield* running(env, "turn-1")
      yield* say.completed("turn-1")
      yield* Stream.runDrain(turn.events)
      assert.deepStrictEqual(tags(yield* Stream.runCollect(turn.events)), ["TurnCompleted"])

      const failing = yield* running(env, "turn-2")
      yield* say.completed("turn-2", { status: "failed", error: { message: "no" } })
      yield* Effect.ignore(Stream.runDrain(failing.events))
      const seen: Array<string> = []
      const error = yield* failing.events.pipe(
        Stream.runForEach((event) => Effect.sync(() => seen.push(event._tag))),
        Effect.flip
      )
      assert.deepStrictEqual([seen, error._tag], [["TurnCompleted"], "TurnFailed"])
    }))

  promise("with nobody reading are bounded, and the turn goes on", (env) =>
    Effect.gen(function*() {
      const { say } = env
      const turn = yield* running(env, "turn-1")
      for (let i = 0; i < 100; i++) {
        yield* say.item("turn-1", agentMessage(`item-${i}`, `${i}`))
      }
      yield* say.completed("turn-1")
      assert.strictEqual((yield* turn.result).items.length, 100)
      const error = yield* Effect.flip(Stream.runDrain(turn.events))
      assert.strictEqual(error._tag, "EventOverflow")
    }), { config: { eventCapacity: 8 } })

  promise("for a slow reader are merged at capacity without losing a character", (env) =>
    Effect.gen(function*() {
      const { say } = env
      const turn = yield* running(env, "turn-1")
      const text = Array.from({ length: 1_000 }, (_, i) => `${i} `)
      for (const word of text) {
        yield* say.delta("turn-1", word)
      }
      const reading = yield* Effect.fork(Stream.runCollect(turn.events))
      yield* settle
      yield* say.completed("turn-1")
      const events = Chunk.toReadonlyArray(yield* reading)
      assert.strictEqual(words(events).join(""), text.join(""))
      assert.deepStrictEqual(tags(events), ["TurnStarted", "ItemAgentMessageDelta", "TurnCompleted"])
    }), { config: { eventCapacity: 8 } })

  promise("of different items are not merged: their slow reader alone fails with EventOverflow, after what it had", (
    env
  ) =>
    Effect.gen(function*() {
      const { say } = env
      const turn = yield* running(env, "turn-1")
      const gate = yield* Effect.makeLatch()
      const slowSaw: Array<TurnEvent> = []
      const slow = yield* turn.events.pipe(
        Stream.runForEach((event) => Effect.zipRight(gate.await, Effect.sync(() => slowSaw.push(event)))),
        Effect.flip,
        Effect.fork
      )
      const fastSaw = yield* Queue.unbounded<TurnEvent>()
      const fast = yield* turn.events.pipe(Stream.runForEach((event) => fastSaw.offer(event)), Effect.fork)
      yield* settle
      for (let i = 0; i < 9; i++) {
        yield* say.delta("turn-1", `${i}`, `item-${i}`)
        yield* fastSaw.take
      }
      yield* gate.open
      const error = yield* slow
      assert(error._tag === "EventOverflow")
      assert.strictEqual(error.capacity, 8)
      assert.deepStrictEqual(words(slowSaw), ["0", "1", "2", "3", "4", "5", "6", "7"])
      yield* say.completed("turn-1")
      yield* fast
      assert.strictEqual((yield* turn.result).status, "completed")
    }), { config: { eventCapacity: 8 } })

  promise("stop coming to a reader that is interrupted, and to it alone", (env) =>
    Effect.gen(function*() {
      const { say } = env
      const turn = yield* running(env, "turn-1")
      const gone = yield* Effect.fork(Stream.runDrain(turn.events))
      const staying = yield* Effect.fork(Stream.runCollect(turn.events))
      yield* settle
      yield* Fiber.interrupt(gone)
      yield* say.delta("turn-1", "a")
      yield* say.completed("turn-1")
      assert.deepStrictEqual(words(yield* staying), ["a"])
    }))

  promise("show methods that this version does not know as Unknown", (env) =>
    Effect.gen(function*() {
      const { say, server } = env
      const turn = yield* running(env, "turn-1")
      const params = { threadId, turnId: "turn-1", more: { of: "tomorrow" } }
      yield* server.send({ method: "item/tomorrow", params })
      yield* say.completed("turn-1")
      const events = Chunk.toReadonlyArray(yield* Stream.runCollect(turn.events))
      assert.deepStrictEqual<unknown>(events[1], { _tag: "Unknown", method: "item/tomorrow", params })
    }))

  promise("show bodies that make no sense as Undecodable, as they came", (env) =>
    Effect.gen(function*() {
      const { appServer, say, server } = env
      const turn = yield* running(env, "turn-1")
      const params = { threadId, turnId: "turn-1", itemId: "item-1", delta: 5 }
      yield* server.send({ method: "item/agentMessage/delta", params })
      yield* say.completed("turn-1")
      const [, event] = Chunk.toReadonlyArray(yield* Stream.runCollect(turn.events))
      assert(event?._tag === "Undecodable")
      assert.deepStrictEqual<unknown>([event.method, event.params], ["item/agentMessage/delta", params])
      assert.include(event.issue.message, "delta")
      assert.strictEqual((yield* appServer.stats).undecodable, 1)
    }))

  promise(
    "show items of kinds that this version does not know, which are among the result's",
    (env) =>
      Effect.gen(function*() {
        const { say, server } = env
        const turn = yield* running(env, "turn-1")
        const item = { type: "hologram", id: "item-1", depth: 3 }
        yield* server.send({ method: "item/completed", params: { threadId, turnId: "turn-1", item, completedAtMs: 1 } })
        yield* say.completed("turn-1")
        const { items } = yield* turn.result
        assert.deepStrictEqual<unknown>(items, [{ type: "$unknown", raw: item }])
      })
  )
})

describe("a turn", () => {
  promise("ends when its turn/completed makes no sense", (env) =>
    Effect.gen(function*() {
      const { say, server } = env
      const endings = [
        [{ status: "completed", items: "what" }, "Success"],
        [{ status: "interrupted", items: 1 }, "TurnInterrupted"],
        [{ status: "failed", error: { message: "no room" } }, "TurnFailed"],
        [{}, "TurnFailed"]
      ] as const
      for (const [index, [state, expected]] of endings.entries()) {
        const id = `turn-${index}`
        const turn = yield* running(env, id)
        yield* say.item(id, agentMessage("item-1", "So far."))
        yield* server.send({ method: "turn/completed", params: { threadId, turn: { id, ...state } } })
        const outcome = yield* Effect.match(turn.result, {
          onFailure: (error) => error._tag,
          onSuccess: ({ finalResponse }) => {
            assert.strictEqual(finalResponse, "So far.")
            return "Success"
          }
        })
        assert.strictEqual(outcome, expected)
        const [last] = Chunk.toReadonlyArray(yield* Stream.runCollect(Stream.catchAll(turn.events, () => Stream.empty)))
          .slice(-1)
        assert.strictEqual(last?._tag, "Undecodable")
      }
    }))

  promise("with a status of tomorrow fails, saying so", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      yield* env.say.completed("turn-1", { status: "vanished" })
      const error = yield* Effect.flip(turn.result)
      assert(error._tag === "TurnFailed")
      assert.include(error.message, "vanished")
      assert.strictEqual(error.partial.status, "vanished")
    }))

  promise("ends once: what comes after its completion changes nothing", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      yield* env.say.completed("turn-1")
      yield* env.say.item("turn-1", agentMessage("item-1", "late"))
      yield* env.say.completed("turn-1", { status: "failed", error: { message: "late" } })
      const result = yield* turn.result
      assert.deepStrictEqual([result.status, result.items], ["completed", []])
    }))

  promise("is steered by its id", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      const steering = yield* Effect.fork(turn.steer("shorter"))
      const { id, params } = yield* env.server.takeRequest("turn/steer")
      assert.deepStrictEqual(params, {
        threadId,
        expectedTurnId: "turn-1",
        input: [{ type: "text", text: "shorter" }]
      })
      yield* env.server.respond(id, { turnId: "turn-1" })
      yield* steering
      yield* env.say.completed("turn-1")
    }))

  promise("that has not begun when it is steered is steered again once it has", (env) =>
    Effect.gen(function*() {
      const turn = yield* start(env, "turn-1")
      const steering = yield* Effect.fork(turn.steer("shorter"))
      const first = yield* env.server.takeRequest("turn/steer")
      yield* env.server.fail(first.id, { code: -32600, message: "no active turn to steer" })
      yield* settle
      assert.deepStrictEqual(yield* env.server.takeAll, [])
      yield* env.say.started("turn-1")
      const second = yield* env.server.takeRequest("turn/steer")
      yield* env.server.respond(second.id, { turnId: "turn-1" })
      yield* steering
      yield* env.say.completed("turn-1")
    }))

  promise("that ends without having begun lets go of who wants to steer it", (env) =>
    Effect.gen(function*() {
      const turn = yield* start(env, "turn-1")
      const steering = yield* Effect.fork(turn.steer("shorter"))
      const first = yield* env.server.takeRequest("turn/steer")
      yield* env.server.fail(first.id, { code: -32600, message: "no active turn to steer" })
      yield* settle
      yield* env.say.completed("turn-1", { status: "failed", error: { message: "no" } })
      yield* settle
      const again = yield* env.server.takeAll
      for (const { id } of again) {
        assert(typeof id === "number")
        yield* env.server.fail(id, { code: -32600, message: "no active turn to steer" })
      }
      yield* settle
      const exit = yield* Fiber.poll(steering)
      assert.isTrue(Option.isSome(exit))
      yield* TestClock.adjust("60 seconds")
    }))
})
