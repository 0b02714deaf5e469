import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import { TransportError } from "@effect-codex/sdk/CodexError"
import * as CodexPool from "@effect-codex/sdk/CodexPool"
import * as Transport from "@effect-codex/sdk/Transport"
import { ScriptedModel } from "@effect-codex/testing"
import * as MemoryTransport from "@effect-codex/testing/MemoryTransport"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { settle } from "./support/env.js"

interface Started {
  readonly key: unknown
  readonly server: MemoryTransport.Server["Type"]
}

/** App-servers in memory, by key, and what has become of them. */
const makeLookup = () => {
  const started: Array<Started> = []
  const ended: Array<unknown> = []
  const behaviour: { fails: boolean; gate: Effect.Effect<unknown>; ending: Effect.Effect<unknown> } = {
    fails: false,
    gate: Effect.void,
    ending: Effect.void
  }
  const lookup = (key: unknown) =>
    Layer.provide(
      Codex.layer,
      Layer.scopedContext(Effect.gen(function*() {
        yield* behaviour.gate
        if (behaviour.fails) {
          return yield* new TransportError({ reason: "Open", detail: "no" })
        }
        const context = yield* Layer.build(MemoryTransport.layer(ScriptedModel.echo))
        started.push({ key, server: Context.get(context, MemoryTransport.Server) })
        yield* Effect.addFinalizer(() => Effect.zipRight(behaviour.ending, Effect.sync(() => ended.push(key))))
        return context
      }))
    )
  return { lookup, started, ended, behaviour, keys: () => started.map(({ key }) => key) }
}

const say = (codex: Codex.Codex["Type"], text: string) =>
  Effect.map(Effect.flatMap(codex.startThread(), (thread) => thread.run(text)), ({ finalResponse }) => finalResponse)

