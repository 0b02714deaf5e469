import * as Review from "@effect-codex/sdk/Review"
import * as Transport from "@effect-codex/sdk/Transport"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { assertNothingHeld, connect, type Env, settle } from "./support/env.js"
import { threadId, turn as turnOf } from "./support/talk.js"
import { threadOf } from "./support/threads.js"

/** A server that accepts everything and ends turns only when it is told to stop them. */
const serve = (env: Env) => {
  let turns = 0
  return Effect.forever(Effect.gen(function*() {
    const { id, method, params } = yield* env.server.take
    if (typeof id !== "number") {
      return
    }
    switch (method) {
      case "turn/start": {
        const turnId = `turn-${turns++}`
        yield* env.say.accepted(id, turnId)
        return yield* env.say.started(turnId)
      }
      case "thread/compact/start":
        yield* env.server.respond(id, {})
        return yield* env.say.started(`turn-${turns++}`)
      case "review/start": {
        const turnId = `turn-${turns++}`
        yield* env.server.respond(id, { reviewThreadId: threadId, turn: turnOf(turnId) })
        return yield* env.say.started(`reviewer of ${turnId}`)
      }
      case "thread/goal/set": {
        const { status } = params as { readonly status: string }
        const goal = { threadId, objective: "", status, tokensUsed: 0, timeUsedSeconds: 0, createdAt: 0, updatedAt: 0 }
        yield* env.server.respond(id, { goal })
        yield* env.server.notify("thread/goal/updated", { threadId, goal })
        return yield* status === "active" ? env.say.started(`turn-${turns++}`) : Effect.void
      }
      case "thread/read":
        return yield* env.server.respond(id, { thread: threadOf("idle") })
      case "turn/interrupt": {
        yield* env.server.respond(id, {})
        const { turnId } = params as { readonly turnId: string }
        return yield* env.say.completed(turnId.replace("reviewer of ", ""), { status: "interrupted" })
      }
      default:
        return yield* env.server.respond(id, method === "model/list" ? { data: [] } : { turnId: "turn-0" })
    }
  }))
}

const operations: { readonly [name: string]: (env: Env) => Effect.Effect<unknown, unknown> } = {
  "a request": ({ appServer }) => appServer.request("model/list", {}),
  "a run": ({ thread }) => thread.run("hi"),
  "a stream": ({ thread }) => Stream.runDrain(thread.stream("hi")),
  "a join": ({ thread }) => thread.run("hi", { whenActive: "join" }),
  "a start that may fail": ({ thread }) => thread.run("hi", { whenActive: "fail" }),
  "a compaction": ({ thread }) => thread.compact,
  "a review": ({ thread }) => thread.review(Review.uncommittedChanges),
  "a goal": ({ thread }) => thread.goal.run("paint the fence"),
  "a stream of a goal": ({ thread }) => Stream.runDrain(thread.goal.stream("paint the fence")),
  "a reader of a thread": ({ thread }) => Stream.runDrain(thread.events),
  "a reader of everything": ({ codex }) => Stream.runDrain(codex.events)
}

/** Has a fiber yield after every so many operations, so that what follows strikes at another step of it each time. */
const stepped = <A, E>(self: Effect.Effect<A, E>, operations: number) =>
  Effect.withMaxOpsBeforeYield(Effect.zipRight(Effect.yieldNow(), Effect.exit(self)), operations)

/** A server, and an operation that has come so far. */
const underWay = (env: Env, operation: (env: Env) => Effect.Effect<unknown, unknown>, operations: number) =>
  Effect.gen(function*() {
    const server = yield* Effect.fork(serve(env))
    const fiber = yield* Effect.fork(stepped(operation(env), operations))
    yield* Effect.yieldNow()
    yield* Effect.yieldNow()
    return { fiber, server }
  })

const steps = Array.from({ length: 60 }, (_, index) => 12 + index)

const inTurn = <E>(body: (env: Env, operations: number) => Effect.Effect<unknown, E>) =>
  Effect.forEach(steps, (operations) => Effect.scoped(Effect.flatMap(connect(), (env) => body(env, operations))), {
    discard: true
  })

describe("at whatever step it is interrupted, nothing is left of", () => {
  for (const [name, operation] of Object.entries(operations)) {
    it.scoped(name, () =>
      inTurn((env, operations) =>
        Effect.gen(function*() {
          const { fiber, server } = yield* underWay(env, operation, operations)
          const interruption = yield* Effect.fork(Fiber.interrupt(fiber))
          yield* TestClock.adjust("6 seconds")
          assert.isTrue(Option.isSome(yield* Fiber.poll(interruption)), `still open after ${operations} operations`)
          yield* assertNothingHeld(env)
          yield* Fiber.interrupt(server)
        })
      ))
  }
})

describe("at whatever step the connection ends, it ends", () => {
  for (const [name, operation] of Object.entries(operations)) {
    it.scoped(name, () =>
      inTurn((env, operations) =>
        Effect.gen(function*() {
          const { fiber, server } = yield* underWay(env, operation, operations)
          yield* env.server.end(Transport.end("EndOfStream"))
          yield* settle
          yield* TestClock.adjust("3 seconds")
          assert.isTrue(Option.isSome(yield* Fiber.poll(fiber)), `still open after ${operations} operations`)
          yield* Fiber.interrupt(server)
        })
      ))
  }
})
