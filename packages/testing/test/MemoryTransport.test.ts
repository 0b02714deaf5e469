import * as Codex from "@effect-codex/sdk/Codex"
import * as Transport from "@effect-codex/sdk/Transport"
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as CodexTest from "../src/CodexTest.js"
import * as MemoryTransport from "../src/MemoryTransport.js"
import * as ScriptedModel from "../src/ScriptedModel.js"

const settle = TestClock.adjust(0)

const pair = Effect.map(Layer.build(MemoryTransport.layerPair), (context) => ({
  transport: Context.get(context, Transport.Transport),
  server: Context.get(context, MemoryTransport.Server)
}))

/** Runs the client's end and collects its chunks. */
const collect = (transport: Transport.Transport["Type"]) =>
  Effect.gen(function*() {
    const chunks: Array<ReadonlyArray<string>> = []
    const fiber = yield* Effect.fork(transport.run((frames) => {
      chunks.push(frames)
    }))
    yield* settle
    return { chunks, fiber }
  })

describe("the pair", () => {
  it.scoped("asks, and has the answer, which is nobody else's", () =>
    Effect.gen(function*() {
      const { server, transport } = yield* pair
      const { chunks } = yield* collect(transport)
      const asking = yield* Effect.fork(server.ask("currentTime/read", { threadId: "t" }))
      yield* settle
      const [frame = ""] = chunks.flat()
      const { id, method } = JSON.parse(frame)
      assert.strictEqual(method, "currentTime/read")
      yield* transport.send(JSON.stringify({ id, result: { currentTimeAt: 1 } }))
      assert.deepStrictEqual((yield* Fiber.join(asking)).result, { currentTimeAt: 1 })
      assert.deepStrictEqual(yield* server.takeAll, [])
      const unanswered = yield* Effect.fork(server.ask("currentTime/read", { threadId: "t" }))
      yield* settle
      yield* server.end(Transport.end("EndOfStream"))
      assert.isTrue(Exit.isInterrupted(yield* Fiber.await(unanswered)))
    }))

  it.scoped("hands over frames as they are sent, in the fiber that sends them", () =>
    Effect.gen(function*() {
      const { server, transport } = yield* pair
      const { chunks } = yield* collect(transport)
      yield* server.sendFrames(["a", "", "{"])
      assert.deepStrictEqual(chunks, [["a", "", "{"]])
      yield* server.notify("account/updated", { authMode: null })
      yield* server.respond(1, {})
      yield* server.fail(2, { code: -32600, message: "no" })
      yield* server.request(3, "currentTime/read", { threadId: "t" })
      yield* server.send({ what: "ever" })
      assert.deepStrictEqual(chunks.slice(1).map((frames) => frames.map((frame) => JSON.parse(frame))), [
        [{ method: "account/updated", params: { authMode: null } }],
        [{ id: 1, result: {} }],
        [{ id: 2, error: { code: -32600, message: "no" } }],
        [{ id: 3, method: "currentTime/read", params: { threadId: "t" } }],
        [{ what: "ever" }]
      ])
    }))

  it.scoped("keeps frames for a client that does not run yet, and makes the server wait beyond the bound", () =>
    Effect.gen(function*() {
      const { server, transport } = yield* pair
      for (let i = 0; i < 1_000; i++) {
        yield* server.sendFrames([`${i}`])
      }
      const waiting = yield* Effect.fork(server.sendFrames(["1000"]))
      yield* settle
      assert.isTrue(Option.isNone(yield* Fiber.poll(waiting)))
      const { chunks } = yield* collect(transport)
      yield* waiting
      assert.deepStrictEqual(chunks.flat(), Array.from({ length: 1_001 }, (_, i) => `${i}`))
    }))

  it.scoped("lets one run at a time, and the next go on where an interrupted one stopped", () =>
    Effect.gen(function*() {
      const { server, transport } = yield* pair
      const first = yield* collect(transport)
      const second = yield* Effect.exit(transport.run(() => {}))
      assert.isTrue(Exit.isFailure(second))
      yield* server.sendFrames(["a"])
      yield* Fiber.interrupt(first.fiber)
      yield* server.sendFrames(["b"])
      const third = yield* collect(transport)
      yield* server.sendFrames(["c"])
      assert.deepStrictEqual([first.chunks, third.chunks], [[["a"]], [["b"], ["c"]]])
    }))

  it.scoped("ends as it is told to, after what was sent, and takes nothing any more", () =>
    Effect.gen(function*() {
      const { server, transport } = yield* pair
      yield* server.sendFrames(["last"])
      const end = Transport.end("Exited", { exitCode: 7, stderrTail: "bye" })
      yield* server.end(end)
      yield* server.sendFrames(["too late"])
      const { chunks, fiber } = yield* collect(transport)
      assert.strictEqual(yield* fiber, end)
      assert.deepStrictEqual(chunks, [["last"]])
      const error = yield* Effect.flip(transport.send("{}"))
      assert.strictEqual(error.reason, "Closed")
      assert.deepStrictEqual(yield* server.takeAll, [])
    }))

  it.scoped("gives what the client sends in order, and waits for it", () =>
    Effect.gen(function*() {
      const { server, transport } = yield* pair
      const taking = yield* Effect.fork(server.take)
      yield* settle
      yield* transport.send("{\"method\":\"initialized\"}")
      assert.deepStrictEqual(yield* taking, { method: "initialized" })
      yield* transport.send("{\"id\":1,\"method\":\"model/list\",\"params\":{}}")
      yield* transport.send("{\"id\":2,\"method\":\"thread/archive\",\"params\":{\"threadId\":\"t\"}}")
      yield* transport.send("{\"id\":0,\"result\":{}}")
      assert.deepStrictEqual(yield* server.takeRequest("thread/archive"), {
        id: 2,
        method: "thread/archive",
        params: { threadId: "t" }
      })
      assert.deepStrictEqual(yield* server.takeAll, [{ id: 0, result: {} }])
    }))

  it.scoped("makes the client wait beyond the bound and while paused; interrupted meanwhile, nothing is sent", () =>
    Effect.gen(function*() {
      const { server, transport } = yield* pair
      for (let i = 0; i < 1_000; i++) {
        yield* transport.send(`{"id":${i}}`)
      }
      const waiting = yield* Effect.fork(transport.send("{\"id\":1000}"))
      yield* settle
      assert.isTrue(Option.isNone(yield* Fiber.poll(waiting)))
      yield* server.take
      yield* waiting
      assert.strictEqual((yield* server.takeAll).length, 1_000)

      yield* server.pause
      const interrupted = yield* Effect.fork(transport.send("{\"id\":1}"))
      const patient = yield* Effect.fork(transport.send("{\"id\":2}"))
      yield* settle
      yield* Fiber.interrupt(interrupted)
      assert.deepStrictEqual(yield* server.takeAll, [])
      yield* server.resume
      yield* patient
      assert.deepStrictEqual(yield* server.takeAll, [{ id: 2 }])
    }))

  it.scoped("fails what the client sends where it shall, and lets go of what waits when it ends", () =>
    Effect.gen(function*() {
      const { server, transport } = yield* pair
      yield* server.pause
      const waiting = yield* Effect.fork(Effect.flip(transport.send("{}")))
      yield* settle
      yield* server.end(Transport.end("EndOfStream"))
      assert.strictEqual((yield* waiting).reason, "Closed")

      const another = yield* pair
      yield* another.server.failSends
      assert.strictEqual((yield* Effect.flip(another.transport.send("{}"))).reason, "Write")
    }))
})

