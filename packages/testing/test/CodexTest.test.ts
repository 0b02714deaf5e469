// The examples of docs/testing.md.
import * as Approval from "@effect-codex/sdk/Approval"
import * as Codex from "@effect-codex/sdk/Codex"
import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Assertions from "../src/Assertions.js"
import * as CodexTest from "../src/CodexTest.js"
import * as MemoryTransport from "../src/MemoryTransport.js"
import * as ScriptedModel from "../src/ScriptedModel.js"

describe("the app-server in memory", () => {
  it.effect("takes three lines to run a turn", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const thread = yield* codex.startThread()
      assert.strictEqual((yield* thread.run("hi")).finalResponse, "You said: hi")
    }).pipe(Effect.provide(CodexTest.layerMemory())))

  const gate = Effect.unsafeMakeLatch()

  it.effect("holds a reply at a gate until what came was seen", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const thread = yield* codex.startThread()
      const events = yield* thread.stream("hi").pipe(
        Stream.tap((event) => event._tag === "ItemAgentMessageDelta" ? gate.open : Effect.void),
        Stream.runCollect
      )
      Assertions.events(events, [{ _tag: "ItemAgentMessageDelta", delta: "half " }, "TurnCompleted"])
    }).pipe(Effect.provide(CodexTest.layerMemory({ script: [ScriptedModel.text(["half ", gate.await, "done"])] }))))

  it.effect("asks what the test has it ask, and is answered by the handlers", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const server = yield* MemoryTransport.Server
      const thread = yield* codex.startThread()
      const turn = yield* thread.startTurn("hi")
      const answer = yield* server.ask("item/commandExecution/requestApproval", {
        threadId: thread.id,
        turnId: turn.id,
        itemId: "item-1",
        command: "ls",
        startedAtMs: 0
      })
      assert.deepStrictEqual(answer.result, { decision: "accept" })
    }).pipe(
      Effect.scoped,
      Effect.provide(
        CodexTest.layerMemory({ script: { hi: ScriptedModel.hang } }).pipe(
          Layer.provide(ServerRequests.layer({ commandApproval: () => Effect.succeed(Approval.accept) }))
        )
      )
    ))

  it.effect("ends in the middle of a turn, which fails with how it ended", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const server = yield* MemoryTransport.Server
      const thread = yield* codex.startThread()
      const waiting = yield* Effect.fork(Assertions.failsWith(thread.run("hi"), "ConnectionClosed"))
      yield* server.takeRequest("turn/start")
      yield* server.end({ reason: "Exited", exitCode: 1, signal: null, stderrTail: "", cause: undefined })
      assert.strictEqual((yield* Fiber.join(waiting)).exitCode, 1)
    }).pipe(Effect.provide(CodexTest.layerMemory({ script: { hi: ScriptedModel.hang } }))))
})
