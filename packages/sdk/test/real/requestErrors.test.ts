import { COMPARED_VERSIONS } from "@effect-codex/protocol/ProtocolVersion"
import { AppServer, type ExperimentalApi } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import type { RequestError } from "@effect-codex/sdk/CodexError"
import * as Review from "@effect-codex/sdk/Review"
import type { StartTurnError } from "@effect-codex/sdk/Thread"
import type { TurnStreamError } from "@effect-codex/sdk/Turn"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { assertIdle, codexTest, codexTestExperimental, home, startCodex } from "./harness.js"

const unknown = "01a1f897-0000-7000-8000-000000000000"

const started = Effect.flatMap(Codex.Codex, (codex) => codex.startThread())

const serverVersion = Effect.map(AppServer, ({ info }) => /\/(\S+)/.exec(info.userAgent)?.[1] ?? "")

const script: ScriptedModel.Script = (request) =>
  request.userText.startsWith("hang") ? ScriptedModel.hang : ScriptedModel.echo(request)

layer(codexTestExperimental({ script }), { excludeTestServices: true })("what is asked of a thread", (it) => {
  for (const [kind, threadId] of [["not there", unknown], ["not a thread's id", "no-thread"]] as const) {
    it.effect(`that is ${kind} fails with ThreadNotFound`, () =>
      Effect.gen(function*() {
        const codex = yield* Codex.Codex
        const thread = codex.thread(threadId)
        const asked: ReadonlyArray<Effect.Effect<unknown, StartTurnError | TurnStreamError>> = [
          codex.resumeThread(threadId),
          codex.forkThread(threadId),
          thread.read(),
          thread.setName("name"),
          thread.archive,
          thread.unarchive,
          thread.compact,
          thread.review(Review.uncommittedChanges),
          thread.run("hello"),
          Effect.scoped(thread.startTurn("hello")),
          Stream.runDrain(thread.stream("hello")),
          Stream.runDrain(thread.turns())
        ]
        for (const ask of asked) {
          const error = yield* Effect.flip(ask)
          assert(error._tag === "ThreadNotFound", String(error))
          assert.strictEqual(error.threadId, threadId)
          assert.strictEqual(error.cause._tag, "RequestFailed")
        }
        yield* assertIdle
      }))
  }

  it.effect("that is archived fails with ThreadArchived, until it is taken out", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const thread = yield* started
      yield* thread.run("hello")
      yield* thread.archive
      // 0.130 opens an archived thread as if it were none.
      if ((yield* serverVersion) !== "0.130.0") {
        for (const open of [codex.resumeThread, codex.forkThread]) {
          const error = yield* Effect.flip(open(thread.id))
          assert(error._tag === "ThreadArchived", String(error))
          assert.strictEqual(error.threadId, thread.id)
        }
        assert.strictEqual((yield* Effect.flip(thread.run("hello")))._tag, "ThreadNotFound")
      }
      yield* thread.unarchive
      assert.strictEqual((yield* Effect.flip(thread.unarchive))._tag, "ThreadNotFound")
      const resumed = yield* codex.resumeThread(thread.id)
      assert.strictEqual((yield* resumed.run("again")).finalResponse, "You said: again")
      yield* assertIdle
    }))
})