const build = (script: MemoryTransport.Script, answers: MemoryTransport.Answers = {}) =>
  Effect.gen(function*() {
    const context = yield* Layer.build(CodexTest.layerMemory({ script, answers }))
    const codex = Context.get(context, Codex.Codex)
    return { codex, server: Context.get(context, MemoryTransport.Server), thread: yield* codex.startThread() }
  })

const tags = (events: Iterable<{ readonly _tag: string }>) => Array.from(events, ({ _tag }) => _tag)

describe("the scripted app-server", () => {
  it.scoped("tells a turn as the real one does", () =>
    Effect.gen(function*() {
      const { thread } = yield* build([ScriptedModel.text(["Hel", "lo."], { phase: "final_answer" })])
      const events = yield* Stream.runCollect(thread.stream("hi"))
      assert.deepStrictEqual(tags(events), [
        "TurnStarted",
        "ItemStarted",
        "ItemCompleted",
        "ItemStarted",
        "ItemAgentMessageDelta",
        "ItemAgentMessageDelta",
        "ItemCompleted",
        "ThreadTokenUsageUpdated",
        "TurnCompleted"
      ])
    }))

  it.scoped("gives results with items and usage, by each form of script", () =>
    Effect.gen(function*() {
      const hello = ScriptedModel.reply(ScriptedModel.reasoning("Hm."), ScriptedModel.text("Hello.")).pipe(
        ScriptedModel.withUsage({ inputTokens: 7, outputTokens: 3 })
      )
      for (const script of [[hello], { hi: hello }, () => hello]) {
        const { thread } = yield* build(script)
        const { finalResponse, items, usage } = yield* thread.run("hi")
        assert.strictEqual(finalResponse, "Hello.")
        assert.deepStrictEqual(items.map(({ type }) => type), ["userMessage", "reasoning", "agentMessage"])
        assert.strictEqual(usage?.total.totalTokens, 10)
      }
    }))

  it.scoped("waits at a gate, and passes the time of the TestClock at a delay", () =>
    Effect.gen(function*() {
      const gate = yield* Effect.makeLatch()
      const { thread } = yield* build([
        ScriptedModel.text(["one ", gate.await, "two"]),
        ScriptedModel.text(["one ", "two"], { delay: "1 hour" })
      ])
      const gated = yield* Effect.fork(thread.run("hi"))
      yield* settle
      assert.isTrue(Option.isNone(yield* Fiber.poll(gated)))
      yield* gate.open
      assert.strictEqual((yield* gated).finalResponse, "one two")
      const slow = yield* Effect.fork(thread.run("hi"))
      yield* TestClock.adjust(Duration.minutes(59))
      assert.isTrue(Option.isNone(yield* Fiber.poll(slow)))
      yield* TestClock.adjust(Duration.minutes(1))
      assert.strictEqual((yield* slow).durationMs, 3_600_000)
    }))

  it.scoped("fails turns, with partial results", () =>
    Effect.gen(function*() {
      const { thread } = yield* build([
        ScriptedModel.reply(ScriptedModel.text("So far."), ScriptedModel.fail({ message: "no room" })),
        ScriptedModel.httpError(401, "who are you?"),
        ScriptedModel.drop,
        ScriptedModel.toolCall({ name: "exec_command", arguments: {} })
      ])
      const first = yield* Effect.flip(thread.run("hi"))
      assert(first._tag === "TurnFailed")
      assert.deepStrictEqual([first.error.message, first.partial.finalResponse], ["no room", "So far."])
      const words = ["unexpected status 401: who are you?", "stream disconnected", "runs no tools", "Add an entry"]
      for (const expected of words) {
        const error = yield* Effect.flip(thread.run("hi"))
        assert(error._tag === "TurnFailed")
        assert.include(error.error.message, expected)
      }
    }))

  it.scoped("lives on where the script throws, and says so", () =>
    Effect.gen(function*() {
      const { thread } = yield* build(({ userText }) => {
        if (userText === "throw") {
          throw new Error("a mistake")
        }
        return userText === "die" ? Effect.dieMessage("another mistake") : ScriptedModel.text("Fine.")
      })
      assert.include((yield* Effect.flip(thread.run("throw"))).message, "a mistake")
      assert.include((yield* Effect.flip(thread.run("die"))).message, "another mistake")
      assert.strictEqual((yield* thread.run("hi")).finalResponse, "Fine.")
    }))

  it.scoped("can tell the whole turn before the answer, and leave the answer out", () =>
    Effect.gen(function*() {
      const { thread } = yield* build([
        MemoryTransport.answeredLast(ScriptedModel.text("Fast.")),
        MemoryTransport.neverAnswered(ScriptedModel.text("Lost."))
      ])
      assert.strictEqual((yield* thread.run("hi")).finalResponse, "Fast.")
      const lost = yield* Effect.fork(Effect.flip(thread.run("hi")))
      yield* TestClock.adjust("60 seconds")
      assert.strictEqual((yield* lost)._tag, "RequestTimeout")
    }))

  it.scoped("interrupts a turn, and refuses to where none is active", () =>
    Effect.gen(function*() {
      const { codex, thread } = yield* build({ hi: ScriptedModel.text(["So ", ScriptedModel.hang]) })
      const turn = yield* thread.startTurn("hi")
      yield* settle
      const interrupted = yield* turn.interrupt
      assert.deepStrictEqual([interrupted.status, interrupted.finalResponse], ["interrupted", null])
      const whole = yield* codex.thread(thread.id).stream("hi").pipe(
        Stream.takeUntil(({ _tag }) => _tag === "ItemAgentMessageDelta"),
        Stream.runCollect
      )
      assert.strictEqual(Option.getOrThrow(Chunk.last(whole))._tag, "ItemAgentMessageDelta")
      // The stream was not read to its end, so its turn was stopped, and the thread is free again.
      yield* thread.startTurn("hi", { whenActive: "fail" })
    }))

  it.scoped("cuts a reply where the turn is steered, and asks the script again", () =>
    Effect.gen(function*() {
      const { thread } = yield* build({
        tell: ScriptedModel.text(["Once upon ", ScriptedModel.hang]),
        shorter: ScriptedModel.text("The end."),
        "and more": ScriptedModel.text("More.")
      })
      const turn = yield* thread.startTurn("tell")
      yield* settle
      yield* turn.steer("shorter")
      const result = yield* turn.result
      assert.strictEqual(result.finalResponse, "The end.")
      assert.deepStrictEqual(result.items.map(({ type }) => type), ["userMessage", "userMessage", "agentMessage"])

      const again = yield* thread.startTurn("tell")
      yield* settle
      const joined = yield* thread.startTurn("and more", { whenActive: "join" })
      assert.deepStrictEqual([joined.joined, joined.id], [true, again.id])
      assert.strictEqual((yield* joined.result).finalResponse, "More.")
    }))

  it.scoped("runs many threads at once, and shows the test what was asked", () =>
    Effect.gen(function*() {
      const { codex, server } = yield* build(ScriptedModel.echo)
      const results = yield* Effect.forEach(
        Array.from({ length: 50 }, (_, i) => `number ${i}`),
        (text) => Effect.flatMap(codex.startThread(), (thread) => thread.run(text)),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(
        results.map(({ finalResponse }) => finalResponse),
        Array.from({ length: 50 }, (_, i) => `You said: number ${i}`)
      )
      const { params } = yield* server.takeRequest("turn/start")
      assert.deepStrictEqual(params.input, [{ type: "text", text: "number 0" }])
    }))

  it.scoped("answers what it is given answers for, and refuses the rest", () =>
    Effect.gen(function*() {
      const { codex, thread } = yield* build(ScriptedModel.echo, {
        "thread/list": () => Effect.succeed({ data: [], nextCursor: null }),
        "thread/archive": () => new MemoryTransport.Refused({ code: -32001, message: "later" })
      })
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Stream.runCollect(codex.threads())), [])
      const refused = yield* Effect.flip(thread.archive)
      assert(refused._tag === "RequestFailed")
      assert.strictEqual(refused.reason, "Overloaded")
      const unknown = yield* Effect.flip(Stream.runCollect(codex.models()))
      assert.include(unknown.message, "Add it to `answers`")
    }))

  it.scoped("keeps threads: resumed, read, named, archived and unsubscribed from", () =>
    Effect.gen(function*() {
      const { codex, thread } = yield* build(ScriptedModel.echo)
      yield* thread.setName("a name")
      assert.strictEqual((yield* thread.read()).name, "a name")
      const resumed = yield* codex.resumeThread(thread.id)
      assert.strictEqual(resumed.info.thread.name, "a name")
      assert.strictEqual((yield* codex.resumeThread("a stored one")).id, "a stored one")
      yield* thread.unsubscribe
      yield* thread.archive
      const error = yield* Effect.flip(codex.thread("nobody's").run("hi"))
      assert.include(error.message, "thread not found")
    }))
})
