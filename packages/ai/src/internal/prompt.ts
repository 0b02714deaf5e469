import type * as Client from "@effect-codex/protocol/Client"
import * as Input from "@effect-codex/sdk/Input"
import * as AiError from "@effect/ai/AiError"
import type * as Prompt from "@effect/ai/Prompt"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import { textOf } from "./tools.js"

/**
 * A prompt as codex takes it: instructions and a history for a new thread, and the input of its turn.
 *
 * @internal
 */
export interface Conversation {
  readonly instructions: ReadonlyArray<string>
  /** Items of the Responses API. */
  readonly history: ReadonlyArray<unknown>
  readonly input: ReadonlyArray<Client.UserInput>
}

/**
 * What the user says last is the input; there is none where the prompt ends with what tools have answered. System
 * messages at the beginning are instructions, later ones keep their place.
 *
 * @internal
 */
export const toConversation = (
  { content }: Prompt.Prompt,
  method: string
): Either.Either<Conversation, AiError.MalformedInput> =>
  Either.gen(function*() {
    const first = content.findIndex(({ role }) => role !== "system")
    const last = content.map(({ role }) => role === "user").lastIndexOf(false)
    const start = first < 0 ? content.length : first
    const input: Array<Client.UserInput> = []
    for (const message of content.slice(Math.max(start, last + 1))) {
      input.push(...(message.role === "user" ? yield* Either.all(message.content.map(inputOf(method))) : []))
    }
    const history: Array<unknown> = []
    for (const message of content.slice(start, last + 1)) {
      history.push(...yield* itemsOf(message, method))
    }
    return {
      instructions: content.slice(0, start).flatMap((message) => message.role === "system" ? [message.content] : []),
      history,
      input
    }
  })

/**
 * The answer that a prompt already ends with, after the calls of tools that led to it: there a program asks again that
 * expects the model to stop at each call, and nothing is left to be asked.
 *
 * @internal
 */
export const finalAnswer = ({ content }: Prompt.Prompt): string | undefined => {
  const message = content.at(-1)
  if (message?.role !== "assistant") {
    return undefined
  }
  const lastResult = message.content.map(({ type }) => type).lastIndexOf("tool-result")
  const texts = message.content.slice(lastResult + 1).flatMap((part) => part.type === "text" ? [part.text] : [])
  return lastResult >= 0 && texts.length > 0 ? texts.join("") : undefined
}

type Converted<A> = Either.Either<A, AiError.MalformedInput>

const refuse = (method: string, description: string): Converted<never> =>
  Either.left(new AiError.MalformedInput({ module: "CodexLanguageModel", method, description }))

const inputOf = (method: string) => (part: Prompt.UserMessagePart): Converted<Client.UserInput> =>
  part.type === "text" ? Either.right(Input.text(part.text)) : fileOf(part, method)

const fileOf = (part: Prompt.FilePart, method: string): Converted<Client.UserInput> =>
  part.mediaType.startsWith("image/")
    ? Either.right(Input.image(urlOf(part)))
    : refuse(method, `Codex takes text and images, and no file of type ${part.mediaType}. Give it the file's text.`)

const urlOf = ({ data, mediaType }: Prompt.FilePart): string => {
  if (data instanceof URL) {
    return data.href
  }
  if (typeof data === "string" && /^(data|https?):/.test(data)) {
    return data
  }
  return `data:${mediaType};base64,${typeof data === "string" ? data : Encoding.encodeBase64(data)}`
}

const itemsOf = (message: Prompt.Message, method: string): Converted<ReadonlyArray<unknown>> => {
  switch (message.role) {
    case "system":
      return Either.right([messageItem("developer", [{ type: "input_text", text: message.content }])])
    case "user":
      return Either.map(Either.all(message.content.map(inputOf(method))), (parts) => [
        messageItem("user", parts.map(contentOf))
      ])
    case "assistant":
      return Either.right(message.content.flatMap(saidOf))
    case "tool":
      return Either.right(message.content.map(outputItem))
  }
}

const messageItem = (role: string, content: ReadonlyArray<unknown>) => ({ type: "message", role, content })

const contentOf = (part: Client.UserInput) =>
  part.type === "image" && "url" in part
    ? { type: "input_image", image_url: part.url }
    : { type: "input_text", text: part.type === "text" ? part.text : "" }

/** Reasoning is not among it: without its signature, which the prompt does not have, models take none. */
const saidOf = (part: Prompt.AssistantMessagePart): ReadonlyArray<unknown> => {
  switch (part.type) {
    case "text":
      return [messageItem("assistant", [{ type: "output_text", text: part.text }])]
    case "tool-call":
      return [{ type: "function_call", call_id: part.id, name: part.name, arguments: JSON.stringify(part.params) }]
    case "tool-result":
      return [outputItem(part)]
    case "reasoning":
    case "file":
      return []
  }
}

const outputItem = ({ id, result }: Prompt.ToolResultPart) => ({
  type: "function_call_output",
  call_id: id,
  output: textOf(result)
})
