import type { TokenUsageBreakdown } from "@effect-codex/protocol/Server"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type Env, promise } from "./support/env.js"
import { running, start } from "./support/turns.js"

const tokens = (inputTokens: number, outputTokens: number): TokenUsageBreakdown => ({
  inputTokens,
  outputTokens,
  cachedInputTokens: inputTokens / 10,
  cacheWriteInputTokens: inputTokens / 5,
  reasoningOutputTokens: outputTokens / 10,
  totalTokens: inputTokens + outputTokens
})

const nothing = tokens(0, 0)

/** What the server has of an estimate of the context: a total that is made of nothing. */
const estimate = (totalTokens: number): TokenUsageBreakdown => ({ ...nothing, totalTokens })

const report = (
  { server, thread }: Env,
  turnId: string,
  last: TokenUsageBreakdown,
  total: TokenUsageBreakdown,
  threadId = thread.id
) => server.notify("thread/tokenUsage/updated", { threadId, turnId, tokenUsage: { last, total } })

const usageOf = (env: Env, turnId: string, reports: Effect.Effect<unknown>) =>
  Effect.gen(function*() {
    const turn = yield* running(env, turnId)
    yield* reports
    yield* env.say.completed(turnId)
    return (yield* turn.result).turnUsage
  })

describe("a turn's own usage", () => {
  promise("is the sum of its requests, and null where none was reported", (env) =>
    Effect.gen(function*() {
      const one = yield* usageOf(
        env,
        "turn-1",
        Effect.zipRight(
          report(env, "turn-1", tokens(100, 10), tokens(100, 10)),
          report(env, "turn-1", tokens(300, 20), tokens(400, 30))
        )
      )
      assert.deepStrictEqual(one, tokens(400, 30))
      assert.isNull(yield* usageOf(env, "turn-2", Effect.void))
    }))

  promise(
    "leaves out what earlier turns of the thread have used, whoever started them",
    (env) =>
      Effect.gen(function*() {
        yield* usageOf(env, "turn-1", report(env, "turn-1", tokens(100, 10), tokens(100, 10)))
        // As the server reports it when a thread is resumed or forked, and for the turns of others.
        yield* report(env, "another", tokens(500, 50), tokens(600, 60))
        // As old servers, and all of them before they compact, repeat it for the next turn.
        const second = yield* usageOf(
          env,
          "turn-2",
          Effect.zipRight(
            report(env, "turn-2", tokens(500, 50), tokens(600, 60)),
            report(env, "turn-2", tokens(200, 20), tokens(800, 80))
          )
        )
        assert.deepStrictEqual(second, tokens(200, 20))
      })
  )

  promise("is told from the last request where nothing is known of the thread", (env) =>
    Effect.gen(function*() {
      const usage = yield* usageOf(env, "turn-1", report(env, "turn-1", tokens(200, 20), tokens(9_000, 900)))
      assert.deepStrictEqual(usage, tokens(200, 20))
    }))

  promise(
    "counts neither the estimate that follows a compaction nor totals that are set back",
    (env) =>
      Effect.gen(function*() {
        const usage = yield* usageOf(
          env,
          "turn-1",
          Effect.all([
            report(env, "turn-1", tokens(100, 10), tokens(1_100, 110)),
            report(env, "turn-1", estimate(7_000), tokens(1_100, 110)),
            report(env, "turn-1", estimate(90_000), estimate(100_000)),
            report(env, "turn-1", tokens(300, 30), { ...tokens(300, 30), totalTokens: 100_330 })
          ])
        )
        assert.deepStrictEqual(usage, tokens(400, 40))
      })
  )

  promise("has what was reported before the answer to turn/start", (env) =>
    Effect.gen(function*() {
      const starting = yield* Effect.fork(env.thread.run("hi"))
      const { id } = yield* env.server.takeRequest("turn/start")
      yield* report(env, "turn-1", tokens(100, 10), tokens(100, 10))
      yield* env.say.completed("turn-1")
      yield* env.say.accepted(id, "turn-1")
      assert.deepStrictEqual((yield* starting).turnUsage, tokens(100, 10))
    }))

  promise("is part of what an interrupted turn had come to", (env) =>
    Effect.gen(function*() {
      const turn = yield* start(env, "turn-1")
      yield* report(env, "turn-1", tokens(100, 10), tokens(100, 10))
      yield* env.say.completed("turn-1", { status: "interrupted" })
      const error = yield* Effect.flip(turn.result)
      assert(error._tag === "TurnInterrupted")
      assert.deepStrictEqual(error.partial.turnUsage, tokens(100, 10))
    }))
})
