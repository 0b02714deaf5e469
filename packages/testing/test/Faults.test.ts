import * as Transport from "@effect-codex/sdk/Transport"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Supervisor from "effect/Supervisor"
import * as TestClock from "effect/TestClock"
import * as Faults from "../src/Faults.js"
import { of, outcome, over, running, settle } from "./faulty.js"

const request = (id: number, threadId: string) => JSON.stringify({ id, method: "some/request", params: { threadId } })

const answer = (id: number, result: unknown = {}) => JSON.stringify({ id, result })

describe("a transport with faults", () => {
  it.scoped("hands on chunks as they came while nothing strikes", () =>
    Effect.gen(function*() {
      const { chunks, server, strikes } = yield* running(Faults.incoming(Faults.at(100), Faults.delay("1 hour")))
      yield* server.sendFrames(["1", "", "{"])
      yield* server.sendFrames(["2"])
      assert.deepStrictEqual(chunks, [["1", "", "{"], ["2"]])
      assert.deepStrictEqual(yield* strikes, [])
    }))

  it.scoped("lets one run at a time, and the next go on with what was held back", () =>
    Effect.gen(function*() {
      const { run, server, transport } = yield* running(Faults.incoming(Faults.at(1), Faults.delay("1 second")))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(transport.run(() => {}))))
      yield* server.sendFrames(["1", "2"])
      yield* Fiber.interrupt(run)
      yield* TestClock.adjust("1 second")
      const lines: Array<string> = []
      yield* Effect.fork(transport.run((frames) => {
        lines.push(...frames)
      }))
      yield* settle
      assert.deepStrictEqual(lines, ["1", "2"])
    }))

  it.scoped("has each fault see the frames as they came, whatever the others do to them", () =>
    Effect.gen(function*() {
      const { lines, server } = yield* running(
        Faults.incoming(Faults.at(1), Faults.drop),
        Faults.incoming(Faults.at(2), Faults.duplicate),
        Faults.incoming(Faults.at(3), Faults.noise("noise")),
        Faults.outgoing(Faults.every(1), Faults.drop)
      )
      yield* server.sendFrames(["1", "2", "3"])
      assert.deepStrictEqual(lines(), ["2", "2", "noise", "3"])
    }))

  it.scoped("has faults of one frame act in order, each on what those before it have left", () =>
    Effect.gen(function*() {
      const lines = (...actions: ReadonlyArray<Faults.Action>) =>
        Effect.gen(function*() {
          const { lines, server, strikes } = yield* running(
            ...actions.map((action) => Faults.incoming(Faults.at(1), action))
          )
          yield* server.sendFrames(["{\"id\":1}"])
          yield* TestClock.adjust("3 seconds")
          return [lines(), (yield* strikes).map(({ action }) => action)]
        })
      assert.deepStrictEqual(yield* lines(Faults.noise("noise"), Faults.duplicate, Faults.truncate), [
        ["noise", "{\"id", "{\"id"],
        ["Noise", "Duplicate", "Truncate"]
      ])
      assert.deepStrictEqual(yield* lines(Faults.delay("1 second"), Faults.delay("2001 millis")), [
        [],
        ["Delay", "Delay"]
      ])
      assert.deepStrictEqual(yield* lines(Faults.drop, Faults.duplicate, Faults.silence), [[], ["Drop", "Silence"]])
      assert.deepStrictEqual(yield* lines(Faults.duplicate, Faults.drop), [[], ["Duplicate", "Drop"]])
    }))

  it.scoped("cuts a frame so that it is no JSON, whatever white space it ends in", () =>
    Effect.gen(function*() {
      const { lines, server } = yield* running(Faults.incoming(Faults.at(1), Faults.truncate))
      yield* server.sendFrames(["{}      "])
      assert.deepStrictEqual(lines(), ["{"])
    }))

  it.scoped("tells what struck, where, and by which method an answer goes", () =>
    Effect.gen(function*() {
      const { server, strikes, transport } = yield* running(
        Faults.outgoing(Faults.at(1, Faults.method("some/request")), Faults.duplicate),
        Faults.incoming(Faults.when(Faults.method("some/request")), Faults.drop),
        Faults.incoming(Faults.at(1, ({ kind }) => kind === "noise"), Faults.noise())
      )
      yield* transport.send(request(7, "a"))
      yield* server.sendFrames([of("a", "1"), answer(7), "no JSON", answer(8)])
      const strike = { kind: "answer", method: "some/request", direction: "incoming" }
      assert.deepStrictEqual<unknown>(yield* strikes, [
        { ...strike, fault: 0, action: "Duplicate", direction: "outgoing", index: 1, kind: "request" },
        { ...strike, fault: 1, action: "Drop", index: 2 },
        { ...strike, fault: 2, action: "Noise", index: 3, kind: "noise", method: undefined }
      ])
    }))

  it.scoped("strikes the same frames by the same seed, and others by another", () =>
    Effect.gen(function*() {
      const struck = (seed: number) =>
        Effect.gen(function*() {
          const { server, strikes } = yield* running(Faults.incoming(Faults.seeded(seed, 0.3), Faults.drop))
          yield* Effect.forEach(Array.from({ length: 200 }), () => server.sendFrames(["{}"]))
          return (yield* strikes).map(({ index }) => index)
        })
      const first = yield* struck(1)
      assert.deepStrictEqual(yield* struck(1), first)
      assert.notDeepEqual(yield* struck(2), first)
      assert.isTrue(first.length > 30 && first.length < 90, `${first.length} of 200`)
    }))

  it.scoped("keeps the latest 1,000 strikes", () =>
    Effect.gen(function*() {
      const { server, strikes } = yield* running(Faults.incoming(Faults.every(1), Faults.drop))
      yield* server.sendFrames(Array.from({ length: 1_500 }, () => "{}"))
      const indices = (yield* strikes).map(({ index }) => index)
      assert.deepStrictEqual([indices.length, indices[0], indices.at(-1)], [1_000, 501, 1_500])
    }))
})

