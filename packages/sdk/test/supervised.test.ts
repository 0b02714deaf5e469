import * as Approval from "@effect-codex/sdk/Approval"
import { CrashLoop } from "@effect-codex/sdk/CodexError"
import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import type { State } from "@effect-codex/sdk/Supervision"
import * as Supervision from "@effect-codex/sdk/Supervision"
import type { StartOptions } from "@effect-codex/sdk/Thread"
import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { settle } from "./support/env.js"
import { connect, type Env, type Instance, launch } from "./support/supervised.js"
import { threadOf } from "./support/threads.js"

/** What is worth comparing of a state. */
const brief = (state: State) => {
  switch (state._tag) {
    case "Ready":
      return `Ready ${state.restarts} at ${DateTime.toEpochMillis(state.since)}`
    case "Backoff":
      return `Backoff ${state.attempt} until ${DateTime.toEpochMillis(state.until)}: ${state.cause.reason}`
    case "Connecting":
      return `Connecting ${state.attempt}`
    case "Failed":
      return `Failed: ${state.cause.reason}`
  }
}

const stateOf = ({ supervision }: Pick<Env, "supervision">) => Effect.map(supervision.state, brief)

const later = Effect.zipRight(TestClock.adjust("1 second"), settle)

/** Crashes, and lets another one follow. */
const restart = (env: Env, instance: Instance) => Effect.zipRight(Effect.zipRight(instance.crash, later), env.nextReady)

const question = {
  threadId: "thread-1",
  turnId: "turn-1",
  itemId: "item-1",
  startedAtMs: 0,
  command: "rm -rf /",
  availableDecisions: ["accept", "cancel"] as const
}

const answerRun = ({ say, server }: Instance, turnId = "turn-1") =>
  Effect.gen(function*() {
    const { id } = yield* server.takeRequest("turn/start")
    yield* say.accepted(id, turnId)
    yield* say.completed(turnId)
  })

const answerResume = ({ server }: Instance) =>
  Effect.gen(function*() {
    const { id, params } = yield* server.takeRequest("thread/resume")
    yield* server.respond(id, { thread: threadOf("idle") })
    return params
  })

const opened = (env: Env, { server }: Instance, options: StartOptions = {}) =>
  Effect.gen(function*() {
    const starting = yield* Effect.fork(env.codex.startThread(options))
    const { id } = yield* server.takeRequest("thread/start")
    yield* server.respond(id, {
      thread: threadOf("idle"),
      model: "m",
      modelProvider: "p",
      cwd: "/",
      approvalPolicy: "never",
      approvalsReviewer: "user",
      sandbox: { type: "readOnly" }
    })
    return yield* starting
  })

