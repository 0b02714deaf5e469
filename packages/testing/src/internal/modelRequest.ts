import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ParseError } from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type * as ScriptedModel from "../ScriptedModel.js"

const Body = Schema.Struct({
  model: Schema.String,
  input: Schema.Array(Schema.Unknown),
  tools: Schema.optional(Schema.Array(Schema.Unknown)),
  prompt_cache_key: Schema.optional(Schema.String),
  client_metadata: Schema.optional(Schema.Struct({
    thread_id: Schema.optional(Schema.String),
    turn_id: Schema.optional(Schema.String)
  }))
})

const TextParts = Schema.Array(Schema.Struct({ type: Schema.String, text: Schema.optional(Schema.String) }))
const UserMessage = Schema.Struct({
  type: Schema.Literal("message"),
  role: Schema.Literal("user"),
  content: TextParts
})
const Output = Schema.Struct({
  type: Schema.Literal("function_call_output", "custom_tool_call_output"),
  call_id: Schema.String,
  output: Schema.Union(Schema.String, TextParts)
})
const Tool = Schema.Struct({
  type: Schema.String,
  name: Schema.optional(Schema.String),
  tools: Schema.optional(Schema.Array(Schema.Struct({ name: Schema.String })))
})

const decodeBody = Schema.decodeUnknown(Body)
const decodeUserMessage = Schema.decodeUnknownOption(UserMessage)
const decodeOutput = Schema.decodeUnknownOption(Output)
const decodeTool = Schema.decodeUnknownOption(Tool)

const textOf = (content: string | typeof TextParts.Type): string =>
  typeof content === "string"
    ? content
    : content.flatMap((part) => part.text === undefined ? [] : [part.text]).join("\n")

const toolNames = (tool: unknown): ReadonlyArray<string> =>
  Option.match(decodeTool(tool), {
    onNone: () => [],
    onSome: ({ name, tools, type }) =>
      tools === undefined ? [name ?? type] : tools.map((member) => `${name ?? type}.${member.name}`)
  })

/** @internal */
export const decode = (body: unknown): Effect.Effect<Omit<ScriptedModel.ModelRequest, "index">, ParseError> =>
  Effect.map(decodeBody(body), (fields) => {
    let userText = ""
    let toolOutputs: Array<ScriptedModel.ToolOutput> = []
    for (const item of fields.input) {
      const message = decodeUserMessage(item)
      if (Option.isSome(message)) {
        userText = textOf(message.value.content)
        toolOutputs = []
        continue
      }
      const output = decodeOutput(item)
      if (Option.isSome(output)) {
        toolOutputs.push({ callId: output.value.call_id, text: textOf(output.value.output) })
      }
    }
    return {
      model: fields.model,
      // The cache key is the thread's id as well, for a server that sends no metadata.
      threadId: fields.client_metadata?.thread_id ?? fields.prompt_cache_key,
      turnId: fields.client_metadata?.turn_id,
      userText,
      toolOutputs,
      tools: (fields.tools ?? []).flatMap(toolNames),
      input: fields.input,
      body
    }
  })