describe("a delay", () => {
  it.scoped("holds up what comes behind it, one pause after another", () =>
    Effect.gen(function*() {
      const { lines, server } = yield* running(Faults.incoming(Faults.every(2), Faults.delay("1 second")))
      yield* server.sendFrames(["1", "2", "3", "4", "5"])
      assert.deepStrictEqual(lines(), ["1"])
      yield* TestClock.adjust("999 millis")
      assert.deepStrictEqual(lines(), ["1"])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(lines(), ["1", "2", "3"])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(lines(), ["1", "2", "3", "4", "5"])
    }))

  it.scoped("makes a sender wait, and those behind it too", () =>
    Effect.gen(function*() {
      const { server, transport } = yield* running(Faults.outgoing(Faults.every(1), Faults.delay("1 second")))
      const sends = yield* Effect.forEach([1, 2], (id) => Effect.fork(transport.send(request(id, `${id}`))))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Effect.forEach(sends, outcome), ["done", "waits"])
      assert.deepStrictEqual((yield* server.takeAll).map(({ id }) => id), [1])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual((yield* server.takeAll).map(({ id }) => id), [2])
    }))

  it.scoped("lets everything go where more than 1,000 frames wait", () =>
    Effect.gen(function*() {
      const { lines, server } = yield* running(Faults.incoming(Faults.at(1), Faults.delay("1 hour")))
      const frames = Array.from({ length: 1_001 }, (_, i) => `${i}`)
      yield* server.sendFrames(frames.slice(0, 1_000))
      assert.deepStrictEqual(lines(), [])
      yield* server.sendFrames(frames.slice(1_000))
      assert.deepStrictEqual(lines(), frames)
    }))
})