describe("a supervised app-server", () => {
  it.scoped("is started again by the Schedule, on a transport of its own after the last one is closed", () =>
    Effect.gen(function*() {
      const { env, first } = yield* connect({
        schedule: Schedule.exponential("1 second"),
        maxCrashes: 10
      })
      let instance = first
      let now = 0
      for (const wait of [1, 2, 4]) {
        assert.strictEqual(env.open(), 1)
        yield* instance.crash
        assert.strictEqual(env.open(), 0)
        const next = yield* Effect.fork(env.next)
        yield* TestClock.adjust(wait * 1000 - 1)
        assert.isNull(next.unsafePoll())
        yield* TestClock.adjust(1)
        now += wait * 1000
        instance = yield* next
        yield* instance.ready
        assert.match(yield* stateOf(env), new RegExp(`^Ready \\d at ${now}$`))
      }
    }))

  it.scoped("shows its state", () =>
    Effect.gen(function*() {
      const { env, first } = yield* connect()
      const seen: Array<string> = []
      yield* env.supervision.state.changes.pipe(
        Stream.runForEach((state) => Effect.sync(() => seen.push(brief(state)))),
        Effect.fork
      )
      yield* settle
      yield* first.crash
      env.reachable = false
      yield* later
      env.reachable = true
      yield* later
      yield* settle
      const second = yield* env.next
      yield* settle
      yield* second.ready
      assert.deepStrictEqual(seen, [
        "Ready 0 at 0",
        "Backoff 1 until 1000: Exited",
        "Connecting 1",
        "Backoff 2 until 2000: Failed",
        "Connecting 2",
        "Ready 1 at 2000"
      ])
      assert.strictEqual(env.appServer.info.platformOs, "linux")
    }))

  it.scoped("fails what is under way with ConnectionClosed, and asks none of it again", () =>
    Effect.gen(function*() {
      const { env, first } = yield* connect()
      const running = yield* Effect.fork(Effect.flip(env.thread.run("hi")))
      const { id } = yield* first.server.takeRequest("turn/start")
      yield* first.say.accepted(id, "turn-1")
      yield* first.say.started("turn-1")
      const starting = yield* Effect.fork(Effect.flip(env.codex.thread("thread-2").run("hi")))
      const asking = yield* Effect.fork(Effect.flip(env.appServer.request("thread/read", { threadId: "thread-3" })))
      const waiting = yield* Effect.fork(Effect.flip(env.thread.run("after it")))
      const events = yield* Effect.fork(Effect.flip(Stream.runDrain(env.codex.events)))
      yield* settle
      const second = yield* restart(env, first)
      for (const fiber of [running, starting, asking, waiting, events]) {
        const error = yield* fiber
        assert(error._tag === "ConnectionClosed")
        assert.deepStrictEqual([error.reason, error.exitCode], ["Exited", 101])
      }
      yield* later
      assert.deepStrictEqual(yield* second.server.takeAll, [])
    }))

  it.scoped("serves what was asked in between with the next connection", () =>
    Effect.gen(function*() {
      const { env, first } = yield* connect()
      yield* first.crash
      const asking = yield* Effect.fork(env.appServer.request("thread/read", { threadId: "thread-1" }))
      const running = yield* Effect.fork(env.thread.run("hi"))
      const listening = yield* env.codex.events.pipe(Stream.take(1), Stream.runCollect, Effect.fork)
      yield* later
      const second = yield* env.nextReady
      const { id } = yield* second.server.takeRequest("thread/read")
      yield* second.server.respond(id, { thread: threadOf("idle") })
      assert.strictEqual((yield* asking).thread.id, "thread-1")
      yield* answerResume(second)
      yield* answerRun(second)
      assert.strictEqual((yield* running).status, "completed")
      assert.lengthOf(yield* listening, 1)
    }))

  it.scoped("lets nobody wait for longer who cannot be interrupted", () =>
    Effect.gen(function*() {
      const { env, first } = yield* connect({
        config: { requestTimeout: "2 seconds" },
        schedule: Schedule.spaced("1 hour")
      })
      yield* first.crash
      const asking = yield* Effect.fork(Effect.uninterruptible(Effect.flip(env.appServer.request("model/list", {}))))
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual((yield* asking)._tag, "ConnectionClosed")
    }))

  it.scoped("lets nobody wait for longer than the deadline", () =>
    Effect.gen(function*() {
      const { env, first } = yield* connect({ schedule: Schedule.spaced("1 hour") })
      yield* first.crash
      const soon = yield* Effect.fork(
        Effect.flip(env.appServer.request("thread/read", { threadId: "thread-1" }, { timeout: "1 second" }))
      )
      const running = yield* Effect.fork(Effect.flip(env.thread.run("hi")))
      yield* later
      assert.strictEqual((yield* soon)._tag, "ConnectionClosed")
      assert.isNull(running.unsafePoll())
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual((yield* running)._tag, "ConnectionClosed")
    }))

  it.scoped("resumes a thread before its next turn, once a connection, whoever holds it", () =>
    Effect.gen(function*() {
      const { env, first } = yield* connect()
      const thread = yield* opened(env, first)
      const second = yield* restart(env, first)
      const running = yield* Effect.fork(
        Effect.all([thread.run("a"), env.codex.thread(thread.id).run("b")], { concurrency: 2 })
      )
      assert.strictEqual((yield* answerResume(second)).threadId, thread.id)
      yield* answerRun(second, "turn-1")
      yield* answerRun(second, "turn-2")
      yield* running
      const third = yield* restart(env, second)
      const again = yield* Effect.fork(thread.run("c"))
      yield* answerResume(third)
      yield* answerRun(third)
      yield* again
      // What is opened on this connection is open.
      const fresh = yield* opened(env, third)
      const direct = yield* Effect.fork(fresh.run("d"))
      const { id, method } = yield* third.server.take
      assert(typeof id === "number" && method === "turn/start")
      yield* third.say.accepted(id, "turn-4")
      yield* third.say.completed("turn-4")
      yield* direct
    }))

  it.scoped("asks a server that does not store them again for the settings of a thread", () =>
    Effect.gen(function*() {
      const settings = { sandbox: "read-only", approvalPolicy: "never", cwd: "/srv" } as const
      for (const [userAgent, asked] of [["c/0.160.1 (x)", settings], ["c/0.169.0 (x)", {}]] as const) {
        const { env, first } = yield* connect({ userAgent })
        const thread = yield* opened(env, first, { ...settings, ephemeral: false })
        const second = yield* restart(env, first)
        const running = yield* Effect.fork(thread.run("hi"))
        assert.deepStrictEqual(yield* answerResume(second), { ...asked, threadId: thread.id })
        yield* answerRun(second)
        yield* running
      }
    }))

  it.scoped("resumes a thread for a request that needs it loaded", () =>
    Effect.gen(function*() {
      const { env, first } = yield* connect()
      const thread = yield* opened(env, first)
      const second = yield* restart(env, first)
      const { server } = second
      const asking = yield* Effect.fork(
        env.appServer.request("thread/inject_items", { threadId: thread.id, items: [] })
      )
      const refused = yield* server.takeRequest("thread/inject_items")
      yield* server.fail(refused.id, { code: -32600, message: `thread not found: ${thread.id}` })
      yield* answerResume(second)
      const { id } = yield* server.takeRequest("thread/inject_items")
      yield* server.respond(id, {})
      yield* asking
    }))

  it.scoped("says of a thread that cannot be resumed that it is not there", () =>
    Effect.gen(function*() {
      const { env, first } = yield* connect()
      const { server } = yield* restart(env, first)
      const running = yield* Effect.fork(Effect.flip(env.thread.run("hi")))
      const { id } = yield* server.takeRequest("thread/resume")
      yield* server.fail(id, { code: -32600, message: "no rollout found for thread id thread-1" })
      assert.strictEqual((yield* running)._tag, "ThreadNotFound")
    }))

  it.scoped("has the handlers of a thread answer on the next connection", () =>
    Effect.gen(function*() {
      const { env, first } = yield* connect()
      yield* opened(env, first).pipe(
        Effect.provide(ServerRequests.layer({ commandApproval: () => Effect.succeed(Approval.accept) }))
      )
      const { server } = yield* restart(env, first)
      yield* server.request(0, "item/commandExecution/requestApproval", question)
      yield* settle
      assert.deepStrictEqual((yield* server.take).result, { decision: "accept" })
    }))

  it.scoped("closes the questions that were open, and refuses their answers", () =>
    Effect.gen(function*() {
      const { env, first } = yield* connect()
      const asked = yield* env.thread.approvals.pipe(Stream.runHead, Effect.fork)
      const reading = yield* Effect.fork(Effect.flip(Stream.runDrain(env.thread.approvals)))
      yield* settle
      yield* first.server.request(0, "item/commandExecution/requestApproval", question)
      const open = yield* Effect.flatMap(asked, (head) => head)
      assert(open._tag === "CommandApproval")
      const second = yield* restart(env, first)
      yield* open.closed
      assert.strictEqual((yield* Effect.flip(open.answer(Approval.accept))).reason, "Closed")
      assert.strictEqual((yield* reading)._tag, "ConnectionClosed")
      assert.deepStrictEqual(yield* second.server.takeAll, [])
    }))

  it.scoped("gives up after too many crashes within the window, and every call meets that at once", () =>
    Effect.gen(function*() {
      const { env, first } = yield* connect({ maxCrashes: 2, window: "10 seconds" })
      let instance = first
      // These are too far apart.
      for (let i = 0; i < 4; i++) {
        instance = yield* restart(env, instance)
        yield* TestClock.adjust("4 seconds")
      }
      yield* TestClock.adjust("10 seconds")
      instance = yield* restart(env, instance)
      instance = yield* restart(env, instance)
      const waiting = yield* Effect.fork(env.appServer.closed)
      yield* instance.crash
      assert.strictEqual(yield* stateOf(env), "Failed: TooManyCrashes")
      const error = yield* Effect.flip(env.thread.run("hi"))
      assert(error._tag === "ConnectionClosed")
      assert.deepStrictEqual([error.reason, error.exitCode, error.stderrTail], [
        "CrashLoop",
        101,
        "thread 'main' panicked"
      ])
      assert(error.cause instanceof CrashLoop)
      assert.strictEqual(error.cause.crashes, 3)
      assert.strictEqual(error.cause.last.reason, "Exited")
      assert.include(error.cause.message, "crashed 3 times within 10s")
      assert.strictEqual(yield* waiting, error)
      assert.strictEqual(yield* Effect.flip(Stream.runDrain(env.codex.events)), error)
      assert.strictEqual(env.open(), 0)
    }))

  it.scoped("tells who waits in between when it gives up", () =>
    Effect.gen(function*() {
      const { env, first } = yield* connect({ schedule: Schedule.recurs(1) })
      yield* first.crash
      const second = yield* env.next
      const waiting = yield* Effect.fork(Effect.flip(env.thread.run("hi")))
      yield* settle
      yield* second.crash
      const error = yield* waiting
      assert(error._tag === "ConnectionClosed" && error.cause instanceof CrashLoop)
      assert.strictEqual(error.cause.reason, "ScheduleEnded")
      assert.strictEqual(yield* stateOf(env), "Failed: ScheduleEnded")
    }))

  it.scoped("counts a handshake that fails as a crash, and a transport that does not open not", () =>
    Effect.gen(function*() {
      const { env, first } = yield* connect({ maxCrashes: 2 })
      env.reachable = false
      yield* first.crash
      for (let i = 0; i < 20; i++) {
        yield* later
      }
      assert.match(yield* stateOf(env), /^Backoff 21/)
      env.reachable = true
      yield* later
      const { server } = yield* env.next
      const { id } = yield* server.takeRequest("initialize")
      yield* server.fail(id, { code: -32600, message: "no" })
      yield* settle
      assert.match(yield* stateOf(env), /^Backoff 22/)
      yield* later
      yield* Effect.flatMap(env.next, ({ crash }) => crash)
      assert.strictEqual(yield* stateOf(env), "Failed: TooManyCrashes")
    }))

  it.scoped("that cannot be started the first time fails the Layer at once", () =>
    Effect.gen(function*() {
      const silent = yield* launch()
      yield* Effect.flatMap(silent.next, ({ crash }) => crash)
      assert.strictEqual((yield* Effect.flip(silent.opening))._tag, "ConnectionClosed")
      assert.strictEqual(silent.open(), 0)
    }))

  it.scoped("runs streams of events across restarts where that is asked for", () =>
    Effect.gen(function*() {
      const { env, first } = yield* connect({ maxCrashes: 1 })
      const seen: Array<string> = []
      const reading = yield* env.thread.events.pipe(
        Supervision.acrossRestarts,
        Stream.runForEach(({ _tag }) => Effect.sync(() => seen.push(_tag))),
        Effect.flip,
        Effect.provideService(Supervision.Supervision, env.supervision),
        Effect.fork
      )
      yield* settle
      yield* first.say.started("turn-1")
      const second = yield* restart(env, first)
      yield* settle
      yield* second.say.started("turn-2")
      yield* second.crash
      const error = yield* reading
      assert.deepStrictEqual(seen, ["TurnStarted", "TurnStarted"])
      assert(error._tag === "ConnectionClosed")
      assert.strictEqual(error.reason, "CrashLoop")
    }))
})

