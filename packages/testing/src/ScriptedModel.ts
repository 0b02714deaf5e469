/**
 * A model that says exactly what a script tells it to. It serves the Responses API (`POST /v1/responses`, server-sent
 * events) on a loopback port, so that the real `codex app-server` runs turns with known outcomes, without an account
 * and without a network.
 *
 * @since 0.1.0
 */
import type { ServeError } from "@effect/platform/HttpServerError"
import * as Context from "effect/Context"
import type * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Layer from "effect/Layer"
import type { Pipeable } from "effect/Pipeable"
import type { Predicate } from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as internalConfig from "./internal/codexConfig.js"
import * as internalReply from "./internal/modelReply.js"
import * as internal from "./internal/scriptedModel.js"

/**
 * @since 0.1.0
 * @category type ids
 */
export const TypeId: TypeId = internalReply.TypeId

/**
 * @since 0.1.0
 * @category type ids
 */
export type TypeId = "@effect-codex/testing/ScriptedModel/Reply"

/**
 * One request of the app-server, decoded as far as scripts and assertions need; `body` is all of it.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelRequest {
  /** How many requests came before this one, on all threads. */
  readonly index: number
  readonly model: string
  /** The thread that asks, and its turn: sub-agents ask on threads of their own. */
  readonly threadId: string | undefined
  readonly turnId: string | undefined
  /** The text of the last user message, its parts joined by newlines; empty when there is none. A request to compact a
   * thread ends in a user message of the app-server's own. */
  readonly userText: string
  /** What the tools called since the last user message have answered, in the order of the input. */
  readonly toolOutputs: ReadonlyArray<ToolOutput>
  /** The tools on offer; one inside a namespace is `namespace.name`. */
  readonly tools: ReadonlyArray<string>
  readonly input: ReadonlyArray<unknown>
  readonly body: unknown
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ToolOutput {
  readonly callId: string
  readonly text: string
}

/**
 * What the model answers to one request: items in order, then the usage.
 *
 * @since 0.1.0
 * @category models
 */
export interface Reply extends Pipeable {
  readonly [TypeId]: TypeId
  readonly items: ReadonlyArray<Item>
  readonly usage: Usage
}

/**
 * One item of a reply; `Wait` stands for an effect between items.
 *
 * @since 0.1.0
 * @category models
 */
export type Item = Data.TaggedEnum<{
  Text: { readonly steps: ReadonlyArray<Step>; readonly phase: "commentary" | "final_answer" | undefined }
  Reasoning: { readonly steps: ReadonlyArray<Step> }
  ToolCall: {
    readonly name: string
    readonly namespace: string | undefined
    readonly arguments: string
    readonly callId: string | undefined
  }
  Wait: { readonly effect: Effect.Effect<unknown, ReplyFailure> }
}>

/**
 * Tokens, as the turn's usage will show them. The total is the sum of `inputTokens` and `outputTokens`; the other two
 * are parts of these.
 *
 * @since 0.1.0
 * @category models
 */
export interface Usage {
  readonly inputTokens: number
  readonly cachedInputTokens: number
  readonly outputTokens: number
  readonly reasoningOutputTokens: number
}

/**
 * One step of a text: a string is sent as one delta; an effect is run, and what follows waits for it. So a gate is
 * `latch.await`, a pause is `Effect.sleep`, and `drop`, `hang` and `fail` end the reply there.
 *
 * @since 0.1.0
 * @category models
 */
export type Step = string | Effect.Effect<unknown, ReplyFailure>

/**
 * What stands for a reply in a script. An effect is run when its request comes, before a byte is sent.
 *
 * @since 0.1.0
 * @category models
 */
export type Entry = Reply | Effect.Effect<Reply, ReplyFailure>

/**
 * What the model answers:
 *
 * - an array: its entries in the order of the requests, on whatever thread;
 * - a record: by the text of the last user message. A single entry answers every such request, an array answers them
 *   in order;
 * - a function: whatever it makes of the request. This is the form for many threads at once.
 *
 * A request for which the script has no entry fails its turn, with a message that says so.
 *
 * @since 0.1.0
 * @category models
 */
