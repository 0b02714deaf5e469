import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import * as Transport from "@effect-codex/sdk/Transport"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Stream from "effect/Stream"
import * as CodexTest from "../src/CodexTest.js"
import * as Faults from "../src/Faults.js"
import * as ScriptedModel from "../src/ScriptedModel.js"

const onCodex = (script: ScriptedModel.Script, ...faults: ReadonlyArray<Faults.Fault>) =>
  // Noise is logged.
  Effect.provide(Layer.provideMerge(CodexTest.layer({ script, faults }), Logger.minimumLogLevel(LogLevel.None)))

const actions = Effect.map(
  Effect.flatMap(Faults.Log, ({ strikes }) => strikes),
  (strikes) => new Set(strikes.map(({ action }) => action))
)

const delta = Faults.method("item/agentMessage/delta")

describe("the real app-server behind faults", () => {
  it.live("runs a turn through noise, duplicates and delays", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const thread = yield* codex.startThread()
      const deltas = yield* thread.stream("hi").pipe(
        Stream.filter((event) => event._tag === "ItemAgentMessageDelta"),
        Stream.map(({ delta }) => delta),
        Stream.mkString
      )
      assert.strictEqual(deltas, "HelHello.")
      assert.strictEqual((yield* thread.run("again")).finalResponse, "Again.")
      const { stats } = yield* AppServer
      assert.isAbove((yield* stats).noise, 10)
      assert.deepStrictEqual(yield* actions, new Set(["Noise", "Duplicate", "Delay"] as const))
    }).pipe(
      onCodex(
        [ScriptedModel.text(["Hel", "lo."]), ScriptedModel.text("Again.")],
        Faults.incoming(Faults.every(2), Faults.noise()),
        Faults.incoming(Faults.when(Faults.method("turn/completed")), Faults.duplicate),
        Faults.incoming(Faults.at(1, delta), Faults.duplicate),
        Faults.incoming(Faults.every(7), Faults.delay("20 millis")),
        Faults.outgoing(Faults.every(1), Faults.noise()),
        Faults.outgoing(Faults.every(1), Faults.noise("{}")),
        Faults.outgoing(Faults.every(2), Faults.delay("20 millis"))
      )
    ))

  it.live("ends a turn that is cut in its middle with ConnectionClosed", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const thread = yield* codex.startThread()
      const error = yield* Effect.flip(thread.run("hi"))
      assert(error._tag === "ConnectionClosed")
      assert.deepStrictEqual([error.reason, error.signal], ["Exited", "SIGKILL"])
      const { pendingRequests, turns } = yield* Effect.flatMap(AppServer, ({ stats }) => stats)
      assert.deepStrictEqual([pendingRequests, turns], [0, 0])
    }).pipe(
      onCodex(
        [ScriptedModel.text(["so ", "far", ScriptedModel.hang])],
        Faults.incoming(Faults.at(2, delta), Faults.cut(Transport.end("Exited", { signal: "SIGKILL" })))
      )
    ))

  it.live("takes no notice of a line that is cut, and answers a request twice that comes twice", () =>
    Effect.gen(function*() {
      const appServer = yield* AppServer
      const list = appServer.request("thread/loaded/list", {}, { timeout: "100 millis" })
      assert.strictEqual((yield* Effect.flip(list))._tag, "RequestTimeout")
      assert.deepStrictEqual((yield* appServer.request("thread/loaded/list", {})).data, [])
      // Answered after the second answer to the one before.
      yield* appServer.request("thread/loaded/list", {})
      assert.strictEqual((yield* appServer.stats).lateAnswers, 1)
    }).pipe(
      onCodex(
        [],
        Faults.outgoing(Faults.at(1, Faults.method("thread/loaded/list")), Faults.truncate),
        Faults.outgoing(Faults.at(2, Faults.method("thread/loaded/list")), Faults.duplicate)
      )
    ))

  it.live("runs many turns at once whose frames overtake each other", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const texts = Array.from({ length: 8 }, (_, i) => `number ${i}`)
      const results = yield* Effect.forEach(
        texts,
        (text) => Effect.flatMap(codex.startThread(), (thread) => thread.run(text)),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(
        results.map(({ finalResponse }) => finalResponse),
        texts.map((text) => `You said: ${text}`)
      )
      assert.deepStrictEqual(yield* actions, new Set(["Reorder"] as const))
    }).pipe(
      onCodex(
        ScriptedModel.echo,
        Faults.incoming(Faults.seeded(1, 0.2), Faults.reorder({ behind: 5 })),
        Faults.outgoing(Faults.seeded(2, 0.2), Faults.reorder())
      )
    ))

  it.live("stops a turn whose interruption is never answered", () =>
    Effect.gen(function*() {
      const codex = yield* Codex.Codex
      const thread = yield* codex.startThread()
      const underWay = yield* Deferred.make<void>()
      yield* thread.stream("hi").pipe(
        Stream.tap((event) =>
          event._tag === "ItemAgentMessageDelta" ? Deferred.succeed(underWay, undefined) : Effect.void
        ),
        Stream.runDrain,
        Effect.raceFirst(Deferred.await(underWay))
      )
      assert.deepStrictEqual(yield* actions, new Set(["StopAnswering"] as const))
    }).pipe(
      onCodex(
        [ScriptedModel.text(["so far", ScriptedModel.hang])],
        Faults.outgoing(Faults.at(1, Faults.method("turn/interrupt")), Faults.stopAnswering)
      )
    ))
})
