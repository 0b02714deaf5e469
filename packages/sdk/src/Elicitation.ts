/**
 * What an MCP server asks of the user: a form to fill in, or a page to visit. The server of codex asks by the same kind
 * of question whether a tool of an MCP server may be called; `approval` tells that apart.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import * as internal from "./internal/serverRequests/elicitation.js"
import type { ElicitationRequest } from "./ServerRequests.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Answer = Accept | AcceptForSession | AcceptAlways | Decline | Cancel

/**
 * The form filled in, the page visited, which has no content, or the tool allowed this once.
 *
 * @since 0.1.0
 * @category models
 */
export interface Accept {
  readonly _tag: "Accept"
  readonly content: Content | undefined
}

/**
 * The tool is allowed, as long as the server has the thread loaded.
 *
 * @since 0.1.0
 * @category models
 */
export interface AcceptForSession {
  readonly _tag: "AcceptForSession"
}

/**
 * The tool is allowed from now on, also for other threads and later runs: the server keeps it in its configuration.
 *
 * @since 0.1.0
 * @category models
 */
export interface AcceptAlways {
  readonly _tag: "AcceptAlways"
}

/**
 * The user does not want to.
 *
 * @since 0.1.0
 * @category models
 */
export interface Decline {
  readonly _tag: "Decline"
}

/**
 * The user turned away without deciding. The turn goes on.
 *
 * @since 0.1.0
 * @category models
 */
export interface Cancel {
  readonly _tag: "Cancel"
}

/**
 * What a form is filled in with, by field.
 *
 * @since 0.1.0
 * @category models
 */
export interface Content {
  readonly [field: string]: unknown
}

/**
 * The call of an MCP server's tool that is asked about, where an elicitation is no form but such a question.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolApproval {
  /** Servers before 0.169 name the tool only in the question's `message`. */
  readonly tool: string | undefined
  readonly description: string | undefined
  readonly arguments: unknown
  /** For how long it can be allowed beside this once. */
  readonly persist: ReadonlyArray<"session" | "always">
}

/**
 * A field of a form.
 *
 * @since 0.1.0
 * @category models
 */
export interface Field {
  readonly name: string
  /** What it is called before the user: the title, or the name where it has none. */
  readonly title: string
  readonly description: string | undefined
  readonly required: boolean
  readonly default: unknown
  /** What there is to choose from, where it is a choice. */
  readonly options: ReadonlyArray<Option> | undefined
  /** Whether several options can be chosen. */
  readonly multiple: boolean
  /** What it takes; anything, where this version does not know its kind. */
  readonly schema: Schema.Schema<unknown>
  /**
   * The same from what a user types: `yes` and `no`, numbers, an option's title or value, several of them with commas
   * in between.
   */
  readonly text: Schema.Schema<unknown, string>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Option {
  readonly value: string
  readonly title: string
}

/**
 * A form takes its fields by name, and what is left out takes its default. What does not fit is refused before it is
 * sent.
 *
 * @since 0.1.0
 * @category constructors
 */
export const accept = (content?: Content): Accept => ({ _tag: "Accept", content })

/**
 * The same with a value of a Schema, whose encoded side is the form's content.
 *
 * @example
 * ```ts
 * import { Elicitation, ServerRequests } from "@effect-codex/sdk"
 * import { Effect, Schema } from "effect"
 *
 * const Booking = Schema.Struct({ day: Schema.Date, guests: Schema.Int })
 *
 * const handlers = ServerRequests.layer({
 *   elicitation: (request) =>
 *     request.mode === "form" && request.approval === undefined && request.serverName === "restaurant"
 *       ? Elicitation.acceptAs(Booking, { day: new Date("2030-01-01"), guests: 2 })
 *       : Effect.succeed(Elicitation.decline)
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const acceptAs: <A, I extends Content, R>(
  schema: Schema.Schema<A, I, R>,
  value: A
) => Effect.Effect<Accept, ParseResult.ParseError, R> = internal.acceptAs

/**
 * @since 0.1.0
 * @category constructors
 */
export const acceptForSession: AcceptForSession = { _tag: "AcceptForSession" }

/**
 * @since 0.1.0
 * @category constructors
 */
export const acceptAlways: AcceptAlways = { _tag: "AcceptAlways" }

/**
 * @since 0.1.0
 * @category constructors
 */
export const decline: Decline = { _tag: "Decline" }

/**
 * @since 0.1.0
 * @category constructors
 */
export const cancel: Cancel = { _tag: "Cancel" }

/**
 * The fields of a form, in its order; `undefined` for what is no form that this version can read.
 *
 * @since 0.1.0
 * @category forms
 */
export const fields: (request: ElicitationRequest) => ReadonlyArray<Field> | undefined = internal.fields

/**
 * What a form takes, as `accept` is checked by: its fields and no others, with the defaults of those that are left out.
 *
 * @since 0.1.0
 * @category forms
 */
export const schema: (fields: ReadonlyArray<Field>) => Schema.Schema<Content> = internal.schema
