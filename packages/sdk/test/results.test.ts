import type { ThreadItem, Turn } from "@effect-codex/protocol/Server"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type Env, promise } from "./support/env.js"
import { agentMessage, breakdown } from "./support/talk.js"
import { running } from "./support/turns.js"

/** What a turn comes to that completes these items. */
const resultOf = (env: Env, items: ReadonlyArray<ThreadItem>, completion: Partial<Turn> = {}) =>
  Effect.gen(function*() {
    const turn = yield* running(env, "turn-1")
    yield* Effect.forEach(items, (item) => env.say.item("turn-1", item), { discard: true })
    yield* env.say.completed("turn-1", completion)
    return yield* turn.result
  })

const finalResponse = (name: string, items: ReadonlyArray<ThreadItem>, expected: string | null) =>
  promise(
    `finalResponse ${name}`,
    (env) => Effect.map(resultOf(env, items), (result) => assert.strictEqual(result.finalResponse, expected))
  )

describe("a turn's result", () => {
  finalResponse("is the last message of the final answer", [
    agentMessage("1", "first", "final_answer"),
    agentMessage("2", "second", "final_answer"),
    agentMessage("3", "by the way")
  ], "second")

  finalResponse("is the last message without a phase where there is no final answer", [
    agentMessage("1", "first"),
    agentMessage("2", "second"),
    agentMessage("3", "working on it", "commentary")
  ], "second")

  finalResponse("is never commentary", [agentMessage("1", "working on it", "commentary")], null)

  finalResponse("is null where no message came", [{ type: "reasoning", id: "1", summary: ["Hm."] }], null)

  finalResponse("stays empty where the answer is", [
    agentMessage("1", "before"),
    agentMessage("2", "", "final_answer")
  ], "")

  promise(
    "has an item of a kind that this version does not know once, and not as unfinished",
    (env) =>
      Effect.gen(function*() {
        const turn = yield* running(env, "turn-1")
        const item = { type: "hologram", id: "1" }
        const params = { threadId: env.thread.id, turnId: "turn-1", item }
        yield* env.server.send({ method: "item/started", params: { ...params, startedAtMs: 1 } })
        yield* env.server.send({ method: "item/completed", params: { ...params, completedAtMs: 1 } })
        yield* env.say.completed("turn-1")
        const { items, unfinished } = yield* turn.result
        assert.deepStrictEqual(items, [{ type: "$unknown", raw: item }])
        assert.isEmpty(unfinished)
      })
  )

  promise("has every item in the order it completed, the last form of each", (env) =>
    Effect.gen(function*() {
      const { items } = yield* resultOf(env, [
        agentMessage("b", "one"),
        agentMessage("a", "two"),
        agentMessage("b", "one, corrected")
      ])
      assert.deepStrictEqual(items, [agentMessage("b", "one, corrected"), agentMessage("a", "two")])
    }))

  promise(
    "has what was under way when it was interrupted, messages with their text so far",
    (env) =>
      Effect.gen(function*() {
        const { say, server } = env
        const turn = yield* running(env, "turn-1")
        const begun = (item: ThreadItem) =>
          server.notify("item/started", { threadId: turn.threadId, turnId: turn.id, item, startedAtMs: 1 })
        yield* begun(agentMessage("done", ""))
        yield* say.item("turn-1", agentMessage("done", "All of it."))
        yield* begun(agentMessage("cut", ""))
        yield* say.delta("turn-1", "Half", "cut")
        yield* say.delta("turn-1", " of it", "cut")
        yield* say.completed("turn-1", { status: "interrupted" })
        const error = yield* Effect.flip(turn.result)
        assert(error._tag === "TurnInterrupted")
        assert.deepStrictEqual(error.partial.items, [agentMessage("done", "All of it.")])
        assert.deepStrictEqual(error.partial.unfinished, [agentMessage("cut", "Half of it")])
        assert.strictEqual(error.partial.finalResponse, "All of it.")
      })
  )

  promise("takes items from the completion where they were not seen before", (env) =>
    Effect.gen(function*() {
      const { finalResponse, items } = yield* resultOf(env, [agentMessage("a", "seen")], {
        items: [agentMessage("a", "seen, in another form"), agentMessage("b", "not seen")],
        itemsView: "summary"
      })
      assert.deepStrictEqual(items, [agentMessage("a", "seen"), agentMessage("b", "not seen")])
      assert.strictEqual(finalResponse, "not seen")
    }))

  promise("has the last usage that was reported, or null", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      yield* env.say.usage("turn-1", 10)
      yield* env.say.usage("another turn", 1_000)
      yield* env.say.usage("turn-1", 25)
      yield* env.say.completed("turn-1")
      assert.deepStrictEqual((yield* turn.result).usage, { total: breakdown(25), last: breakdown(25) })
      const another = yield* running(env, "turn-2")
      yield* env.say.completed("turn-2")
      assert.isNull((yield* another.result).usage)
    }))

  promise("says when the turn ran, in the server's time", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-0")
      yield* env.say.started("turn-0", { startedAt: 100 })
      yield* env.say.completed("turn-0", { completedAt: 103, durationMs: 2_900 })
      const { completedAt, durationMs, id, startedAt, threadId } = yield* turn.result
      assert.deepStrictEqual({ id, threadId, startedAt, completedAt, durationMs }, {
        id: "turn-0",
        threadId: env.thread.id,
        startedAt: 100,
        completedAt: 103,
        durationMs: 2_900
      })
    }))
})
