import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { pipeArguments } from "effect/Pipeable"
import type * as ScriptedModel from "../ScriptedModel.js"

/** @internal */
export const TypeId: ScriptedModel.TypeId = "@effect-codex/testing/ScriptedModel/Reply"

/**
 * The code of `response.failed` whose message the app-server shows unchanged.
 *
 * @internal
 */
export const verbatimCode = "invalid_prompt"

const defaultUsage: ScriptedModel.Usage = {
  inputTokens: 10,
  cachedInputTokens: 0,
  outputTokens: 5,
  reasoningOutputTokens: 0
}

const make = (
  items: ReadonlyArray<ScriptedModel.Item>,
  usage: ScriptedModel.Usage = defaultUsage
): ScriptedModel.Reply => ({
  [TypeId]: TypeId,
  items,
  usage,
  pipe() {
    return pipeArguments(this, arguments)
  }
})

const toSteps = (
  steps: string | ReadonlyArray<ScriptedModel.Step>,
  delay: Duration.DurationInput | undefined
): ReadonlyArray<ScriptedModel.Step> => {
  const all = typeof steps === "string" ? [steps] : steps
  if (delay === undefined) {
    return all
  }
  const pause = Effect.sleep(Duration.decode(delay))
  return all.flatMap((step, index) => index > 0 && typeof step === "string" ? [pause, step] : [step])
}

/** @internal */
export const text = (steps: string | ReadonlyArray<ScriptedModel.Step>, options?: {
  readonly phase?: "commentary" | "final_answer" | undefined
  readonly delay?: Duration.DurationInput | undefined
}): ScriptedModel.Reply => make([{ _tag: "Text", steps: toSteps(steps, options?.delay), phase: options?.phase }])

/** @internal */
export const reasoning = (steps: string | ReadonlyArray<ScriptedModel.Step>, options?: {
  readonly delay?: Duration.DurationInput | undefined
}): ScriptedModel.Reply => make([{ _tag: "Reasoning", steps: toSteps(steps, options?.delay) }])

/** @internal */
export const toolCall = (options: {
  readonly name: string
  readonly arguments: string | { readonly [name: string]: unknown }
  readonly callId?: string | undefined
  readonly namespace?: string | undefined
}): ScriptedModel.Reply =>
  make([{
    _tag: "ToolCall",
    name: options.name,
    namespace: options.namespace,
    arguments: typeof options.arguments === "string" ? options.arguments : JSON.stringify(options.arguments),
    callId: options.callId
  }])

/** @internal */
export const reply = (
  ...parts: ReadonlyArray<ScriptedModel.Reply | Effect.Effect<unknown, ScriptedModel.ReplyFailure>>
): ScriptedModel.Reply => {
  let usage = defaultUsage
  const items: Array<ScriptedModel.Item> = []
  for (const part of parts) {
    if (Effect.isEffect(part)) {
      items.push({ _tag: "Wait", effect: part })
    } else {
      items.push(...part.items)
      usage = part.usage
    }
  }
  return make(items, usage)
}

/** @internal */
export const withUsage = (
  self: ScriptedModel.Reply,
  usage: Partial<ScriptedModel.Usage>
): ScriptedModel.Reply => make(self.items, { ...self.usage, ...usage })