describe("reordering", () => {
  const [a1, a2, a3] = [of("a", "1"), of("a", "2"), of("a", "3")]
  const [b1, b2] = [of("b", "1"), of("b", "2")]

  it.scoped("lets a frame of another thread overtake, and keeps each thread's own order", () =>
    Effect.gen(function*() {
      const { lines, server } = yield* running(Faults.incoming(Faults.at(1), Faults.reorder()))
      yield* server.sendFrames([a1, a2])
      yield* server.sendFrames([b1])
      yield* server.sendFrames([b2, a3])
      assert.deepStrictEqual(lines(), [b1, a1, a2, b2, a3])
    }))

  it.scoped("lets as many overtake as it says", () =>
    Effect.gen(function*() {
      const { lines, server } = yield* running(Faults.incoming(Faults.at(1), Faults.reorder({ behind: 2 })))
      yield* server.sendFrames([a1, b1, a2, b2, a3])
      assert.deepStrictEqual(lines(), [b1, b2, a1, a2, a3])
    }))

  it.scoped("holds several threads at once, each behind the others", () =>
    Effect.gen(function*() {
      const { lines, server } = yield* running(
        Faults.incoming(Faults.at(1), Faults.reorder({ behind: 2 })),
        Faults.incoming(Faults.at(2), Faults.reorder({ behind: 1 }))
      )
      const account = JSON.stringify({ method: "account/updated", params: {} })
      yield* server.sendFrames([a1, b1, a2, b2])
      assert.deepStrictEqual(lines(), [])
      yield* server.sendFrames([account])
      assert.deepStrictEqual(lines(), [account, b1, a1, a2, b2])
    }))

  it.scoped("has answers about a thread wait with it, by the request and by the result", () =>
    Effect.gen(function*() {
      const { lines, server, transport } = yield* running(Faults.incoming(Faults.at(1), Faults.reorder()))
      yield* transport.send(request(1, "a"))
      yield* transport.send(request(2, "b"))
      const [ofA, ofB, started] = [answer(1), answer(2), answer(3, { thread: { id: "a" } })]
      yield* server.sendFrames([a1, ofA, started, ofB])
      assert.deepStrictEqual(lines(), [ofB, a1, ofA, started])
    }))

  it.scoped("ends when its time is over, without another thread", () =>
    Effect.gen(function*() {
      const { lines, server } = yield* running(Faults.incoming(Faults.at(1), Faults.reorder()))
      yield* server.sendFrames([a1, a2])
      yield* TestClock.adjust("99 millis")
      assert.deepStrictEqual(lines(), [])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(lines(), [a1, a2])
    }))

  it.scoped("holds a thread again for all of its time", () =>
    Effect.gen(function*() {
      const { lines, server } = yield* running(Faults.incoming(Faults.every(3), Faults.reorder()))
      const nothing = JSON.stringify({ method: "account/updated", params: {} })
      yield* server.sendFrames([nothing, nothing, a1, b1])
      yield* TestClock.adjust("50 millis")
      yield* server.sendFrames([nothing, a2])
      yield* TestClock.adjust("99 millis")
      assert.deepStrictEqual(lines(), [nothing, nothing, b1, a1, nothing])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(lines().at(-1), a2)
    }))

  it.scoped("of what goes out keeps the order of a thread too", () =>
    Effect.gen(function*() {
      const { server, transport } = yield* running(Faults.outgoing(Faults.at(1), Faults.reorder()))
      const sends = yield* Effect.forEach(
        [[1, "a"], [2, "a"], [3, "b"], [4, "a"]] as const,
        ([id, threadId]) => Effect.fork(transport.send(request(id, threadId)))
      )
      yield* Fiber.joinAll(sends)
      assert.deepStrictEqual((yield* server.takeAll).map(({ id }) => id), [3, 1, 2, 4])
    }))

  it.scoped("lets everything go where more than 1,000 frames wait", () =>
    Effect.gen(function*() {
      const { lines, server, transport } = yield* running(
        Faults.incoming(Faults.at(1), Faults.reorder({ within: "1 hour" })),
        Faults.outgoing(Faults.at(1), Faults.reorder({ within: "1 hour" }))
      )
      yield* server.sendFrames(Array.from({ length: 1_000 }, () => a1))
      const ids = Array.from({ length: 1_000 }, (_, id) => id)
      yield* Effect.forEach(ids, (id) => Effect.fork(transport.send(request(id, "a"))))
      yield* settle
      assert.deepStrictEqual([lines().length, (yield* server.takeAll).length], [0, 0])
      yield* server.sendFrames([a2])
      assert.deepStrictEqual([lines().length, lines().at(-1)], [1_001, a2])
      yield* Effect.fork(transport.send(request(1_000, "a")))
      yield* settle
      // As many as the server's end keeps.
      assert.deepStrictEqual((yield* server.takeAll).map(({ id }) => id), ids)
    }))
})

