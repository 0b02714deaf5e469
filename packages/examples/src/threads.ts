/** What can be done with threads beside giving them turns: most of it is a request of the server, or a list of it. */
import { AppServer, Codex } from "@effect-codex/sdk"
import { CodexTest } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const { list, request } = yield* AppServer.AppServer
  const thread = yield* codex.startThread()
  const threadId = thread.id
  yield* thread.run("What is a tide?")
  const second = yield* thread.run("And a spring tide?")

  // Its history, a page at a time as it is read, and back to before its second turn.
  yield* thread.items().pipe(
    Stream.runForEach(({ item }) => item.type === "agentMessage" ? Console.log(item.text) : Effect.void)
  )
  yield* request("thread/revert", { threadId, beforeTurnId: second.id })
  yield* Console.log(`turns left: ${yield* Stream.runCount(thread.turns())}`)

  // A section to find it by, and something attached to it.
  const { section } = yield* request("threadSection/create", { name: "The sea" })
  yield* request("thread/section/move", { threadId, sectionId: section.id })
  yield* request("thread/attachment/add", { threadId, attachmentType: "note", identityKey: "1", payload: "Ask again." })
  yield* codex.threads({ sectionId: section.id }).pipe(
    Stream.flatMap(({ id }) => list("thread/attachment/list", { threadId: id })),
    Stream.runForEach(({ payload }) => Console.log(`${section.name}: ${payload}`))
  )

  // A command of the user, of which the agent knows from then on.
  const { items } = yield* thread.shellCommand("echo low tide at six")
  yield* Effect.forEach(
    items,
    (item) => item.type === "commandExecution" ? Console.log(item.aggregatedOutput?.trimEnd()) : Effect.void
  )
  yield* request("thread/delete", { threadId })
})

// Without a script it would be `NodeCodex.layer()`.
program.pipe(Effect.provide(CodexTest.layer()), NodeRuntime.runMain)
