/**
 * Functions of this program that the agent can call. A thread is given them when it is opened, on a Codex that was
 * started with `experimentalApi: true`, since that is what the app-server counts them to.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"
import type { InferOutput, JsonSchema, StandardSchema } from "./StandardSchema.js"

/**
 * What a call of a tool comes with, beside its input.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolContext {
  /** Aborted when the call is not waited for any more: its turn has ended, or the connection. */
  readonly signal: AbortSignal
  /** The id of the call's item in the events of the turn. */
  readonly callId: string
  readonly threadId: string
  readonly turnId: string
}

/**
 * A part of what a tool answers: text, an image or a sound.
 *
 * @since 0.1.0
 * @category models
 */
export type ToolContent = Client.DynamicToolCallOutputContentItem

/**
 * A tool, as `tool` makes it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Tool {
  readonly name: string
  readonly description: string
  readonly parameters: StandardSchema | JsonSchema
  /** Takes what `parameters` makes of the arguments. */
  readonly run: (input: never, context: ToolContext) => unknown
}

/**
 * What a tool's function is given: what the schema makes of the arguments. A JSON Schema alone is shown to the model and
 * not checked.
 *
 * @since 0.1.0
 * @category type-level
 */
export type ToolInput<P extends StandardSchema | JsonSchema> = P extends StandardSchema ? InferOutput<P>
  : { readonly [name: string]: unknown }

/**
 * A tool. The arguments are checked before `run` is called; what does not fit, and the message of what `run` throws, is
 * told to the model as an unsuccessful call, so that it can do something about it.
 *
 * `run` answers with text, with anything that is JSON, or with parts of content (`{ type: "inputText", text }`,
 * `{ type: "inputImage", imageUrl }`, `{ type: "inputAudio", audioUrl }`), one or several.
 *
 * @example
 * ```ts
 * import { Codex, tool } from "@effect-codex/promise"
 * import { z } from "zod"
 *
 * const ticket = tool({
 *   name: "ticket",
 *   description: "Looks up a ticket by its number.",
 *   parameters: z.object({ id: z.int() }),
 *   run: async ({ id }, { signal }) => (await fetch(`https://tickets.example.com/${id}`, { signal })).json()
 * })
 *
 * await using codex = await Codex.start({ experimentalApi: true })
 * const thread = await codex.startThread({ tools: [ticket] })
 * const { finalResponse } = await thread.run("What is ticket 1 about?")
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const tool = <const P extends StandardSchema | JsonSchema>(definition: {
  /** Made of letters, digits, `_` and `-`. */
  readonly name: string
  /** What the model reads to know when to call it, and what comes of it. */
  readonly description: string
  /** What it takes: a schema of an object. */
  readonly parameters: P
  readonly run: (input: ToolInput<P>, context: ToolContext) => unknown
}): Tool => definition
