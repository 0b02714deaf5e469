import { InvalidParams } from "@effect-codex/sdk/CodexError"
import * as Sdk from "@effect-codex/sdk/Tool"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { hasProperty } from "effect/Predicate"
import type * as Schema from "effect/Schema"
import type { JsonSchema, StandardSchema } from "../StandardSchema.js"
import type { Tool, ToolContent, ToolContext } from "../Tool.js"
import { ofJsonSchema, toSchema } from "./standardSchema.js"

/**
 * The tools as the SDK takes them, or why a model cannot be shown one.
 *
 * @internal
 */
export const toSdk = (
  method: string,
  tools: ReadonlyArray<Tool>
): Effect.Effect<ReadonlyArray<Sdk.Tool>, InvalidParams> =>
  Effect.forEach(tools, (tool) =>
    Either.mapBoth(schemaOf(tool.parameters), {
      onLeft: (problem) => new InvalidParams({ method, issue: `tools: ${tool.name}: ${problem}` }),
      onRight: (parameters) => make(tool, parameters)
    }))

const schemaOf = (parameters: StandardSchema | JsonSchema): Either.Either<Schema.Schema<unknown>, string> =>
  isStandard(parameters) ? toSchema(parameters) : Either.right(ofJsonSchema(parameters))

const isStandard = (parameters: StandardSchema | JsonSchema): parameters is StandardSchema =>
  hasProperty(parameters, "~standard")

const make = (tool: Tool, parameters: Schema.Schema<unknown>): Sdk.Tool => {
  // What `tool` accepted is a function of what its parameters are decoded to.
  const run = tool.run as (input: unknown, context: ToolContext) => unknown
  return Sdk.make(tool.name, {
    description: tool.description,
    parameters,
    handler: (input, { callId, threadId, turnId }) =>
      // What it throws is the user's, and anything.
      // @effect-diagnostics-next-line unknownInEffectCatch:off
      Effect.tryPromise({
        try: async (signal) => outputOf(await run(input, { signal, callId, threadId, turnId })),
        catch: (error) => error
      })
  })
}

const outputOf = (output: unknown): Sdk.Output =>
  typeof output === "string" || isContent(output) || isContents(output) ? output : JSON.stringify(output) ?? ""

const isContents = (u: unknown): u is ReadonlyArray<ToolContent> =>
  Array.isArray(u) && u.length > 0 && u.every(isContent)

const kinds: ReadonlyArray<unknown> = ["inputText", "inputImage", "inputAudio"]

const isContent = (u: unknown): u is ToolContent => hasProperty(u, "type") && kinds.includes(u.type)
