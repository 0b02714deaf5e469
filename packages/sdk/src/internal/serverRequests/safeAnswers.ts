import type { ServerRequests } from "@effect-codex/protocol/ServerRequests"
import type { WireError } from "../connection/envelope.js"

/** @internal */
export type Answer =
  | { readonly result: unknown }
  | { readonly error: Pick<WireError, "code" | "message"> }

type Results = { readonly [Method in keyof ServerRequests]?: ServerRequests[Method]["result"] }

const results: Results = {
  "item/commandExecution/requestApproval": { decision: "decline" },
  "item/fileChange/requestApproval": { decision: "decline" },
  "item/permissions/requestApproval": { permissions: {} },
  "item/tool/requestUserInput": { answers: {} },
  "item/tool/call": {
    contentItems: [{ type: "inputText", text: "This client does not provide the tool." }],
    success: false
  },
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
