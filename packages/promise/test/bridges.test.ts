import { Codex, ConnectionClosed, TurnInterrupted } from "@effect-codex/promise"
import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Sdk from "@effect-codex/sdk/Codex"
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { assert, describe, it } from "vitest"
import { collect, firstWords, rejection } from "./support/real.js"

const script = ({ userText }: { readonly userText: string }) =>
  userText === "slow" ? ScriptedModel.text(["one ", ScriptedModel.hang]) : ScriptedModel.text(`You said: ${userText}`)

/** A promise of both worlds, shown on a runtime with an app-server in memory, which holds nothing in the end. */
const promise = (
  name: string,
  body: (runtime: ManagedRuntime.ManagedRuntime<Sdk.Codex | AppServer, unknown>) => Promise<void>
) =>
  it(name, async () => {
    const runtime = ManagedRuntime.make(CodexTest.layerMemory({ script }))
    await body(runtime)
    const { pendingRequests, serverRequests, threads, turns } = await runtime.runPromise(
      Effect.flatMap(AppServer, ({ stats }) => stats)
    )
    assert.deepStrictEqual([pendingRequests, serverRequests, threads, turns], [0, 0, 0, 0])
    await runtime.dispose()
  })

describe("Codex.fromRuntime", () => {
  promise("is the Codex of an Effect program for its plain parts", async (runtime) => {
    const codex = await Codex.fromRuntime(runtime)
    const thread = await codex.startThread()
    assert.strictEqual((await thread.run("hello")).finalResponse, "You said: hello")
    const events = await collect(thread.stream("again"))
    assert.strictEqual(events.at(-1)?._tag, "TurnCompleted")
    await codex.close()
  })

  promise("takes a runtime that is there already", async (runtime) => {
    const codex = await Codex.fromRuntime(await runtime.runtime())
    const thread = await codex.startThread()
    assert.strictEqual((await thread.run("hello")).finalResponse, "You said: hello")
    await codex.close()
  })

  promise("closed, stops what was begun through it, and leaves the runtime to its owner", async (runtime) => {
    const codex = await Codex.fromRuntime(runtime)
    const threads = await Promise.all([codex.startThread(), codex.startThread(), codex.startThread()])
    const words = threads.map((thread) => firstWords(thread.events()))
    const turn = await threads[0].startTurn("slow")
    const ends = [turn.result(), threads[1].run("slow"), collect(threads[2].stream("slow"))].map(rejection)
    const events = rejection(collect(codex.events()))
    await Promise.all(words)
    await codex.close()
    for (const error of await Promise.all(ends)) {
      assert(error instanceof TurnInterrupted)
    }
    assert.instanceOf(await events, ConnectionClosed)
    assert.instanceOf(await rejection(codex.startThread()), ConnectionClosed)
    const { finalResponse } = await runtime.runPromise(Effect.gen(function*() {
      const service = yield* Sdk.Codex
      const thread = yield* service.startThread()
      return yield* thread.run("still there")
    }))
    assert.strictEqual(finalResponse, "You said: still there")
  })

  promise("leaves a turn that was detached to the runtime", async (runtime) => {
    const codex = await Codex.fromRuntime(runtime)
    const thread = await codex.startThread()
    const turn = await thread.startTurn("slow")
    turn.detach()
    const result = rejection(turn.result())
    await codex.close()
    assert.instanceOf(await result, ConnectionClosed)
    const other = await Codex.fromRuntime(runtime)
    await other.request("turn/interrupt", { threadId: thread.id, turnId: turn.id })
    await other.close()
  })

  promise("gives back everything that was left early", async (runtime) => {
    const codex = await Codex.fromRuntime(runtime)
    const thread = await codex.startThread()
    for (let round = 0; round < 4; round++) {
      const controller = new AbortController()
      const events = thread.stream("slow", { signal: controller.signal })
      await firstWords(events)
      if (round % 2 === 0) {
        await events.return()
      } else {
        controller.abort()
        await rejection(events.next())
      }
      await using turn = await thread.startTurn("slow")
      await firstWords(turn.events())
    }
    const { threads, turns } = await runtime.runPromise(Effect.flatMap(AppServer, ({ stats }) => stats))
    assert.deepStrictEqual([threads, turns], [0, 0])
    await codex.close()
  })
})

describe("Codex.toLayer", () => {
  promise("is the service of the SDK on a Codex of this package", async (runtime) => {
    const codex = await Codex.fromRuntime(runtime)
    const program = Effect.gen(function*() {
      const service = yield* Sdk.Codex
      const { info } = yield* AppServer
      const thread = yield* service.startThread()
      return { info, ...(yield* thread.run("hello")) }
    })
    const { finalResponse, info } = await Effect.runPromise(Effect.provide(program, Codex.toLayer(codex)))
    assert.strictEqual(finalResponse, "You said: hello")
    assert.strictEqual(info, codex.info)
    await codex.close()
  })
})
