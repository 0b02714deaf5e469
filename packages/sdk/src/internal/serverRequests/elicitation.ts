import * as Server from "@effect-codex/protocol/Server"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type * as Elicitation from "../../Elicitation.js"
import type { ElicitationRequest } from "../../ServerRequests.js"
import { isRecord } from "../connection/envelope.js"
import { fieldsOf } from "./formFields.js"

/** @internal */
export const acceptAs = <A, I extends Elicitation.Content, R>(
  schema: Schema.Schema<A, I, R>,
  value: A
): Effect.Effect<Elicitation.Accept, ParseResult.ParseError, R> =>
  Effect.map(Schema.encode(schema)(value), (content) => ({ _tag: "Accept", content }))

/**
 * The call that is asked about, where that is what the server of codex uses an elicitation for.
 *
 * @internal
 */
export const approvalOf = (meta: unknown): Elicitation.ToolApproval | undefined => {
  if (!isRecord(meta) || meta["codex_approval_kind"] !== "mcp_tool_call") {
    return undefined
  }
  const { persist, tool_description, tool_name, tool_params } = meta
  const listed: ReadonlyArray<unknown> = Array.isArray(persist) ? persist : [persist]
  return {
    tool: typeof tool_name === "string" ? tool_name : undefined,
    description: typeof tool_description === "string" ? tool_description : undefined,
    arguments: tool_params,
    persist: listed.filter((value) => value === "session" || value === "always")
  }
}

const decodeForm = Schema.decodeUnknownOption(Schema.suspend(() => Server.McpElicitationSchema))

/** @internal */
export const fields = (request: ElicitationRequest): ReadonlyArray<Elicitation.Field> | undefined => {
  switch (request.mode) {
    case "form":
      return fieldsOf(request.requestedSchema)
    case "openai/form":
    case "openaiForm": {
      const form = decodeForm(request.requestedSchema)
      return form._tag === "Some" ? fieldsOf(form.value) : undefined
    }
    default:
      return undefined
  }
}

/** @internal */
export const schema = (fields: ReadonlyArray<Elicitation.Field>): Schema.Schema<Elicitation.Content> => {
  const names = new Set(fields.map(({ name }) => name))
  const struct: Schema.Schema<Elicitation.Content> = Schema.Struct(
    Object.fromEntries(fields.map((field) => [
      field.name,
      field.required ? field.schema : Schema.optionalWith(field.schema, { exact: true })
    ]))
    // A struct without fields takes anything, so the strangers are looked for below.
  ).annotations({ parseOptions: { onExcessProperty: "preserve", errors: "all" } })
  return struct.pipe(
    Schema.filter((content) =>
      Object.keys(content).filter((name) => !names.has(name)).map((name) => ({
        path: [name],
        message: "no such field"
      }))
    )
  )
}

/** The content of an answer with the defaults of what is left out, or why the form does not take it. */
const contentOf = (
  request: ElicitationRequest,
  content: Elicitation.Content | undefined
): Either.Either<Elicitation.Content | undefined, string> => {
  const known = fields(request)
  if (known === undefined) {
    return request.mode === "url" && content !== undefined
      ? Either.left("a page to visit has no content.")
      : Either.right(content)
  }
  const defaults = Object.fromEntries(known.map((field) => [field.name, field.default]))
  const given = Object.entries({ ...defaults, ...content }).filter(([, value]) => value !== undefined)
  return Either.mapLeft(Schema.validateEither(schema(known))(Object.fromEntries(given)), problemsOf)
}

/**
 * What does not fit, field by field.
 *
 * @internal
 */
export const problemsOf = (error: ParseResult.ParseError): string =>
  ParseResult.ArrayFormatter.formatErrorSync(error)
    .map(({ message, path }) => path.length === 0 ? message : `${path.join(".")}: ${message}`)
    .join("; ")

/**
 * Why a question does not take an answer, or `undefined` where it does.
 *
 * @internal
 */
export const problem = (request: ElicitationRequest, answer: Elicitation.Answer): string | undefined => {
  switch (answer._tag) {
    case "Accept":
      return Either.getOrUndefined(Either.flip(contentOf(request, answer.content)))
    case "AcceptForSession":
      return request.approval?.persist.includes("session") === true ? undefined : "it is asked about this once only."
    case "AcceptAlways":
      return request.approval?.persist.includes("always") === true ? undefined : "it cannot be allowed for good."
    default:
      return undefined
  }
}

/** @internal */
export const toWire = (answer: Elicitation.Answer, request: ElicitationRequest) => {
  switch (answer._tag) {
    case "Accept":
      return { action: "accept", content: Either.getOrUndefined(contentOf(request, answer.content)) ?? null }
    case "AcceptForSession":
      return { action: "accept", content: null, _meta: { persist: "session" } }
    case "AcceptAlways":
      return { action: "accept", content: null, _meta: { persist: "always" } }
    case "Decline":
      return { action: "decline" }
    case "Cancel":
      return { action: "cancel" }
  }
}
