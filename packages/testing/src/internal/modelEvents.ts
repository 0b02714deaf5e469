import type * as Effect from "effect/Effect"
import type * as ScriptedModel from "../ScriptedModel.js"

type Item = ScriptedModel.Item

/** @internal */
export interface ModelEvent {
  readonly type: string
  readonly [member: string]: unknown
}

/** @internal */
export type Emission = ModelEvent | Effect.Effect<unknown, ScriptedModel.ReplyFailure>

const joined = (steps: ReadonlyArray<ScriptedModel.Step>): string =>
  steps.filter((step) => typeof step === "string").join("")

const textEvents = (item: Extract<Item, { _tag: "Text" }>, id: string, output_index: number): Array<Emission> => {
  const message = { type: "message", id, role: "assistant", ...(item.phase === undefined ? {} : { phase: item.phase }) }
  const content = [{ type: "output_text", text: joined(item.steps) }]
  return [
    { type: "response.output_item.added", output_index, item: { ...message, content: [] } },
    ...item.steps.map((step): Emission =>
      typeof step === "string"
        ? { type: "response.output_text.delta", item_id: id, output_index, content_index: 0, delta: step }
        : step
    ),
    { type: "response.output_item.done", output_index, item: { ...message, content } }
  ]
}

const reasoningEvents = (
  item: Extract<Item, { _tag: "Reasoning" }>,
  id: string,
  output_index: number
): Array<Emission> => {
  const place = { item_id: id, output_index, summary_index: 0 }
  const summary = [{ type: "summary_text", text: joined(item.steps) }]
  return [
    { type: "response.output_item.added", output_index, item: { type: "reasoning", id, summary: [] } },
    { type: "response.reasoning_summary_part.added", ...place, part: { type: "summary_text", text: "" } },
    ...item.steps.map((step): Emission =>
      typeof step === "string" ? { type: "response.reasoning_summary_text.delta", ...place, delta: step } : step
    ),
    { type: "response.output_item.done", output_index, item: { type: "reasoning", id, summary } }
  ]
}

const itemEvents = (item: Exclude<Item, { _tag: "Wait" }>, unique: string, outputIndex: number): Array<Emission> => {
  switch (item._tag) {
    case "Text":
      return textEvents(item, `msg_${unique}`, outputIndex)
    case "Reasoning":
      return reasoningEvents(item, `rs_${unique}`, outputIndex)
    case "ToolCall":
      return [{
        type: "response.output_item.done",
        output_index: outputIndex,
        item: {
          type: "function_call",
          id: `fc_${unique}`,
          call_id: item.callId ?? `call_${unique}`,
          name: item.name,
          namespace: item.namespace,
          arguments: item.arguments
        }
      }]
  }
}

const usageFields = (usage: ScriptedModel.Usage) => ({
  input_tokens: usage.inputTokens,
  input_tokens_details: { cached_tokens: usage.cachedInputTokens },
  output_tokens: usage.outputTokens,
  output_tokens_details: { reasoning_tokens: usage.reasoningOutputTokens },
  total_tokens: usage.inputTokens + usage.outputTokens
})

const responseId = (index: number): string => `resp_${index}`

/** @internal */
export const created = (index: number): ModelEvent => ({
  type: "response.created",
  response: { id: responseId(index) }
})

/** @internal */
export const failed = (
  index: number,
  { code, message }: { readonly code: string; readonly message: string }
): ModelEvent => ({
  type: "response.failed",
  response: { id: responseId(index), error: { code, message } }
})

/**
 * Everything a reply sends and waits for, in order.
 *
 * @internal
 */
export const fromReply = (index: number, reply: ScriptedModel.Reply): Array<Emission> => {
  let outputIndex = 0
  const emissions: Array<Emission> = [created(index)]
  for (const item of reply.items) {
    if (item._tag === "Wait") {
      emissions.push(item.effect)
    } else {
      emissions.push(...itemEvents(item, `${index}_${outputIndex}`, outputIndex))
      outputIndex++
    }
  }
  emissions.push({
    type: "response.completed",
    response: { id: responseId(index), usage: usageFields(reply.usage) }
  })
  return emissions
}
