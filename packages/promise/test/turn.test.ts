import { TurnInterrupted, TurnNotActive } from "@effect-codex/promise"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, describe } from "vitest"
import { collect, firstWords, rejection, slowOrEcho, withCodex } from "./support/real.js"

describe("thread.startTurn", () => {
  withCodex("gives a turn that is read in several ways, each from its beginning", slowOrEcho, async (codex) => {
    const thread = await codex.startThread()
    await using turn = await thread.startTurn("hello there")
    const [events, words, items, result] = await Promise.all([
      collect(turn.events()),
      collect(turn.textDeltas()),
      collect(turn.items()),
      turn.result()
    ])
    assert.strictEqual(events.at(-1)?._tag, "TurnCompleted")
    assert.strictEqual(words.join(""), "You said: hello there")
    assert.deepStrictEqual(items, result.items)
    assert.deepStrictEqual([result.id, result.threadId], [turn.id, turn.threadId])
  })

  const script = (request: ScriptedModel.ModelRequest) =>
    request.index === 0 ? ScriptedModel.text(["one ", ScriptedModel.hang]) : ScriptedModel.echo(request)

  withCodex("can be steered while it runs, and not afterwards", script, async (codex) => {
    const thread = await codex.startThread()
    await using turn = await thread.startTurn("slow")
    await firstWords(turn.events())
    await turn.steer("hello")
    assert.strictEqual((await turn.result()).finalResponse, "You said: hello")
    const error = await rejection(turn.steer("too late"))
    assert(error instanceof TurnNotActive)
    assert.strictEqual(error.turnId, turn.id)
    assert.strictEqual(error.cause.method, "turn/steer")
  })

  withCodex("can be interrupted, which reports how it ended and is no failure", slowOrEcho, async (codex) => {
    const thread = await codex.startThread()
    await using turn = await thread.startTurn("slow")
    await firstWords(turn.events())
    const result = rejection(turn.result())
    const ended = await turn.interrupt()
    assert.deepInclude(ended, { id: turn.id, status: "interrupted" })
    const error = await result
    assert(error instanceof TurnInterrupted)
    assert.isUndefined(error.cause)
  })

  withCodex(
    "is stopped by leaving its await using, while leaving a reader only stops the reading",
    slowOrEcho,
    async (codex) => {
      const thread = await codex.startThread()
      const statuses: Array<string> = []
      {
        await using turn = await thread.startTurn("slow")
        for await (const event of turn.events()) {
          if (event._tag === "ItemAgentMessageDelta") {
            break
          }
        }
        statuses.push((await thread.read()).status.type)
      }
      statuses.push((await thread.read()).status.type)
      assert.deepStrictEqual(statuses, ["active", "idle"])
    }
  )

  withCodex("is stopped by the signal that it was started with", slowOrEcho, async (codex) => {
    const thread = await codex.startThread()
    const controller = new AbortController()
    const turn = await thread.startTurn("slow", { signal: controller.signal })
    await firstWords(turn.events())
    const readers = [turn.result(), collect(turn.textDeltas())].map(rejection)
    controller.abort("enough")
    for (const error of await Promise.all(readers)) {
      assert(error instanceof TurnInterrupted)
      assert.strictEqual(error.cause, "enough")
      assert.strictEqual(error.partial.status, "interrupted")
    }
  })

  withCodex("goes on when it is detached", slowOrEcho, async (codex) => {
    const thread = await codex.startThread()
    const controller = new AbortController()
    {
      await using turn = await thread.startTurn("slow", { signal: controller.signal })
      await firstWords(turn.events())
      turn.detach()
      controller.abort()
    }
    assert.strictEqual((await thread.read()).status.type, "active")
  })
})
