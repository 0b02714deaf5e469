import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import * as Thread from "@effect-codex/sdk/Thread"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { assertIdle, codexTest, home, startCodex, statusesOf } from "./harness.js"
import { from, promises } from "./releases.js"

const idsOf = (threads: Stream.Stream<{ readonly id: string }, unknown>) =>
  Effect.map(Stream.runCollect(threads), (all) => Array.from(all, ({ id }) => id))

const inputOf = (userText: string) =>
  Effect.gen(function*() {
    const model = yield* ScriptedModel.ScriptedModel
    const request = yield* model.awaitRequest((request) => request.userText === userText)
    return JSON.stringify(request.input)
  })

layer(home(ScriptedModel.echo), { excludeTestServices: true })("a thread outlives its process", (it) => {
  it.effect("resumed, it goes on with its history", () =>
    Effect.gen(function*() {
      const id = yield* Effect.scoped(Effect.gen(function*() {
        const codex = yield* startCodex()
        const thread = yield* codex.startThread()
        yield* thread.run("remember the word fish")
        return thread.id
      }))
      yield* Effect.scoped(Effect.gen(function*() {
        const codex = yield* startCodex()
        assert.include(yield* idsOf(codex.threads()), id)
        const thread = yield* codex.resumeThread(id)
        assert.strictEqual(thread.id, id)
        assert.strictEqual(thread.info.thread.id, id)
        assert.strictEqual((yield* thread.run("which word?")).finalResponse, "You said: which word?")
        const input = yield* inputOf("which word?")
        assert.include(input, "remember the word fish")
        assert.include(input, "You said: remember the word fish")
        assert.deepStrictEqual(yield* statusesOf(thread), ["completed", "completed"])
      }))
    }))
})

layer(codexTest(), { excludeTestServices: true })("threads", (it) => {
  const startThread = Effect.flatMap(Codex.Codex, (codex) => codex.startThread())

  from(promises.pagesOfThreads, it.effect)("are listed page by page, each once", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const { request } = yield* AppServer
      const started = yield* Effect.forEach(["one", "two", "three"], (text) =>
        Effect.tap(startThread, (thread) => thread.run(text)))
      const ids = started.map(({ id }) =>
        id
      )
      const page = yield* request("thread/list", { limit: 1 })
      assert.lengthOf(page.data, 1)
      assert.isString(page.nextCursor)
      assert.sameMembers(yield* idsOf(codex.threads({ limit: 1 })), ids)
      assert.sameMembers(yield* idsOf(codex.threads()), ids)
      const newest = yield* idsOf(codex.threads({ limit: 1 }).pipe(Stream.take(1)))
      assert.lengthOf(newest, 1)
      yield* assertIdle
    }))

  it.effect("can be forked, and each goes on with the shared history on its own", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const source = yield* startThread
      yield* source.run("before the fork")
      const fork = yield* codex.forkThread(source.id)
      assert.notStrictEqual(fork.id, source.id)
      yield* source.run("on the source")
      yield* fork.run("on the fork")
      const input = yield* inputOf("on the fork")
      assert.include(input, "before the fork")
      assert.notInclude(input, "on the source")
      assert.lengthOf(yield* statusesOf(source), 2)
      assert.lengthOf(yield* statusesOf(fork), 2)
      yield* assertIdle
    }))

  it.effect("have a name, and tell of it", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      yield* thread.run("hello")
      const named = yield* thread.events.pipe(
        Stream.filter((event) => event._tag === "ThreadNameUpdated"),
        Stream.runHead,
        Effect.fork
      )
      yield* Effect.yieldNow()
      yield* thread.setName("the fish")
      assert.isTrue((yield* named)._tag === "Some")
      assert.strictEqual((yield* thread.read()).name, "the fish")
      yield* assertIdle
    }))

  it.effect("are not listed while they are archived, and take turns again after", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const thread = yield* startThread
      yield* thread.run("hello")
      yield* thread.archive
      assert.notInclude(yield* idsOf(codex.threads()), thread.id)
      assert.include(yield* idsOf(codex.threads({ archived: true })), thread.id)
      assert.strictEqual((yield* thread.unarchive).id, thread.id)
      assert.include(yield* idsOf(codex.threads()), thread.id)
      const resumed = yield* codex.resumeThread(thread.id)
      assert.strictEqual((yield* resumed.run("again")).finalResponse, "You said: again")
      yield* assertIdle
    }))

  it.effect("are read with their turns only where that is asked for", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      const { id } = yield* thread.run("hello")
      assert.deepStrictEqual((yield* thread.read()).turns, [])
      const [turn] = (yield* thread.read({ includeTurns: true })).turns
      assert.strictEqual(turn?.id, id)
      assert.deepStrictEqual(turn?.items.map(({ type }) => type), ["userMessage", "agentMessage"])
    }))

  it.effect("are unsubscribed from when their scope closes", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const { request } = yield* AppServer
      const unsubscribe = (threadId: string) =>
        Effect.map(request("thread/unsubscribe", { threadId }), ({ status }) => status)
      const open = yield* startThread
      const id = yield* Effect.scoped(Effect.gen(function*() {
        const thread = yield* codex.startThread().pipe(Thread.scoped)
        yield* thread.run("hello")
        return thread.id
      }))
      assert.strictEqual(yield* unsubscribe(open.id), "unsubscribed")
      assert.notStrictEqual(yield* unsubscribe(id), "unsubscribed")
      yield* assertIdle
    }))

  it.effect("that were unsubscribed from take a next turn, resumed by it", () =>
    Effect.gen(function*() {
      const thread = yield* startThread
      yield* thread.run("one")
      yield* thread.unsubscribe
      assert.strictEqual((yield* thread.run("two")).finalResponse, "You said: two")
      const running = yield* Effect.fork(thread.run("three"))
      yield* Effect.yieldNow()
      yield* thread.unsubscribe
      const exit = yield* Fiber.await(running)
      assert.isTrue(Exit.isSuccess(exit) || (exit.cause._tag === "Fail" && exit.cause.error._tag === "TurnInterrupted"))
      assert.strictEqual((yield* thread.run("four")).finalResponse, "You said: four")
      yield* assertIdle
    }))

  it.effect("have models to use, listed page by page", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const all = yield* idsOf(codex.models())
      assert.isNotEmpty(all)
      assert.deepStrictEqual(yield* idsOf(codex.models({ limit: 1 })), all)
      assert.strictEqual(Chunk.size(yield* Stream.runCollect(codex.models({ limit: 1 }).pipe(Stream.take(1)))), 1)
    }))
})