describe("a pool of app-servers", () => {
  it.scoped("has one for each key, started when it is first asked for and shared while it is used", () =>
    Effect.gen(function*() {
      const { keys, lookup } = makeLookup()
      const pool = yield* CodexPool.make({ lookup, idleTimeToLive: "1 minute" })
      assert.deepStrictEqual(keys(), [])
      const [a, again, b] = yield* Effect.all([pool.get("a"), pool.get("a"), pool.get("b")], { concurrency: 3 })
      assert.strictEqual(a, again)
      assert.notStrictEqual(a, b)
      assert.strictEqual(yield* say(a, "hi"), "You said: hi")
      assert.deepStrictEqual(keys(), ["a", "b"])
    }))

  it.scoped("takes keys that are values", () =>
    Effect.gen(function*() {
      const { keys, lookup } = makeLookup()
      const pool = yield* CodexPool.make({ lookup, idleTimeToLive: "1 minute" })
      yield* pool.get(Data.struct({ cwd: "/", account: "ada" }))
      yield* pool.get(Data.struct({ cwd: "/", account: "ada" }))
      assert.lengthOf(keys(), 1)
    }))

  it.scoped("ends one that nobody has used for a while", () =>
    Effect.gen(function*() {
      const { ended, keys, lookup } = makeLookup()
      const pool = yield* CodexPool.make({ lookup, idleTimeToLive: "1 minute" })
      yield* Effect.scoped(pool.get("a"))
      yield* TestClock.adjust("59 seconds")
      yield* Effect.scoped(pool.get("a"))
      yield* TestClock.adjust("59 seconds")
      assert.deepStrictEqual([keys(), ended], [["a"], []])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(ended, ["a"])
      yield* Effect.scoped(pool.get("a"))
      assert.deepStrictEqual(keys(), ["a", "a"])
    }))

  it.scoped("does not hand out one that has ended", () =>
    Effect.gen(function*() {
      const { ended, lookup, started } = makeLookup()
      const pool = yield* CodexPool.make({ lookup, idleTimeToLive: "1 hour" })
      const held = yield* pool.get("a")
      yield* Effect.scoped(pool.get("b"))
      yield* Effect.forEach(started, ({ server }) => server.end(Transport.end("Exited")))
      yield* settle
      assert.deepStrictEqual(ended, ["b"])
      assert.strictEqual((yield* Effect.flip(held.startThread()))._tag, "ConnectionClosed")
      assert.strictEqual(yield* Effect.flatMap(pool.get("a"), (codex) => say(codex, "hi")), "You said: hi")
      assert.strictEqual(yield* Effect.flatMap(pool.get("b"), (codex) => say(codex, "hi")), "You said: hi")
      assert.lengthOf(started, 4)
    }))

  it.scoped("tells everyone who asked why one cannot be started, and tries again for the next", () =>
    Effect.gen(function*() {
      const { behaviour, keys, lookup } = makeLookup()
      const pool = yield* CodexPool.make({ lookup, idleTimeToLive: "1 hour" })
      behaviour.fails = true
      const errors = yield* Effect.all([Effect.flip(pool.get("a")), Effect.flip(pool.get("a"))], { concurrency: 2 })
      assert.deepStrictEqual(errors.map(({ _tag }) => _tag), ["TransportError", "TransportError"])
      behaviour.fails = false
      yield* pool.get("a")
      assert.deepStrictEqual(keys(), ["a"])
    }))

  it.scoped("has one for each key also where several who could not have it ask again at once", () =>
    Effect.gen(function*() {
      const { behaviour, keys, lookup } = makeLookup()
      const gate = yield* Deferred.make<void>()
      behaviour.gate = Deferred.await(gate)
      behaviour.fails = true
      const pool = yield* CodexPool.make({ lookup, idleTimeToLive: "1 hour" })
      const again = Effect.catchAll(pool.get("a"), () =>
        Effect.suspend(() => {
          behaviour.fails = false
          return pool.get("a")
        }))
      const asking = yield* Effect.forEach([1, 2, 3], () => Effect.fork(again))
      yield* settle
      yield* Deferred.succeed(gate, undefined)
      const [first, ...others] = yield* Effect.forEach(asking, Fiber.join)
      assert.deepStrictEqual(others, [first, first])
      assert.deepStrictEqual(keys(), ["a"])
    }))

  it.scoped("goes on sharing one when who still held the one before it lets that go", () =>
    Effect.gen(function*() {
      const { keys, lookup, started } = makeLookup()
      const pool = yield* CodexPool.make({ lookup, idleTimeToLive: "1 minute" })
      const scope = yield* Scope.make()
      yield* Scope.extend(pool.get("a"), scope)
      yield* Effect.forEach(started, ({ server }) => server.end(Transport.end("Exited")))
      yield* settle
      const next = yield* pool.get("a")
      yield* Scope.close(scope, Exit.void)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* pool.get("a"), next)
      assert.deepStrictEqual(keys(), ["a", "a"])
    }))

  it.scoped("ends also one that was asked for where nothing can be interrupted", () =>
    Effect.gen(function*() {
      const { ended, lookup } = makeLookup()
      const pool = yield* CodexPool.make({ lookup, idleTimeToLive: 0 })
      yield* Effect.scoped(Effect.uninterruptible(pool.get("a")))
      assert.deepStrictEqual(ended, ["a"])
    }))

  it.scoped("goes on starting one for the others where one of those who wait for it is interrupted", () =>
    Effect.gen(function*() {
      const { behaviour, keys, lookup } = makeLookup()
      const gate = yield* Deferred.make<void>()
      behaviour.gate = Deferred.await(gate)
      const pool = yield* CodexPool.make({ lookup, idleTimeToLive: "1 hour" })
      const first = yield* Effect.fork(pool.get("a"))
      const second = yield* Effect.fork(pool.get("a"))
      yield* settle
      yield* Fiber.interrupt(first)
      yield* Deferred.succeed(gate, undefined)
      yield* second
      yield* pool.get("a")
      assert.deepStrictEqual(keys(), ["a"])
    }))

  it.scoped("refuses one too many", () =>
    Effect.gen(function*() {
      const { lookup } = makeLookup()
      const pool = yield* CodexPool.make({ lookup, idleTimeToLive: "1 minute", capacity: 1 })
      yield* pool.get("a")
      assert.strictEqual((yield* Effect.flip(pool.get("b")))._tag, "ExceededCapacityException")
    }))

  it.scoped("ends with its scope, and all of its app-servers at once", () =>
    Effect.gen(function*() {
      const { behaviour, ended, lookup } = makeLookup()
      const scope = yield* Scope.make()
      const pool = yield* Scope.extend(CodexPool.make({ lookup, idleTimeToLive: "1 hour" }), scope)
      yield* Effect.scoped(Effect.all([pool.get("a"), pool.get("b"), pool.get("c")], { concurrency: 3 }))
      const gate = yield* Deferred.make<void>()
      let ending = 0
      behaviour.ending = Effect.zipRight(Effect.sync(() => ending++), Deferred.await(gate))
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* settle
      assert.strictEqual(ending, 3)
      yield* Deferred.succeed(gate, undefined)
      yield* closing
      assert.sameMembers(ended, ["a", "b", "c"])
    }))

  it.scoped("gives an app-server as a Layer, and is a service", () =>
    Effect.gen(function*() {
      const { keys, lookup } = makeLookup()
      const stats = Effect.gen(function*() {
        const pool = yield* CodexPool.CodexPool
        return yield* Effect.flatMap(AppServer, ({ stats }) => stats).pipe(Effect.provide(pool.layer("a")))
      }).pipe(Effect.provide(CodexPool.layer({ lookup, idleTimeToLive: "1 minute" })))
      assert.strictEqual((yield* stats).pendingRequests, 0)
      assert.deepStrictEqual(keys(), ["a"])
    }))
})
