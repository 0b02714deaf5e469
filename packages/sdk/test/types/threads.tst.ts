import type * as Server from "@effect-codex/protocol/Server"
import {
  type CodexError,
  type Goal,
  Review,
  SubAgents,
  type Thread,
  type Turn,
  type TurnEvent,
  type TurnResult
} from "@effect-codex/sdk"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { describe, expect, test } from "tstyche"

declare const thread: Thread.Thread

describe("Thread.review", () => {
  test("is a result, or a turn of the scope", () => {
    expect(thread.review(Review.uncommittedChanges)).type.toBe<
      Effect.Effect<TurnResult.TurnResult, CodexError.ThreadError | CodexError.TurnError>
    >()
    expect(thread.startReview(Review.custom("look"), { timeout: "1 second" })).type.toBe<
      Effect.Effect<Turn.Turn, CodexError.ThreadError, Scope.Scope>
    >()
  })

  test("looks at one of the targets", () => {
    expect(thread.review).type.toBeCallableWith(Review.baseBranch("main"))
    expect(thread.review).type.toBeCallableWith(Review.commit("abc", { title: "A title" }))
    expect(thread.review).type.not.toBeCallableWith("look")
    expect(thread.review).type.not.toBeCallableWith({ type: "branch", branch: "main" })
  })
})

describe("Thread.goal", () => {
  test("is asked for, set and cleared", () => {
    expect(thread.goal.get).type.toBe<
      Effect.Effect<Server.ThreadGoal | null, CodexError.RequestError | CodexError.ThreadNotFound>
    >()
    expect(thread.goal.set).type.toBeCallableWith({ status: "paused" })
    expect(thread.goal.set).type.not.toBeCallableWith({ status: "sleeping" })
    expect(thread.goal.clear).type.toBe<
      Effect.Effect<boolean, CodexError.RequestError | CodexError.ThreadNotFound>
    >()
  })

  test("is run to its result, or streamed", () => {
    expect(thread.goal.run("paint the fence", { tokenBudget: 100 })).type.toBe<
      Effect.Effect<Goal.Result, CodexError.GoalUnfinished | CodexError.ThreadError>
    >()
    expect(thread.goal.stream("paint the fence")).type.toBe<
      Stream.Stream<
        TurnEvent.ThreadEvent,
        CodexError.GoalUnfinished | CodexError.ThreadError | CodexError.EventOverflow
      >
    >()
    expect(thread.goal.run).type.not.toBeCallableWith("paint the fence", { status: "active" })
  })
})

describe("Thread.subAgents", () => {
  test("are data, each with a thread", () => {
    expect(thread.subAgents.tree).type.toBe<
      Effect.Effect<ReadonlyArray<SubAgents.SubAgent>, CodexError.RequestError>
    >()
    expect(thread.subAgents.stop).type.toBe<
      Effect.Effect<void, CodexError.RequestError | CodexError.AgentsStillActive>
    >()
    expect(SubAgents.flatten([])).type.toBe<ReadonlyArray<SubAgents.SubAgent>>()
    expect<SubAgents.SubAgent["thread"]>().type.toBe<Thread.Thread>()
  })
})
