import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import * as Input from "@effect-codex/sdk/Input"
import type { Thread } from "@effect-codex/sdk/Thread"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { assertIdle, codexTestExperimental } from "./harness.js"
import { hear } from "./hear.js"
import { from, promises } from "./releases.js"

const script = (request: ScriptedModel.ModelRequest) =>
  request.userText === "hang" ? ScriptedModel.hang : ScriptedModel.echo(request)

const add = (thread: Thread, text: string) =>
  Effect.flatMap(AppServer, ({ request }) =>
    Effect.map(
      request("thread/queue/add", { threadId: thread.id, clientUserMessageId: text, input: Input.toParts(text) }),
      ({ queuedSubmission: { id } }) => id
    ))

const queueOf = (thread: Thread) =>
  Effect.flatMap(AppServer, ({ list }) =>
    list("thread/queue/list", { threadId: thread.id, limit: 1 }).pipe(
      Stream.map(({ input }) => input.map((part) => part.type === "text" ? part.text : part.type).join()),
      Stream.runCollect,
      Effect.map((all) => Array.from(all))
    ))

layer(codexTestExperimental({ script }), { excludeTestServices: true })("the queue of a thread", (it) => {
  const startThread = Effect.flatMap(Codex.Codex, (codex) => codex.startThread())

  from(promises.queue, it.effect)(
    "holds input for after the active turn, in an order that can be changed, and tells of it",
    () =>
      Effect.gen(function*() {
        const { request } = yield* AppServer
        const model = yield* ScriptedModel.ScriptedModel
        const thread = yield* startThread
        const running = yield* Effect.fork(thread.run("hang"))
        yield* model.awaitRequest(({ threadId, userText }) => userText === "hang" && threadId === thread.id)
        const [one, { threadId }] = yield* hear(thread, "ThreadQueueChanged", add(thread, "one"))
        assert.strictEqual(threadId, thread.id)
        const two = yield* add(thread, "two")
        const three = yield* add(thread, "three")
        yield* request("thread/queue/reorder", { threadId, queuedSubmissionIds: [three, two, one] })
        yield* request("thread/queue/update", {
          threadId,
          queuedSubmissionId: two,
          input: Input.toParts("another two")
        })
        assert.isTrue((yield* request("thread/queue/delete", { threadId, queuedSubmissionId: one })).deleted)
        assert.deepStrictEqual(yield* queueOf(thread), ["three", "another two"])
        yield* Fiber.interrupt(running)
        yield* assertIdle
      })
  )

  from(promises.queueTaken, it.effect)(
    "is taken turn by turn once the thread is idle, and seen in the thread's events",
    () =>
      Effect.gen(function*() {
        const thread = yield* startThread
        const ended = yield* thread.events.pipe(
          Stream.filter(({ _tag }) => _tag === "TurnCompleted"),
          Stream.take(2),
          Stream.runDrain,
          Effect.fork
        )
        yield* Effect.yieldNow()
        yield* add(thread, "one")
        yield* add(thread, "two")
        yield* Fiber.join(ended)
        assert.deepStrictEqual(yield* queueOf(thread), [])
        const items = Array.from(yield* Stream.runCollect(thread.items()), ({ item }) => item)
        assert.deepStrictEqual(items.flatMap((item) => item.type === "agentMessage" ? [item.text] : []), [
          "You said: one",
          "You said: two"
        ])
        yield* assertIdle
      })
  )
})
