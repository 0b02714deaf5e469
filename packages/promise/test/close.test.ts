import { Codex, ConnectionClosed, TurnInterrupted } from "@effect-codex/promise"
import { assert, describe } from "vitest"
import { collect, firstWords, rejection, slowOrEcho, withModel } from "./support/real.js"

describe("codex.close", () => {
  withModel(
    "interrupts what runs, leaves no process, and can be called again and at once",
    slowOrEcho,
    async (world) => {
      const codex = await Codex.start(world.options)
      const [one, two, three] = await Promise.all([codex.startThread(), codex.startThread(), codex.startThread()])
      const words = [one, two, three].map((thread) => firstWords(thread.events()))
      const stream = two.stream("slow")
      const turn = await three.startTurn("slow")
      const ends = [one.run("slow"), collect(stream), turn.result(), collect(turn.items())].map(rejection)
      const waiting = rejection(three.run("hello"))
      await Promise.all(words)
      assert.isNotEmpty(await world.processes())

      await Promise.all([codex.close(), codex.close()])
      assert.deepStrictEqual(await world.processes(), [])
      for (const error of await Promise.all(ends)) {
        assert(error instanceof TurnInterrupted)
        assert.strictEqual(error.partial.status, "interrupted")
        assert.instanceOf(error.cause, ConnectionClosed)
      }
      assert.instanceOf(await waiting, ConnectionClosed)
      await codex.close()
      await turn[Symbol.asyncDispose]()
    }
  )

  withModel("has every later call reject with ConnectionClosed", slowOrEcho, async ({ options }) => {
    const codex = await Codex.start(options)
    const thread = await codex.startThread()
    const unread = thread.stream("hello")
    await codex.close()
    for (
      const call of [codex.startThread(), thread.run("hello"), unread.next(), collect(codex.list()), thread.read()]
    ) {
      const error = await rejection(call)
      assert(error instanceof ConnectionClosed)
      assert.strictEqual(error.reason, "LayerClosed")
    }
  })

  withModel("is what await using does, also when the block throws", slowOrEcho, async ({ options, processes }) => {
    const mine = new Error("mine")
    const block = async () => {
      await using codex = await Codex.start(options)
      const thread = await codex.startThread()
      await firstWords(thread.stream("slow"))
      throw mine
    }
    assert.strictEqual(await rejection(block()), mine)
    assert.deepStrictEqual(await processes(), [])
  })

  withModel("can be called from within a loop over a turn", slowOrEcho, async ({ options, processes }) => {
    const codex = await Codex.start(options)
    const thread = await codex.startThread()
    const loop = async () => {
      for await (const event of thread.stream("slow")) {
        if (event._tag === "ItemAgentMessageDelta") {
          await codex.close()
        }
      }
    }
    assert.instanceOf(await rejection(loop()), TurnInterrupted)
    assert.deepStrictEqual(await processes(), [])
  })

  withModel("is not needed where starting was aborted", slowOrEcho, async ({ options, processes }) => {
    const controller = new AbortController()
    const starting = rejection(Codex.start({ ...options, signal: controller.signal }))
    controller.abort("changed my mind")
    const error = await starting
    assert.strictEqual(error instanceof Error ? error.cause : undefined, "changed my mind")
    assert.deepStrictEqual(await processes(), [])
  })
})
