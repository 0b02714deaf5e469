/**
 * The tools of a `Toolkit` of `@effect/ai` as tools of a codex thread.
 *
 * @since 0.1.0
 */
import type * as Tool from "@effect-codex/sdk/Tool"
import type * as AiTool from "@effect/ai/Tool"
import type * as Toolkit from "@effect/ai/Toolkit"
import * as Effect from "effect/Effect"
import * as internal from "./internal/tools.js"

/**
 * The tools of a toolkit, with its handlers taken from the context: a thread is given them as its own.
 *
 * A call is answered with the encoded result. What a handler fails with reaches the model as an unsuccessful result,
 * encoded as the tool's `failure` says, whatever its `failureMode`: there is nobody else here who could be told.
 *
 * @example
 * ```ts
 * import { CodexTools } from "@effect-codex/ai"
 * import { Codex } from "@effect-codex/sdk"
 * import { Tool, Toolkit } from "@effect/ai"
 * import { Effect, Schema } from "effect"
 *
 * const Desk = Toolkit.make(
 *   Tool.make("ticket", {
 *     description: "Looks up a ticket by its number.",
 *     parameters: { id: Schema.Int },
 *     success: Schema.Struct({ title: Schema.String })
 *   })
 * )
 *
 * const DeskLive = Desk.toLayer({ ticket: ({ id }) => Effect.succeed({ title: `Ticket ${id}` }) })
 *
 * const program = Effect.gen(function*() {
 *   const codex = yield* Codex.Codex
 *   const tools = yield* CodexTools.fromToolkit(Desk)
 *   const thread = yield* codex.startThread({ tools })
 *   return yield* thread.run("What is ticket 1 about?")
 * }).pipe(Effect.provide(DeskLive))
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromToolkit = <Tools extends Record<string, AiTool.Any>, E, R>(
  toolkit: Effect.Effect<Toolkit.WithHandler<Tools>, E, R>
): Effect.Effect<ReadonlyArray<Tool.Tool<AiTool.Requirements<Tools[keyof Tools]>>>, E, R> =>
  Effect.map(toolkit, internal.ofThread)
