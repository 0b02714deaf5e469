import type { ServerRequests } from "@effect-codex/protocol/ServerRequests"
import type { WireError } from "../connection/envelope.js"

/** @internal */
export type Answer =
  | { readonly result: unknown }
  | { readonly error: Pick<WireError, "code" | "message"> }

const failedTool = (text: string) => ({ contentItems: [{ type: "inputText" as const, text }], success: false })

type Results = { readonly [Method in keyof ServerRequests]?: ServerRequests[Method]["result"] }

const results: Results = {
  "item/commandExecution/requestApproval": { decision: "decline" },
  "item/fileChange/requestApproval": { decision: "decline" },
  "item/permissions/requestApproval": { permissions: {} },
  "item/tool/requestUserInput": { answers: {} },
  "item/tool/call": failedTool("This client does not provide the tool."),
  "mcpServer/elicitation/request": { action: "decline" },
  applyPatchApproval: { decision: { denied: { rejection: "This client approves nothing." } } },
  execCommandApproval: { decision: { denied: { rejection: "This client approves nothing." } } }
}

/**
 * The answer that grants nothing: a question is declined or answered with nothing in the form of its own kind, and
 * what has no such form is refused as a method that this client does not serve.
 *
 * @internal
 */
export const safeAnswer = (method: string): Answer => {
  const result = Object.hasOwn(results, method) ? results[method as keyof Results] : undefined
  return result === undefined
    ? { error: { code: -32601, message: `This client does not answer ${method}.` } }
    : { result }
}

/**
 * The same where there is a handler that gave no answer: a tool that failed is there, and the model can be told so.
 *
 * @internal
 */
export const unanswered = (method: string): Answer =>
  method === "item/tool/call" ? { result: failedTool("The tool failed.") } : safeAnswer(method)
