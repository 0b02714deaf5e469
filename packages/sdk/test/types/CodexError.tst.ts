import type { AppServer, CodexError } from "@effect-codex/sdk"
import type { Codex, Thread, Turn } from "@effect-codex/sdk"
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { describe, expect, test } from "tstyche"

declare const server: AppServer.Service
declare const codex: Codex.Service
declare const thread: Thread.Thread
declare const turn: Turn.Turn

type ErrorOf<T> = T extends Effect.Effect<unknown, infer E, infer _R> ? E
  : T extends Stream.Stream<unknown, infer E, infer _R> ? E
  : never

/** The errors of an operation beyond those that any request can meet. */
type Own<T> = Exclude<Extract<ErrorOf<T>, CodexError.CodexError>, CodexError.RequestError>["_tag"]

describe("each operation lists only its own errors", () => {
  test("any request", () => {
    const asked = server.request("thread/resume", { threadId: "id" })
    expect<ErrorOf<typeof asked>>().type.toBe<CodexError.RequestError>()
    expect<CodexError.RequestError["_tag"]>().type.toBe<
      | "ConnectionClosed"
      | "RequestFailed"
      | "RequestTimeout"
      | "TooManyRequests"
      | "InvalidParams"
      | "ExperimentalApiRequired"
      | "UnsupportedByServer"
      | "UndecodableResult"
    >()
  })

  test("opening a thread", () => {
    const started = codex.startThread()
    const resumed = codex.resumeThread("id")
    const forked = codex.forkThread("id")
    expect<Own<typeof started>>().type.toBe<never>()
    expect<Own<typeof resumed>>().type.toBe<"ThreadNotFound" | "ThreadArchived">()
    expect<Own<typeof forked>>().type.toBe<"ThreadNotFound" | "ThreadArchived">()
  })

  test("what is done with a thread", () => {
    const read = thread.read()
    const turns = thread.turns()
    const items = thread.items()
    const named = thread.setName("name")
    expect<Own<typeof read>>().type.toBe<"ThreadNotFound">()
    expect<Own<typeof turns>>().type.toBe<"ThreadNotFound">()
    expect<Own<typeof items>>().type.toBe<"ThreadNotFound">()
    expect<Own<typeof named>>().type.toBe<"ThreadNotFound" | "ThreadArchived">()
    expect<Own<typeof thread.archive>>().type.toBe<"ThreadNotFound">()
    expect<Own<typeof thread.unarchive>>().type.toBe<"ThreadNotFound">()
    expect<Own<typeof thread.unsubscribe>>().type.toBe<never>()
  })

  test("starting a turn", () => {
    const started = thread.startTurn("hello")
    const review = thread.startReview({ type: "uncommittedChanges" })
    expect<Own<typeof started>>().type.toBe<"ThreadNotFound" | "ThreadArchived" | "TurnActive" | "TurnNotSteerable">()
    expect<Own<typeof review>>().type.toBe<"ThreadNotFound" | "ThreadArchived">()
    expect<Own<typeof thread.compact>>().type.toBe<
      "ThreadNotFound" | "ThreadArchived" | "TurnFailed" | "TurnInterrupted" | "TurnStalled"
    >()
  })

  test("steering and stopping one", () => {
    const steered = turn.steer("more")
    expect<Own<typeof steered>>().type.toBe<"TurnNotActive" | "TurnNotSteerable">()
    expect<Own<typeof turn.interrupt>>().type.toBe<"InterruptTimeout">()
  })

  test("whose fields a program acts on", () => {
    expect<CodexError.TurnNotActive["activeTurnId"]>().type.toBe<string | null>()
    expect<CodexError.UnsupportedByServer["since"]>().type.toBe<string>()
    expect<CodexError.UnsupportedByServer["serverVersion"]>().type.toBe<string | null>()
    expect<CodexError.ThreadNotFound["cause"]>().type.toBe<CodexError.RequestFailed>()
  })

  test("and which are gone once they are handled", () => {
    const handled = Effect.catchTag(codex.resumeThread("id"), "ThreadNotFound", () => codex.startThread())
    expect<Own<typeof handled>>().type.toBe<"ThreadArchived">()
  })
})