describe("closing a supervised Layer", () => {
  const assertClosed = (env: Env) =>
    Effect.gen(function*() {
      const waiting = yield* Effect.fork(Effect.flip(env.thread.run("hi")))
      yield* settle
      yield* env.close
      assert.strictEqual(env.open(), 0)
      const error = yield* waiting
      assert(error._tag === "ConnectionClosed")
      assert.strictEqual(error.reason, "LayerClosed")
      assert.strictEqual((yield* env.appServer.closed).reason, "LayerClosed")
      assert.strictEqual((yield* Effect.flip(env.codex.startThread()))._tag, "ConnectionClosed")
    })

  it.scoped("stops open turns first, and starts nothing", () =>
    Effect.gen(function*() {
      const { env, first } = yield* connect()
      const running = yield* Effect.fork(Effect.flip(env.thread.run("hi")))
      const { id } = yield* first.server.takeRequest("turn/start")
      yield* first.say.accepted(id, "turn-1")
      yield* first.say.started("turn-1")
      const closing = yield* Effect.fork(env.close)
      yield* first.say.interrupted
      yield* closing
      assert.strictEqual((yield* running)._tag, "TurnInterrupted")
      assert.strictEqual(env.open(), 0)
      yield* later
      assert.strictEqual(env.open(), 0)
    }))

  it.scoped("while it waits for the next attempt is done at once", () =>
    Effect.gen(function*() {
      const { env, first } = yield* connect()
      yield* first.crash
      assert.match(yield* stateOf(env), /^Backoff/)
      yield* assertClosed(env)
    }))

  it.scoped("while it connects is done at once", () =>
    Effect.gen(function*() {
      const { env, first } = yield* connect()
      yield* first.crash
      yield* later
      assert.strictEqual(yield* stateOf(env), "Connecting 1")
      assert.strictEqual(env.open(), 1)
      yield* assertClosed(env)
    }))

  it.scoped("leaves no fiber behind", () =>
    Effect.gen(function*() {
      const before = yield* Fiber.roots
      const { env, first } = yield* connect()
      const second = yield* restart(env, first)
      yield* second.crash
      yield* env.close
      yield* settle
      const left = Array.from(yield* Fiber.roots).filter((fiber) => !Array.from(before).includes(fiber))
      assert.lengthOf(left, 0)
    }))
})
