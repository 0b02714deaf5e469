import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { assertIdle, codexTestExperimental, codexTestStableFrom } from "./harness.js"
import { hear } from "./hear.js"
import { from, promises } from "./releases.js"

const collect = <A, E, R>(stream: Stream.Stream<A, E, R>) =>
  Effect.map(Stream.runCollect(stream), (all) => Array.from(all))

/** A thread of three turns. */
const threadOfThree = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const thread = yield* codex.startThread()
  const turns = yield* Effect.forEach(["one", "two", "three"], (text) => thread.run(text))
  return { thread, ids: turns.map(({ id }) => id) }
})

layer(codexTestStableFrom("0.160.1"), { excludeTestServices: true })("the history of a thread", (it) => {
  it.effect("is listed turn by turn, page by page, in either order", () =>
    Effect.gen(function*() {
      const { ids, thread } = yield* threadOfThree
      const idsOf = (options: Parameters<typeof thread.turns>[0]) =>
        Effect.map(collect(thread.turns(options)), (turns) => turns.map(({ id }) => id))
      assert.deepStrictEqual(yield* idsOf({ limit: 1 }), [...ids].reverse())
      assert.deepStrictEqual(yield* idsOf({ limit: 2, sortDirection: "asc" }), ids)
      const [last] = yield* collect(thread.turns({ itemsView: "full" }).pipe(Stream.take(1)))
      assert.deepStrictEqual(last?.items.map(({ type }) => type), ["userMessage", "agentMessage"])
      yield* assertIdle
    }))

  from(promises.threadItems, it.effect)("is listed item by item, of all turns or of one", () =>
    Effect.gen(function*() {
      const { ids, thread } = yield* threadOfThree
      const all = yield* collect(thread.items({ limit: 2 }))
      assert.deepStrictEqual(all.map(({ turnId }) => turnId), ids.flatMap((id) => [id, id]))
      const [, second] = ids
      const ofOne = yield* collect(thread.items({ turnId: second ?? null }))
      assert.deepStrictEqual(ofOne.map(({ item }) => item.type), ["userMessage", "agentMessage"])
      yield* assertIdle
    }))

  from(promises.turnCursor, it.effect)(
    "goes on from where a cursor of the server points",
    () =>
      Effect.gen(function*() {
        const codex = yield* Codex.Codex
        const { ids, thread } = yield* threadOfThree
        const { info: { turnsBackwardsCursor } } = yield* codex.resumeThread(thread.id)
        assert.isString(turnsBackwardsCursor)
        const turns = yield* collect(thread.turns({ cursor: turnsBackwardsCursor ?? null }))
        assert.deepStrictEqual(turns.map(({ id }) => id), [...ids].reverse())
        yield* assertIdle
      })
  )

  from(promises.revert, it.effect)(
    "is taken back to before a turn, which the thread tells of",
    () =>
      Effect.gen(function*() {
        const { request } = yield* AppServer
        const model = yield* ScriptedModel.ScriptedModel
        const { ids: [first, second = ""], thread } = yield* threadOfThree
        const revert = request("thread/revert", { threadId: thread.id, beforeTurnId: second })
        const [, { threadId }] = yield* hear(thread, "ThreadReverted", revert)
        assert.strictEqual(threadId, thread.id)
        assert.deepStrictEqual((yield* collect(thread.turns())).map(({ id }) => id), [first])
        yield* thread.run("instead")
        const { input } = yield* model.awaitRequest(({ userText }) => userText === "instead")
        assert.include(JSON.stringify(input), "You said: one")
        assert.notInclude(JSON.stringify(input), "You said: two")
        yield* assertIdle
      })
  )

  it.effect("takes items that no turn has brought", () =>
    Effect.gen(function*() {
      const { request } = yield* AppServer
      const codex = yield* Codex.Codex
      const model = yield* ScriptedModel.ScriptedModel
      const thread = yield* codex.startThread()
      yield* request("thread/inject_items", {
        threadId: thread.id,
        items: [{ type: "message", role: "user", content: [{ type: "input_text", text: "The word is fish." }] }]
      })
      yield* thread.run("which word?")
      const { input } = yield* model.awaitRequest(({ userText }) => userText === "which word?")
      assert.include(JSON.stringify(input), "The word is fish.")
      yield* assertIdle
    }))

  from(promises.deletion, it.effect)("is gone with the thread when that is deleted", () =>
    Effect.gen(function*() {
      const { request } = yield* AppServer
      const codex = yield* Codex.Codex
      const { thread } = yield* threadOfThree
      yield* hear(thread, "ThreadDeleted", request("thread/delete", { threadId: thread.id }))
      assert.strictEqual((yield* Effect.flip(codex.resumeThread(thread.id)))._tag, "ThreadNotFound")
      yield* assertIdle
    }))
})

layer(codexTestExperimental(), { excludeTestServices: true })("the history of a thread", (it) => {
  from(promises.timeline, it.effect)(
    "is told as a timeline, with each turn's start and completion",
    () =>
      Effect.gen(function*() {
        const { list } = yield* AppServer
        const { ids, thread } = yield* threadOfThree
        const timeline = yield* collect(list("thread/timeline/list", { threadId: thread.id, limit: 3 }))
        const told = timeline.flatMap((entry) =>
          entry.type === "turnStarted" || entry.type === "turnCompleted" ? [[entry.type, entry.turnId]] : []
        )
        assert.sameDeepMembers(told, ids.flatMap((id) => [["turnStarted", id], ["turnCompleted", id]]))
        yield* assertIdle
      })
  )

  from(promises.searchInThread, it.effect)("is searched, page by page", () =>
    Effect.gen(function*() {
      const { list } = yield* AppServer
      const { ids, thread } = yield* threadOfThree
      const found = yield* collect(
        list("thread/searchOccurrences", { threadId: thread.id, searchTerm: "two", limit: 1 })
      )
      assert.isNotEmpty(found)
      assert.deepStrictEqual(new Set(found.map(({ turnId }) => turnId)), new Set([ids[1] ?? ""]))
      yield* assertIdle
    }))
})