describe("the end", () => {
  const exited = Transport.end("Exited", { exitCode: 0 })

  it.scoped("of the transport below gets through, after what was held back", () =>
    Effect.gen(function*() {
      for (const action of [Faults.delay("1 hour"), Faults.reorder({ within: "1 hour" })]) {
        const { lines, run, server } = yield* running(Faults.incoming(Faults.at(1), action))
        yield* server.sendFrames([of("a", "1"), of("a", "2")])
        yield* server.end(exited)
        assert.strictEqual(yield* run, exited)
        assert.deepStrictEqual(lines(), [of("a", "1"), of("a", "2")])
      }
    }))

  it.scoped("of the transport below gets through a silent server, and one that does not read", () =>
    Effect.gen(function*() {
      const { lines, run, server, transport } = yield* running(
        Faults.incoming(Faults.at(1), Faults.silence),
        Faults.outgoing(Faults.at(1), Faults.stopReading)
      )
      yield* server.sendFrames(["1"])
      const sending = yield* Effect.fork(transport.send("{}"))
      yield* settle
      yield* server.end(exited)
      assert.strictEqual(yield* run, exited)
      assert.deepStrictEqual(lines(), [])
      yield* settle
      assert.strictEqual(yield* outcome(sending), "Closed")
      assert.strictEqual(yield* transport.run(() => {}), exited)
    }))

  it.scoped("by a cut comes after what was held back, and lets go of what waits in a send", () =>
    Effect.gen(function*() {
      const { lines, run, server, transport } = yield* running(
        Faults.incoming(Faults.at(1), Faults.delay("1 hour")),
        Faults.incoming(Faults.at(3), Faults.cut())
      )
      yield* server.pause
      const sending = yield* Effect.fork(transport.send("{}"))
      yield* settle
      yield* server.sendFrames(["1", "2", "3", "4"])
      assert.deepStrictEqual(lines(), ["1", "2"])
      assert.deepStrictEqual(yield* run, Transport.end("EndOfStream"))
      yield* settle
      assert.strictEqual(yield* outcome(sending), "Closed")
      const error = yield* Effect.flip(transport.send("{}"))
      assert.strictEqual(error.message, "A fault has cut the transport at incoming frame 3.")
    }))

  it.scoped("by a cut reaches a send that cannot be interrupted", () =>
    Effect.gen(function*() {
      const { server, transport } = yield* running(Faults.incoming(Faults.at(1), Faults.cut()))
      yield* server.pause
      const sending = yield* Effect.fork(Effect.uninterruptible(transport.send("{}")))
      yield* settle
      yield* server.sendFrames(["1"])
      yield* settle
      assert.strictEqual(yield* outcome(sending), "Closed")
    }))

  it.scoped("by a handler that throws on a frame that was delayed is a defect of whoever runs it", () =>
    Effect.gen(function*() {
      const { server, transport } = yield* over(Faults.incoming(Faults.at(1), Faults.delay("1 second")))
      const run = yield* Effect.fork(transport.run(() => {
        throw new Error("a mistake")
      }))
      yield* settle
      yield* server.sendFrames(["1"])
      yield* TestClock.adjust("1 second")
      const exit = yield* Fiber.await(run)
      assert(Exit.isFailure(exit))
      assert.include(Cause.pretty(exit.cause), "a mistake")
    }))

  it.scoped("by a cut of what goes out comes after everything sent before", () =>
    Effect.gen(function*() {
      const { run, server, transport } = yield* running(
        Faults.outgoing(Faults.at(1), Faults.delay("1 second")),
        Faults.outgoing(Faults.at(2), Faults.cut())
      )
      const sends = yield* Effect.forEach([1, 2, 3], (id) => Effect.fork(transport.send(request(id, "a"))))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Effect.forEach(sends, outcome), ["done", "Closed", "Closed"])
      assert.deepStrictEqual((yield* server.takeAll).map(({ id }) => id), [1])
      assert.deepStrictEqual(yield* run, Transport.end("EndOfStream"))
    }))

  it.scoped("of the Layer leaves no fiber, and no sender waiting", () =>
    Effect.gen(function*() {
      const supervisor = yield* Supervisor.track
      const scope = yield* Scope.make()
      const { run, server, transport } = yield* running(
        Faults.incoming(Faults.at(1), Faults.delay("1 hour")),
        Faults.incoming(Faults.at(2), Faults.reorder({ within: "1 hour" })),
        Faults.outgoing(Faults.at(1), Faults.reorder({ within: "1 hour" })),
        Faults.outgoing(Faults.at(2), Faults.stopReading)
      ).pipe(Scope.extend(scope), Effect.supervised(supervisor))
      yield* server.sendFrames([of("a", "1"), of("b", "1")])
      const sends = yield* Effect.forEach(["a", "b"], (threadId) => Effect.fork(transport.send(request(1, threadId))))
      yield* settle
      assert.deepStrictEqual(yield* Effect.forEach(sends, outcome), ["waits", "waits"])
      assert.isAbove((yield* supervisor.value).length, 1)
      yield* Fiber.interrupt(run)
      yield* Scope.close(scope, Exit.void)
      yield* settle
      assert.deepStrictEqual(yield* Effect.forEach(sends, outcome), ["Closed", "Closed"])
      assert.deepStrictEqual(yield* supervisor.value, [])
    }))

  it.scoped("of one who sends, at whatever step, leaves the way free for the next", () =>
    Effect.forEach(
      Array.from({ length: 60 }, (_, step) => 12 + step),
      (operations) =>
        Effect.scoped(Effect.gen(function*() {
          const { server, transport } = yield* over(
            Faults.outgoing(Faults.every(2), Faults.delay("1 second")),
            Faults.outgoing(Faults.every(3), Faults.reorder())
          )
          const stepped = (id: number) =>
            Effect.zipRight(Effect.yieldNow(), transport.send(request(id, "a"))).pipe(
              Effect.withMaxOpsBeforeYield(operations)
            )
          const sends = yield* Effect.forEach([1, 2, 3, 4], (id) => Effect.fork(stepped(id)))
          yield* Effect.yieldNow()
          yield* Effect.yieldNow()
          yield* Fiber.interruptAll(sends)
          const last = yield* Effect.fork(transport.send(request(5, "a")))
          yield* TestClock.adjust("5 seconds")
          assert.isTrue(Option.isSome(yield* Fiber.poll(last)), `stuck after ${operations} operations`)
          assert.strictEqual((yield* server.takeAll).at(-1)?.id, 5)
        })),
      { discard: true }
    ))
})
