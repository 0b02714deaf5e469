import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { assertIdle, codexTest, codexTestExperimental } from "./harness.js"
import { hear } from "./hear.js"
import { from, promises } from "./releases.js"

const collect = <A, E, R>(stream: Stream.Stream<A, E, R>) =>
  Effect.map(Stream.runCollect(stream), (all) => Array.from(all))

/** A thread that the server has stored. */
const storedThread = Effect.flatMap(
  Codex.Codex,
  (codex) => Effect.tap(codex.startThread(), (thread) => thread.run("hello"))
)

layer(codexTest(), { excludeTestServices: true })("what is kept beside a thread", (it) => {
  from(promises.sections, it.effect)(
    "sections are made, filled, renamed and removed, and the thread tells that it was moved",
    () =>
      Effect.gen(function*() {
        const { list, request } = yield* AppServer
        const codex = yield* Codex.Codex
        const thread = yield* storedThread
        const other = yield* storedThread
        const { section: { id: sectionId } } = yield* request("threadSection/create", { name: "Work" })
        const move = request("thread/section/move", { threadId: thread.id, sectionId })
        const [, moved] = yield* hear(thread, "ThreadSectionChanged", move)
        assert.strictEqual(moved.sectionId, sectionId)
        const idsIn = Effect.map(collect(codex.threads({ sectionId })), (threads) => threads.map(({ id }) => id))
        assert.deepStrictEqual(yield* idsIn, [thread.id])
        yield* request("thread/section/move", { threadId: other.id, sectionId, beforeThreadId: thread.id })
        assert.sameMembers(yield* idsIn, [thread.id, other.id])
        yield* request("threadSection/update", { sectionId, name: "Play" })
        const names = Effect.map(collect(list("threadSection/list")), (sections) => sections.map(({ name }) => name))
        assert.include(yield* names, "Play")
        yield* request("threadSection/delete", { sectionId })
        assert.notInclude(yield* names, "Play")
        assert.isTrue(((yield* thread.read()).section ?? null) === null)
        yield* assertIdle
      })
  )

  it.effect("metadata is changed member by member", () =>
    Effect.gen(function*() {
      const { request } = yield* AppServer
      const { id: threadId } = yield* storedThread
      yield* request("thread/metadata/update", { threadId, gitInfo: { branch: "main", sha: "abc" } })
      const { thread } = yield* request("thread/metadata/update", { threadId, gitInfo: { branch: "topic" } })
      assert.deepInclude(thread.gitInfo, { branch: "topic", sha: "abc" })
      yield* assertIdle
    }))

  from(promises.attachments, it.effect)(
    "attachments are added once, found from both sides, and removed, and the thread tells of it",
    () =>
      Effect.gen(function*() {
        const { list, request } = yield* AppServer
        const thread = yield* storedThread
        const attachment = { attachmentType: "pull-request", identityKey: "42" }
        const add = request("thread/attachment/add", { ...attachment, threadId: thread.id, payload: { title: "Fish" } })
        const [added, created] = yield* hear(thread, "ThreadAttachmentUpdated", add)
        assert.strictEqual(added.outcome, "created")
        assert.deepInclude(created, { ...attachment, operation: "created", attachmentId: added.attachment.id })
        assert.notStrictEqual((yield* add).outcome, "created")
        const attachments = collect(list("thread/attachment/list", { threadId: thread.id }))
        assert.deepStrictEqual((yield* attachments).map(({ payload }) => payload), [{ title: "Fish" }])
        const owners = yield* collect(list("thread/attachmentOwner/list", attachment))
        assert.deepStrictEqual(owners.map(({ threadId }) => threadId), [thread.id])
        const remove = request("thread/attachment/remove", { ...attachment, threadId: thread.id })
        const [, deleted] = yield* hear(thread, "ThreadAttachmentUpdated", remove)
        assert.strictEqual(deleted.operation, "deleted")
        assert.deepStrictEqual(yield* attachments, [])
        yield* assertIdle
      })
  )
})

layer(codexTestExperimental(), { excludeTestServices: true })("what a thread is set to", (it) => {
  from(promises.settings, it.effect)(
    "settings hold for the turns that follow, and the thread tells of them",
    () =>
      Effect.gen(function*() {
        const { request } = yield* AppServer
        const model = yield* ScriptedModel.ScriptedModel
        const thread = yield* storedThread
        const update = request("thread/settings/update", { threadId: thread.id, model: "another-model", effort: "low" })
        const [, { threadSettings }] = yield* hear(thread, "ThreadSettingsUpdated", update)
        assert.deepInclude(threadSettings, { model: "another-model", effort: "low" })
        yield* thread.run("with other settings")
        const asked = yield* model.awaitRequest(({ userText }) => userText === "with other settings")
        assert.strictEqual(asked.model, "another-model")
        yield* assertIdle
      })
  )

  from(promises.memory, it.effect)(
    "the memory mode can be set, and what is remembered read and forgotten",
    () =>
      Effect.gen(function*() {
        const { request } = yield* AppServer
        const { id: threadId } = yield* storedThread
        yield* request("thread/memoryMode/set", { threadId, mode: "disabled" })
        yield* request("thread/memoryMode/set", { threadId, mode: "enabled" })
        assert.isNull((yield* request("thread/memory/read", { threadId })).summary ?? null)
        assert.strictEqual((yield* request("memory/status", {})).v2ConsolidatedThreads, 0)
        yield* request("memory/reset")
        yield* assertIdle
      })
  )
})
