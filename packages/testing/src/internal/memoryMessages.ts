import type * as Client from "@effect-codex/protocol/Client"
import { PROTOCOL_VERSION } from "@effect-codex/protocol/ProtocolVersion"
import type * as Server from "@effect-codex/protocol/Server"
import type * as ScriptedModel from "../ScriptedModel.js"

const cwd = "/workspace"
const model = "scripted-model"
const modelProvider = "scripted"

/** @internal */
export const initialized = (params: Client.InitializeParams): Server.InitializeResponse => ({
  userAgent: `${params.clientInfo.name}/${PROTOCOL_VERSION} (in memory)`,
  codexHome: "/home/user/.codex",
  platformFamily: "unix",
  platformOs: "linux"
})

/** @internal */
export const thread = (id: string, options: {
  readonly now: number
  readonly name: string | null
  readonly active: boolean
}): Server.Thread => ({
  id,
  sessionId: id,
  preview: "",
  ephemeral: false,
  modelProvider,
  createdAt: options.now,
  updatedAt: options.now,
  status: options.active ? { type: "active", activeFlags: [] } : { type: "idle" },
  cwd,
  cliVersion: PROTOCOL_VERSION,
  source: "vscode",
  name: options.name,
  turns: []
})

/** @internal */
export const opened = (
  thread: Server.Thread,
  params: Pick<Client.ThreadStartParams, "cwd" | "model">
): Server.ThreadStartResponse => ({
  thread: { ...thread, cwd: params.cwd ?? cwd },
  model: params.model ?? model,
  modelProvider,
  cwd: params.cwd ?? cwd,
  approvalPolicy: "on-request",
  approvalsReviewer: "user",
  sandbox: { type: "readOnly", networkAccess: false },
  reasoningEffort: null
})

/** @internal */
export const userText = (input: ReadonlyArray<Client.UserInput>): string =>
  input.flatMap((part) => part.type === "text" ? [part.text] : []).join("\n")

/** @internal */
export const modelRequest = (options: {
  readonly index: number
  readonly threadId: string
  readonly turnId: string
  readonly input: ReadonlyArray<Client.UserInput>
}): ScriptedModel.ModelRequest => ({
  index: options.index,
  model,
  threadId: options.threadId,
  turnId: options.turnId,
  userText: userText(options.input),
  toolOutputs: [],
  tools: [],
  input: options.input,
  body: { model, input: options.input }
})

/** @internal */
export const tokens = (usage: ScriptedModel.Usage): Server.TokenUsageBreakdown => ({
  ...usage,
  totalTokens: usage.inputTokens + usage.outputTokens
})

/** @internal */
export const addTokens = (
  a: Server.TokenUsageBreakdown,
  b: Server.TokenUsageBreakdown
): Server.TokenUsageBreakdown => ({
  totalTokens: a.totalTokens + b.totalTokens,
  inputTokens: a.inputTokens + b.inputTokens,
  cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  reasoningOutputTokens: a.reasoningOutputTokens + b.reasoningOutputTokens
})

/** @internal */
export const noTokens: Server.TokenUsageBreakdown = {
  totalTokens: 0,
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningOutputTokens: 0
}