export type Script =
  | ReadonlyArray<Entry>
  | { readonly [userText: string]: Entry | ReadonlyArray<Entry> }
  | ((request: ModelRequest) => Entry)

/**
 * How a reply ends other than by completing. `drop`, `fail` and `httpError` make it.
 *
 * @since 0.1.0
 * @category errors
 */
export class ReplyFailure extends Schema.TaggedError<ReplyFailure>("@effect-codex/testing/ScriptedModel/ReplyFailure")(
  "ReplyFailure",
  {
    ending: Schema.Union(
      Schema.TaggedStruct("Drop", {}),
      Schema.TaggedStruct("Fail", { code: Schema.String, message: Schema.String }),
      Schema.TaggedStruct("HttpError", { status: Schema.Int, body: Schema.String })
    )
  }
) {
  /** @since 0.1.0 */
  override get message(): string {
    return `The scripted reply ends by ${this.ending._tag}. Use it in a script, where the model acts on it`
  }
}

/**
 * @since 0.1.0
 * @category services
 */
export class ScriptedModel extends Context.Tag("@effect-codex/testing/ScriptedModel")<ScriptedModel, {
  /** `http://127.0.0.1:PORT/v1`: the `base_url` of a codex model provider. */
  readonly baseUrl: string
  /** The latest requests, oldest first: as many as `maxRequests` keeps. */
  readonly requests: Effect.Effect<ReadonlyArray<ModelRequest>>
  /** The first kept request that matches, or else the next one that does. It waits as long as the layer lives (give it
   * a timeout where that is too long) and is interrupted when the layer closes. */
  readonly awaitRequest: (predicate?: Predicate<ModelRequest>) => Effect.Effect<ModelRequest>
}>() {}

/**
 * A text of the model: each string is one delta. `delay` passes between the deltas: real time with the real app-server, the
 * program's own clock, so also `TestClock`, with the one in memory. Without a `phase` the message has none.
 *
 * @example
 * ```ts
 * import { ScriptedModel } from "@effect-codex/testing"
 * import { Effect } from "effect"
 *
 * const gated = Effect.gen(function*() {
 *   const gate = yield* Effect.makeLatch()
 *   return { gate, reply: ScriptedModel.text(["one ", gate.await, "two"]) }
 * })
 * ```
 *
 * @since 0.1.0
 * @category replies
 */
export const text: (steps: string | ReadonlyArray<Step>, options?: {
  readonly phase?: "commentary" | "final_answer" | undefined
  readonly delay?: Duration.DurationInput | undefined
}) => Reply = internalReply.text

/**
 * A reasoning item whose summary is the given text. Every string is one summary delta.
 *
 * @since 0.1.0
 * @category replies
 */
export const reasoning: (steps: string | ReadonlyArray<Step>, options?: {
  readonly delay?: Duration.DurationInput | undefined
}) => Reply = internalReply.reasoning

/**
 * A call of a tool: the app-server runs it and asks again, with its answer in `toolOutputs`. `arguments` is sent as
 * JSON; a string is sent as it is, well-formed or not. `callId` (which the tool's item has for its id) is unique within
 * the model unless given.
 *
 * @since 0.1.0
 * @category replies
 */
export const toolCall: (options: {
  readonly name: string
  readonly arguments: string | { readonly [name: string]: unknown }
  readonly callId?: string | undefined
  /** Where a tool stands in one: `multi_agent_v1` for `spawn_agent`. */
  readonly namespace?: string | undefined
}) => Reply = internalReply.toolCall

/**
 * One reply with the items of all these, in order, and the usage of the last one. An effect between them is waited for.
 *
 * @since 0.1.0
 * @category replies
 */
export const reply: (...parts: ReadonlyArray<Reply | Effect.Effect<unknown, ReplyFailure>>) => Reply =
  internalReply.reply

