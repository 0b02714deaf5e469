/**
 * The `LanguageModel` of `@effect/ai` on codex, so that a program written for that runs on codex by changing its Layer.
 *
 * A request is a turn on a thread of its own. The prompt's system messages are the thread's instructions, what the user
 * says last is the turn's input, and what stands between is its history. Codex calls tools in the middle of a turn: the
 * handlers of the request's toolkit run then, `concurrency` of them at once, and the response holds the calls, their
 * results and the answer that they led to, with `stop` for its reason. So there is nothing left for a program to do that
 * asks again as long as there are calls; where it does, the prompt ends with that answer, and is answered with it again.
 *
 * What codex does on its own in a turn (commands, files, the tools of MCP servers) is no part of the response, and so
 * not of the history that a later request comes with. A program that goes on working with one agent holds a thread of
 * `@effect-codex/sdk`.
 *
 * @since 0.1.0
 */
import type { AppServer, ExperimentalApi } from "@effect-codex/sdk/AppServer"
import type { Codex } from "@effect-codex/sdk/Codex"
import type * as Thread from "@effect-codex/sdk/Thread"
import type * as Turn from "@effect-codex/sdk/Turn"
import * as LanguageModel from "@effect/ai/LanguageModel"
import * as Model from "@effect/ai/Model"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as internal from "./internal/languageModel.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * What the threads are started with: the model, the working directory, the sandbox. They are `ephemeral` unless that
   * says otherwise, so that the server stores nothing of them. Instructions of the prompt come after those given here.
   */
  readonly thread?: Omit<Thread.StartOptions, "dynamicTools"> | undefined
  /** What the turns are started with: the effort, for one. */
  readonly turn?: Omit<Turn.TurnOptions, "outputSchema" | "whenActive"> | undefined
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: (
  options?: Options
) => Effect.Effect<LanguageModel.Service, never, Codex | AppServer | ExperimentalApi> = internal.make

/**
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options?: Options
): Layer.Layer<LanguageModel.LanguageModel, never, Codex | AppServer | ExperimentalApi> =>
  Layer.effect(LanguageModel.LanguageModel, make(options))

/**
 * The same as a `Model`, for programs that choose between several.
 *
 * @since 0.1.0
 * @category constructors
 */
export const model = (
  options?: Options
): Model.Model<"codex", LanguageModel.LanguageModel, Codex | AppServer | ExperimentalApi> =>
  Model.make("codex", layer(options))
