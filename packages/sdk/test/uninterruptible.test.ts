import * as Codex from "@effect-codex/sdk/Codex"
import * as Thread from "@effect-codex/sdk/Thread"
import * as MemoryTransport from "@effect-codex/testing/MemoryTransport"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { assertNothingHeld, connect, type Env, promise, settle } from "./support/env.js"
import { askCommand, openedThread, waiting } from "./support/questions.js"
import { threadId } from "./support/talk.js"
import { running } from "./support/turns.js"

type Failing = Effect.Effect<unknown, { readonly _tag: string }>

/** What is asked of a server that never answers. */
const operations: { readonly [name: string]: (env: Env) => Failing } = {
  "a request": ({ appServer }) => appServer.request("model/list", {}),
  "the start of a thread": ({ codex }) => codex.startThread(),
  "a run": ({ thread }) => thread.run("hi"),
  "a compaction": ({ thread }) => thread.compact,
  "a goal": ({ thread }) => thread.goal.run("paint the fence"),
  "an unsubscription": ({ thread }) => thread.unsubscribe
}

const endOf = <A, E>(fiber: Fiber.Fiber<A, E>) =>
  Effect.map(Fiber.poll(fiber), Option.getOrElse(() => Exit.die("it still waits")))

describe("where nothing can be interrupted, a deadline strikes all the same, that of", () => {
  for (const [name, operation] of Object.entries(operations)) {
    promise(name, (env) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(Effect.uninterruptible(Effect.flip(operation(env))))
        yield* env.server.take
        yield* TestClock.adjust("60 seconds")
        assert.strictEqual((yield* yield* endOf(fiber))._tag, "RequestTimeout")
      }))
  }

  promise("a thread in a scope, which begins and ends so", ({ codex, server }) =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const opening = yield* Effect.fork(codex.startThread().pipe(Thread.scoped, Scope.extend(scope)))
      const { id } = yield* server.takeRequest("thread/start")
      yield* server.respond(id, openedThread("thread-2"))
      yield* opening
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* server.takeRequest("thread/unsubscribe")
      yield* TestClock.adjust("10 seconds")
      yield* yield* endOf(closing)
    }))
})

describe("a connection that was opened where nothing can be interrupted", () => {
  it.scoped("interrupts handlers all the same once their question is settled", () =>
    Effect.gen(function*() {
      const { begun, handler, interrupted } = yield* waiting
      const env = yield* Effect.uninterruptible(connect({ handlers: { commandApproval: handler } }))
      yield* running(env, "turn-1")
      yield* askCommand(env, 0)
      yield* begun
      yield* env.server.notify("serverRequest/resolved", { threadId, requestId: 0 })
      yield* interrupted
      yield* env.say.completed("turn-1")
      yield* assertNothingHeld(env)
    }))

  it.scoped("reads a lost completion back within its bound", () =>
    Effect.gen(function*() {
      const env = yield* Effect.uninterruptible(connect())
      const turn = yield* running(env, "turn-1")
      yield* env.server.notify("thread/status/changed", { threadId, status: { type: "idle" } })
      yield* TestClock.adjust("1 second")
      yield* env.server.takeRequest("thread/turns/list")
      // Silence: the reading back is given up, and its turn can still be ended.
      yield* TestClock.adjust("5 seconds")
      yield* env.say.completed("turn-1")
      yield* turn.result
      yield* assertNothingHeld(env)
    }))

  it.scoped("fails at the deadline of the handshake", () =>
    Effect.gen(function*() {
      const silent = Layer.build(Layer.provide(Codex.layer, MemoryTransport.layerPair))
      const opening = yield* Effect.fork(Effect.uninterruptible(Effect.scoped(Effect.flip(silent))))
      yield* settle
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual((yield* yield* endOf(opening))._tag, "RequestTimeout")
    }))
})