layer(codexTest({ script }), { excludeTestServices: true })("steering", (it) => {
  it.effect("a turn that has ended is TurnNotActive, with the turn that is active", () =>
    Effect.gen(function*() {
      const thread = yield* started
      const ended = yield* thread.startTurn("hello")
      yield* ended.result
      const none = yield* Effect.flip(ended.steer("more"))
      assert(none._tag === "TurnNotActive", String(none))
      assert.deepInclude(none, { threadId: thread.id, turnId: ended.id, activeTurnId: null })
      const active = yield* thread.startTurn("hang")
      yield* active.events.pipe(Stream.takeUntil(({ _tag }) => _tag === "TurnStarted"), Stream.runDrain)
      const other = yield* Effect.flip(ended.steer("more"))
      assert(other._tag === "TurnNotActive", String(other))
      assert.deepInclude(other, { threadId: thread.id, turnId: ended.id, activeTurnId: active.id })
      yield* active.interrupt
    }).pipe(Effect.scoped))

  it.effect("a turn of a thread that is not loaded any more is TurnNotActive", () =>
    Effect.gen(function*() {
      const thread = yield* started
      const ended = yield* thread.startTurn("hello")
      yield* ended.result
      yield* thread.archive
      const error = yield* Effect.flip(ended.steer("more"))
      assert(error._tag === "TurnNotActive", String(error))
      assert.isNull(error.activeTurnId)
    }).pipe(Effect.scoped))

  it.effect("a review is TurnNotSteerable, and so is joining it", () =>
    Effect.gen(function*() {
      const thread = yield* started
      const review = yield* thread.startReview(Review.custom("hang"))
      yield* review.events.pipe(
        Stream.takeUntil((event) => event._tag === "ItemStarted" && event.item.type === "enteredReviewMode"),
        Stream.runDrain
      )
      const steered = yield* Effect.flip(review.steer("more"))
      assert(steered._tag === "TurnNotSteerable", String(steered))
      assert.deepInclude(steered, { threadId: thread.id, turnId: review.id, turnKind: "review" })
      const joined = yield* Effect.flip(thread.run("more", { whenActive: "join" }))
      assert(joined._tag === "TurnNotSteerable", String(joined))
      yield* review.interrupt
    }).pipe(Effect.scoped))
})

layer(codexTest(), { excludeTestServices: true })("without the experimental API", (it) => {
  it.effect("what an older server still holds for experimental is ExperimentalApiRequired", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const isOlder = COMPARED_VERSIONS.indexOf(yield* serverVersion) < COMPARED_VERSIONS.indexOf("0.160.1")
      const error = yield* Effect.flip(Stream.runDrain(codex.thread(unknown).turns()))
      assert.strictEqual(error._tag, isOlder ? "ExperimentalApiRequired" : "ThreadNotFound")
    }))
})

layer(home(script), { excludeTestServices: true })("a thread that is stored and not loaded", (it) => {
  it.effect("takes no turn, which is ThreadNotFound, until it is resumed", () =>
    Effect.gen(function*() {
      const id = yield* startCodex().pipe(
        Effect.flatMap((codex) => codex.startThread()),
        Effect.tap((thread) => thread.run("hello")),
        Effect.map((thread) => thread.id),
        Effect.scoped
      )
      const codex = yield* startCodex()
      assert.strictEqual((yield* Effect.flip(codex.thread(id).run("again")))._tag, "ThreadNotFound")
      yield* codex.resumeThread(id)
      assert.strictEqual((yield* codex.thread(id).run("again")).finalResponse, "You said: again")
    }).pipe(Effect.scoped))
})

layer(codexTestExperimental(), { excludeTestServices: true })("a method", (it) => {
  it.effect("that came after the connected version is UnsupportedByServer, with the version it came with", () =>
    Effect.gen(function*() {
      const { request } = yield* AppServer
      const version = yield* serverVersion
      const known = COMPARED_VERSIONS.indexOf(version)
      assert.isAtLeast(known, 0, version)
      const asked: { readonly [since: string]: Effect.Effect<unknown, RequestError, ExperimentalApi> } = {
        "0.142.5": request("thread/delete", { threadId: unknown }),
        "0.150.0": request("thread/revert", { threadId: unknown, beforeTurnId: unknown }),
        "0.160.1": request("thread/items/list", { threadId: unknown }),
        "0.169.0": request("thread/memory/read", { threadId: unknown })
      }
      for (const [since, ask] of Object.entries(asked)) {
        const error = yield* Effect.flip(ask)
        if (COMPARED_VERSIONS.indexOf(since) <= known) {
          assert.strictEqual(error._tag, "RequestFailed", since)
        } else {
          assert(error._tag === "UnsupportedByServer", since)
          assert.deepInclude(error, { since, serverVersion: version })
        }
      }
    }))
})