/**
 * Sets token counts; those left out stay (10 in and 5 out by default).
 *
 * @since 0.1.0
 * @category combinators
 */
export const withUsage: {
  (usage: Partial<Usage>): (self: Reply) => Reply
  (self: Reply, usage: Partial<Usage>): Reply
} = dual(2, internalReply.withUsage)

/**
 * Ends the reply with `response.failed`, which fails the turn. The default code, `invalid_prompt`, is the one whose
 * message the app-server shows as it is; most others come with words of its own or before the message.
 *
 * @since 0.1.0
 * @category endings
 */
export const fail = (options: {
  readonly message: string
  readonly code?:
    | "context_length_exceeded"
    | "insufficient_quota"
    | "invalid_prompt"
    | "rate_limit_exceeded"
    | "server_is_overloaded"
    | (string & {})
    | undefined
}): Effect.Effect<never, ReplyFailure> =>
  new ReplyFailure({
    ending: { _tag: "Fail", code: options.code ?? internalReply.verbatimCode, message: options.message }
  })

/**
 * Answers with an HTTP status instead of a stream. A body that is no string is sent as JSON; for most statuses the
 * app-server shows its `error.message`, for 400 the whole body, for 429 and 500 words of its own. Only as a whole reply:
 * once events have gone out it is too late for a status, and the reply fails saying that.
 *
 * @since 0.1.0
 * @category endings
 */
export const httpError = (
  status: number,
  body: string | { readonly [name: string]: unknown } = ""
): Effect.Effect<never, ReplyFailure> =>
  new ReplyFailure({
    ending: { _tag: "HttpError", status, body: typeof body === "string" ? body : JSON.stringify(body) }
  })

/**
 * Destroys the connection: before any answer when it is the whole reply, else after everything before it was sent.
 *
 * @since 0.1.0
 * @category endings
 */
export const drop: Effect.Effect<never, ReplyFailure> = new ReplyFailure({ ending: { _tag: "Drop" } })

/**
 * Says nothing more, until the client goes away or the layer closes.
 *
 * @since 0.1.0
 * @category endings
 */
export const hang: Effect.Effect<never> = Effect.never

/**
 * The reply `You said: …` to a request, word by word.
 *
 * @since 0.1.0
 * @category replies
 */
export const echo = (request: ModelRequest): Reply => text(`You said: ${request.userText}`.split(/(?<= )/))

/**
 * Listens on 127.0.0.1, on a port that the system chooses. Closing the layer ends every open reply at once.
 * `maxRequests` (default 1,000) bounds the requests that are kept.
 *
 * @example
 * ```ts
 * import { ScriptedModel } from "@effect-codex/testing"
 *
 * const model = ScriptedModel.layer([
 *   ScriptedModel.toolCall({ name: "exec_command", arguments: { cmd: "echo hi" } }),
 *   ScriptedModel.text(["It said ", "hi."])
 * ])
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  script: Script,
  options?: { readonly maxRequests?: number | undefined }
): Layer.Layer<ScriptedModel, ServeError> => Layer.scoped(ScriptedModel, internal.make(script, options))

/**
 * A model that echoes what the user says, on every thread.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerEcho: Layer.Layer<ScriptedModel, ServeError> = layer(echo)

/**
 * A value of a `config.toml`.
 *
 * @since 0.1.0
 * @category configuration
 */
export type ConfigValue =
  | string
  | number
  | boolean
  | ReadonlyArray<ConfigValue>
  | { readonly [key: string]: ConfigValue }

/**
 * The text of a `config.toml` that makes this model the app-server's only one, without retries and without the look-ups
 * that need a network. `overrides` are merged into it, tables by their keys:
 * `{ features: { default_mode_request_user_input: true } }`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const codexConfig: (options: {
  readonly baseUrl: string
  readonly overrides?: { readonly [key: string]: ConfigValue } | undefined
}) => string = internalConfig.codexConfig
