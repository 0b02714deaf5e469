/**
 * Tools of this program that the model can call: a name, a description, a Schema for the parameters, and an Effect. A
 * thread is given them when it is opened, and their calls run here, each in a fiber of its own under its turn.
 *
 * The parameters are decoded before the handler runs, and its result is encoded. What does not fit, and what the handler
 * fails with, reaches the model as an unsuccessful result in words, so that it can do something about it; a defect
 * reaches it as a plain one, and the log with its cause.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type { ExperimentalApi } from "./AppServer.js"
import * as internal from "./internal/thread/tool.js"
import type { ToolCall } from "./ServerRequests.js"

/**
 * A tool, with what its handler and its Schemas need.
 *
 * @since 0.1.0
 * @category models
 */
export interface Tool<out R = never> {
  readonly _tag: "Tool"
  readonly name: string
  readonly description: string
  readonly parameters: Schema.Schema.All
  /** Answers one call, whatever its arguments are, as the model will hear it. */
  readonly call: (call: Call) => Effect.Effect<Response, never, R>
}

/**
 * Tools under a common name.
 *
 * @since 0.1.0
 * @category models
 */
export interface Namespace<out R = never> {
  readonly _tag: "Namespace"
  readonly name: string
  readonly description: string
  readonly tools: ReadonlyArray<Tool<R>>
  readonly deferLoading: boolean
}

/**
 * What a thread can be given.
 *
 * @since 0.1.0
 * @category models
 */
export type Any = Tool<unknown> | Namespace<unknown>

/**
 * A call, with the arguments as the model wrote them. Its item, in the turn's events, has `callId` for its id.
 *
 * @since 0.1.0
 * @category models
 */
export interface Call extends Pick<ToolCall, "arguments" | "callId" | "threadId" | "turnId"> {}

/**
 * What a call is answered with. Of an unsuccessful one the model hears the words alone, so these have to say so.
 *
 * @since 0.1.0
 * @category models
 */
export type Response = Client.DynamicToolCallResponse

/**
 * A part of what a tool answers.
 *
 * @since 0.1.0
 * @category models
 */
export type Content = Client.DynamicToolCallOutputContentItem

/**
 * What a tool without a `success` Schema answers: one part or several in order; a string is text.
 *
 * @since 0.1.0
 * @category models
 */
export type Output = string | Content | ReadonlyArray<string | Content>

/**
 * What opening a thread with these tools needs: what they need, and the experimental API.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Requirements<Tools extends ReadonlyArray<Any>> = Tools extends readonly [] ? never
  : ExperimentalApi | RequirementsOf<Tools[number]>

/**
 * What one of them needs itself.
 *
 * @since 0.1.0
 * @category type-level
 */
export type RequirementsOf<T> = T extends Tool<infer R> | Namespace<infer R> ? R : never

/**
 * @since 0.1.0
 * @category models
 */
export interface Options<
  Parameters extends Schema.Schema.All,
  Success extends Schema.Schema.All,
  Failure extends Schema.Schema.All,
  R
> {
  /** What the model reads to know when to call it, and what comes of it. */
  readonly description: string
  /** What it takes: a Schema whose encoded side is an object. Without one it takes nothing. */
  readonly parameters?: Parameters | undefined
  /**
   * How its result is encoded: a string is sent as it is, anything else as JSON. Without one the handler answers with
   * text, images or audio itself.
   */
  readonly success?: Success | undefined
  /** How its failure is encoded, likewise. Without one its `message` is sent. */
  readonly failure?: Failure | undefined
  /** It is interrupted when its turn ends. */
  readonly handler: (
    parameters: Schema.Schema.Type<Parameters>,
    call: Call
  ) => Effect.Effect<Schema.Schema.Type<Success>, Schema.Schema.Type<Failure>, R>
}

/**
 * A tool. Its name is made of letters, digits, `_` and `-`, at most 128 of them, and does not begin with `mcp__`; what
 * the server would refuse fails the opening of the thread with `InvalidParams`, before anything is sent.
 *
 * The model sees the shape of the parameters, but not every constraint on them (the server leaves out lengths, patterns
 * and ranges): those are told in the answer to a call that does not keep them.
 *
 * @example
 * ```ts
 * import { Codex, Tool } from "@effect-codex/sdk"
 * import { Effect, Schema } from "effect"
 *
 * class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { id: Schema.Int }) {}
 *
 * const ticket = Tool.make("ticket", {
 *   description: "Looks up a ticket by its number.",
 *   parameters: Schema.Struct({ id: Schema.Int }),
 *   success: Schema.Struct({ title: Schema.String, opened: Schema.Date }),
 *   failure: NotFound,
 *   handler: ({ id }) => id === 1 ? Effect.succeed({ title: "It rains in", opened: new Date(0) }) : new NotFound({ id })
 * })
 *
 * const program = Effect.gen(function*() {
 *   const codex = yield* Codex.Codex
 *   const thread = yield* codex.startThread({ tools: [ticket] })
 *   return yield* thread.run("What is ticket 1 about?")
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: <
  Parameters extends Schema.Schema.All = Schema.Schema<{}>,
  Success extends Schema.Schema.All = Schema.Schema<Output>,
  Failure extends Schema.Schema.All = Schema.Schema<unknown>,
  R = never
>(
  name: string,
  options: Options<Parameters, Success, Failure, R>
) => Tool<
  R | Schema.Schema.Context<Parameters> | Schema.Schema.Context<Success> | Schema.Schema.Context<Failure>
> = internal.make

/**
 * @since 0.1.0
 * @category models
 */
export interface NamespaceOptions<Tools extends ReadonlyArray<Tool<unknown>>> {
  /** What the tools have in common. */
  readonly description: string
  readonly tools: Tools
  /** Leaves them out of what the model is shown from the beginning, for models that can search for tools. */
  readonly deferLoading?: boolean | undefined
}

/**
 * Tools under a common name, made of letters, digits, `_` and `-`, at most 64 of them.
 *
 * @since 0.1.0
 * @category constructors
 */
export const namespace: <const Tools extends ReadonlyArray<Tool<unknown>>>(
  name: string,
  options: NamespaceOptions<Tools>
) => Namespace<RequirementsOf<Tools[number]>> = internal.namespace

/**
 * @since 0.1.0
 * @category content
 */
export const text = (text: string): Content => ({ type: "inputText", text })

/**
 * An image by its URL; a `data:` URL carries it inline.
 *
 * @since 0.1.0
 * @category content
 */
export const image = (imageUrl: string): Content => ({ type: "inputImage", imageUrl })

/**
 * A sound by its URL; a `data:` URL carries it inline.
 *
 * @since 0.1.0
 * @category content
 */
export const audio = (audioUrl: string): Content => ({ type: "inputAudio", audioUrl })
