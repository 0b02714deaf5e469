import { Aborted, TurnInterrupted } from "@effect-codex/promise"
import { assert, describe } from "vitest"
import { collect, firstWords, rejection, slowOrEcho, withCodex } from "./support/real.js"

describe("thread.stream", () => {
  withCodex("brings the turn's events to its end", slowOrEcho, async (codex) => {
    const thread = await codex.startThread()
    const events = await collect(thread.stream("hello"))
    const words = events.flatMap((event) => event._tag === "ItemAgentMessageDelta" ? [event.delta] : [])
    assert.strictEqual(words.join(""), "You said: hello")
    assert.deepStrictEqual([events.at(0)?._tag, events.at(-1)?._tag], ["TurnStarted", "TurnCompleted"])
  })

  withCodex("begins its turn when it is first read, once", slowOrEcho, async (codex, world) => {
    const thread = await codex.startThread()
    const never = thread.stream("never read")
    const once = thread.stream("hello")
    await collect(once)
    assert.deepStrictEqual(await collect(once), [])
    assert.deepStrictEqual(await never.return(), { done: true, value: undefined })
    assert.deepStrictEqual(await collect(never), [])
    assert.deepStrictEqual(await world.asked(), ["hello"])
  })

  const stopped = async (thread: Awaited<ReturnType<import("@effect-codex/promise").Codex["startThread"]>>) => {
    const [turn] = await collect(thread.turns())
    assert.strictEqual(turn?.status, "interrupted")
    assert.strictEqual((await thread.read()).status.type, "idle")
  }

  withCodex("stops the turn on the server, and waits for that, when it is left by break", slowOrEcho, async (codex) => {
    const thread = await codex.startThread()
    for await (const event of thread.stream("slow")) {
      if (event._tag === "ItemAgentMessageDelta") {
        break
      }
    }
    await stopped(thread)
  })

  withCodex("stops it when the loop throws, and what was thrown is what comes out", slowOrEcho, async (codex) => {
    const thread = await codex.startThread()
    const mine = new Error("mine")
    const loop = async () => {
      for await (const event of thread.stream("slow")) {
        if (event._tag === "ItemAgentMessageDelta") {
          throw mine
        }
      }
    }
    assert.strictEqual(await rejection(loop()), mine)
    await stopped(thread)
  })

  withCodex("stops it when its signal is aborted, and throws what there was", slowOrEcho, async (codex) => {
    const thread = await codex.startThread()
    const controller = new AbortController()
    const seen: Array<string> = []
    const loop = async () => {
      for await (const event of thread.stream("slow", { signal: controller.signal })) {
        seen.push(event._tag)
        if (event._tag === "ItemAgentMessageDelta") {
          controller.abort("enough")
        }
      }
    }
    const error = await rejection(loop())
    assert(error instanceof TurnInterrupted)
    assert.strictEqual(error.cause, "enough")
    assert.deepInclude(error.partial.unfinished[0], { text: "one two " })
    // Nothing comes any more once it is aborted.
    assert.strictEqual(seen.at(-1), "ItemAgentMessageDelta")
    assert.strictEqual(seen.filter((tag) => tag === "ItemAgentMessageDelta").length, 1)
    await stopped(thread)
  })

  withCodex("stops it by its signal also while nobody reads, and tells the next read", slowOrEcho, async (codex) => {
    const thread = await codex.startThread()
    const controller = new AbortController()
    const events = thread.stream("slow", { signal: controller.signal })
    await firstWords(events)
    const changes = thread.events()
    const idle = (async () => {
      for await (const event of changes) {
        if (event._tag === "TurnCompleted") {
          return event.turn.status
        }
      }
      return undefined
    })()
    controller.abort()
    assert.strictEqual(await idle, "interrupted")
    assert.instanceOf(await rejection(events.next()), TurnInterrupted)
    assert.deepStrictEqual(await events.next(), { done: true, value: undefined })
  })

  withCodex("can be left while it is being read", slowOrEcho, async (codex) => {
    const thread = await codex.startThread()
    const events = thread.stream("slow")
    await firstWords(events)
    const rest = collect(events)
    await Promise.all([events.return(), events.return()])
    await rest
    await stopped(thread)
  })

  withCodex("is left by await using", slowOrEcho, async (codex) => {
    const thread = await codex.startThread()
    {
      await using events = thread.stream("slow")
      await firstWords(events)
    }
    await stopped(thread)
  })
})

describe("lists", () => {
  withCodex("bring the stored threads, page by page as they are read", slowOrEcho, async (codex) => {
    const threads = await Promise.all(["one", "two", "three"].map(async (name) => {
      const thread = await codex.startThread()
      await thread.run(name)
      return thread.id
    }))
    const listed = await collect(codex.list({ limit: 2 }))
    assert.sameMembers(listed.map(({ id }) => id), threads)
    for await (const { id } of codex.list({ limit: 1 })) {
      assert.include(threads, id)
      break
    }
    const error = await rejection(collect(codex.list({ signal: AbortSignal.abort("no") })))
    assert.instanceOf(error, Aborted)
  })

  withCodex("and forks and resumed threads begin with the history", slowOrEcho, async (codex, world) => {
    const thread = await codex.startThread()
    await thread.run("remember me")
    const fork = await codex.fork(thread.id)
    assert.notStrictEqual(fork.id, thread.id)
    assert.strictEqual((await fork.run("hello")).finalResponse, "You said: hello")
    const resumed = await codex.resumeThread(thread.id)
    await resumed.run("and again")
    for (const request of (await world.requests()).slice(1)) {
      assert.include(JSON.stringify(request.input), "remember me")
    }
  })
})
