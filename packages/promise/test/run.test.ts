import { Aborted, LimitExceeded, TurnFailed, TurnInterrupted } from "@effect-codex/promise"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, describe } from "vitest"
import { collect, firstWords, rejection, slowOrEcho, withCodex } from "./support/real.js"

describe("thread.run", () => {
  withCodex(
    "resolves to the turn's result, and a later one goes on with the conversation",
    slowOrEcho,
    async (codex, world) => {
      const thread = await codex.startThread({ sandbox: "read-only" })
      assert.strictEqual(thread.info.thread.id, thread.id)
      const { finalResponse, items, status, turnUsage } = await thread.run("hello")
      assert.deepStrictEqual([finalResponse, status], ["You said: hello", "completed"])
      assert.deepStrictEqual(items.map(({ type }) => type), ["userMessage", "agentMessage"])
      assert.strictEqual(turnUsage?.totalTokens, 15)
      await thread.run("again")
      assert.include(JSON.stringify((await world.requests())[1]?.input), "You said: hello")
    }
  )

  withCodex("runs many turns of many threads at once, each with its own answer", slowOrEcho, async (codex) => {
    const names = ["one", "two", "three", "four", "five"]
    const answers = await Promise.all(names.map(async (name) => {
      const thread = await codex.startThread()
      return (await thread.run(name)).finalResponse
    }))
    assert.deepStrictEqual(answers, names.map((name) => `You said: ${name}`))
  })

  withCodex("is stopped on the server by its signal, and rejects with what there was", slowOrEcho, async (codex) => {
    const thread = await codex.startThread()
    const controller = new AbortController()
    const words = firstWords(thread.events())
    const running = rejection(thread.run("slow", { signal: controller.signal }))
    await words
    const reason = new Error("no longer needed")
    controller.abort(reason)
    const error = await running
    assert(error instanceof TurnInterrupted)
    assert.strictEqual(error.cause, reason)
    assert.deepInclude(error.partial, { status: "interrupted", finalResponse: null })
    assert.deepInclude(error.partial.unfinished[0], { type: "agentMessage", text: "one two " })
    const [turn] = await collect(thread.turns())
    assert.deepInclude(turn, { id: error.turnId, status: "interrupted" })
    // The thread is free at once.
    assert.strictEqual((await thread.run("hello")).finalResponse, "You said: hello")
  })

  withCodex("starts nothing with a signal that is aborted already", slowOrEcho, async (codex, world) => {
    const thread = await codex.startThread()
    const signal = AbortSignal.abort("never mind")
    for (
      const call of [
        thread.run("a", { signal }),
        thread.runAs({ "~standard": { version: 1, vendor: "none", validate: () => ({ issues: [] }) } }, "b", {
          signal
        }),
        thread.stream("c", { signal }).next(),
        thread.startTurn("d", { signal }),
        codex.startThread({ signal })
      ]
    ) {
      const error = await rejection(call)
      assert(error instanceof Aborted)
      assert.strictEqual(error.cause, "never mind")
    }
    assert.deepStrictEqual(await world.asked(), [])
  })

  withCodex(
    "starts nothing when it is aborted while it waits for the active turn",
    slowOrEcho,
    async (codex, world) => {
      const thread = await codex.startThread()
      const words = firstWords(thread.events())
      await using turn = await thread.startTurn("slow")
      await words
      const controller = new AbortController()
      const waiting = rejection(thread.run("hello", { signal: controller.signal }))
      controller.abort()
      assert.instanceOf(await waiting, Aborted)
      assert.strictEqual((await turn.interrupt()).status, "interrupted")
      assert.deepStrictEqual(await world.asked(), ["slow"])
    }
  )

  withCodex("stops only waiting where the turn that it joined belongs to somebody else", slowOrEcho, async (codex) => {
    const thread = await codex.startThread()
    const words = firstWords(thread.events())
    await using turn = await thread.startTurn("slow")
    await words
    const controller = new AbortController()
    await using joined = await thread.startTurn("and this", { whenActive: "join", signal: controller.signal })
    assert.deepStrictEqual([joined.joined, joined.id], [true, turn.id])
    controller.abort()
    const { status } = await thread.read({ includeTurns: true })
    assert.strictEqual(status.type, "active")
  })

  withCodex(
    "rejects with what the server said of a turn that failed",
    [ScriptedModel.fail({ message: "too hard" })],
    async (codex) => {
      const thread = await codex.startThread()
      const error = await rejection(thread.run("hello"))
      assert(error instanceof TurnFailed)
      assert.include(error.error.message, "too hard")
      assert.deepInclude(error.partial, { status: "failed", threadId: thread.id, id: error.turnId })
    }
  )

  withCodex("holds a turn to its limits, in numbers", slowOrEcho, async (codex) => {
    const thread = await codex.startThread()
    const error = await rejection(thread.run("slow", { maxDurationMs: 50 }))
    assert(error instanceof LimitExceeded)
    assert.deepStrictEqual([error.limit, error.allowed, error.partial.status], ["maxDurationMs", 50, "interrupted"])
    assert.include(error.message, "`maxDurationMs` of 50ms")
  })
})
