/**
 * What tests of programs that use codex assert again and again, with a difference that can be read.
 *
 * They throw, or die with, plain errors that carry `actual` and `expected`, which is what every test runner shows a
 * difference of: so they work in all of them and depend on none.
 *
 * @since 0.1.0
 */
import type * as Server from "@effect-codex/protocol/Server"
import { AppServer } from "@effect-codex/sdk/AppServer"
import type { ServerEvent } from "@effect-codex/sdk/TurnEvent"
import * as Effect from "effect/Effect"
import * as internal from "./internal/assertions.js"

/**
 * An event by its tag, or by its tag and some members of it: `{ _tag: "ItemAgentMessageDelta", delta: "Hel" }`.
 *
 * @since 0.1.0
 * @category models
 */
export type EventPattern = ServerEvent["_tag"] | {
  readonly _tag: ServerEvent["_tag"]
  readonly [member: string]: unknown
}

/**
 * An item by its type, or by its type and some members of it: `{ type: "commandExecution", status: "completed" }`.
 *
 * @since 0.1.0
 * @category models
 */
export type ItemPattern =
  | Server.ThreadItem["type"]
  | { readonly type: Server.ThreadItem["type"]; readonly [member: string]: unknown }

/**
 * These events are among those that came, in this order; others may stand between them.
 *
 * @example
 * ```ts
 * import { Codex } from "@effect-codex/sdk"
 * import { Assertions } from "@effect-codex/testing"
 * import { Effect, Stream } from "effect"
 *
 * const test = Effect.gen(function*() {
 *   const codex = yield* Codex.Codex
 *   const thread = yield* codex.startThread()
 *   const events = yield* Stream.runCollect(thread.stream("hi"))
 *   Assertions.events(events, ["TurnStarted", { _tag: "ItemAgentMessageDelta", delta: "Hello." }, "TurnCompleted"])
 * })
 * ```
 *
 * @since 0.1.0
 * @category assertions
 */
export const events = (actual: Iterable<ServerEvent>, expected: ReadonlyArray<EventPattern>): void =>
  internal.events([...actual], expected)

/**
 * A turn came to these items, in this order, and to no others: what it said, which commands and tools it called, and how
 * they ended.
 *
 * @example
 * ```ts
 * import { Codex } from "@effect-codex/sdk"
 * import { Assertions } from "@effect-codex/testing"
 * import { Effect } from "effect"
 *
 * const test = Effect.gen(function*() {
 *   const codex = yield* Codex.Codex
 *   const thread = yield* codex.startThread()
 *   const result = yield* thread.run("list the files")
 *   Assertions.items(result, ["userMessage", { type: "commandExecution", exitCode: 0 }, "agentMessage"])
 * })
 * ```
 *
 * @since 0.1.0
 * @category assertions
 */
export const items = (
  result: { readonly items: ReadonlyArray<Server.ThreadItem> },
  expected: ReadonlyArray<ItemPattern>
): void => internal.items(result.items, expected)

/**
 * What the server says of the turns of a thread, oldest first, whatever the program knows of them:
 * `turns(thread, ["completed", "interrupted"])`. Not of an ephemeral thread.
 *
 * @since 0.1.0
 * @category assertions
 */
export const turns = <E>(
  thread: { readonly read: (options: { readonly includeTurns: true }) => Effect.Effect<Server.Thread, E> },
  expected: ReadonlyArray<Server.TurnStatus>
): Effect.Effect<void, E> =>
  Effect.map(thread.read({ includeTurns: true }), (read) => internal.turns(read.turns, expected))

/**
 * The effect fails with the error of that tag, which is answered to look further into.
 *
 * @example
 * ```ts
 * import { Codex } from "@effect-codex/sdk"
 * import { Assertions } from "@effect-codex/testing"
 * import { Effect } from "effect"
 *
 * const test = Effect.gen(function*() {
 *   const codex = yield* Codex.Codex
 *   const thread = yield* codex.startThread()
 *   const { error } = yield* Assertions.failsWith(thread.run("fail"), "TurnFailed")
 *   return error.message === "not now"
 * })
 * ```
 *
 * @since 0.1.0
 * @category assertions
 */
export const failsWith = <A, E extends { readonly _tag: string }, R, T extends E["_tag"]>(
  effect: Effect.Effect<A, E, R>,
  tag: T
): Effect.Effect<Extract<E, { readonly _tag: T }>, never, R> => internal.failsWith(effect, tag)

/**
 * Nothing is open on the connection any more: no request, turn, thread, operation or question of the server.
 *
 * @since 0.1.0
 * @category assertions
 */
export const idle: Effect.Effect<void, never, AppServer> = Effect.flatMap(
  AppServer,
  ({ stats }) => Effect.map(stats, internal.idle)
)
