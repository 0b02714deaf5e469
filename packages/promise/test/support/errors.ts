import * as Sdk from "@effect-codex/sdk/CodexError"
import type { TurnResult } from "@effect-codex/sdk/TurnResult"
import * as Duration from "effect/Duration"

export const result: TurnResult = {
  id: "turn",
  threadId: "thread",
  status: "interrupted",
  finalResponse: null,
  items: [],
  unfinished: [],
  usage: null,
  turnUsage: null,
  startedAt: null,
  completedAt: null,
  durationMs: null
}

const refusal = new Sdk.RequestFailed({
  method: "thread/resume",
  reason: "Overloaded",
  code: -32001,
  serverMessage: "no",
  data: null
})
const closed = new Sdk.ConnectionClosed({ reason: "LayerClosed", exitCode: null, signal: null, stderrTail: "" })
const ids = { threadId: "thread", turnId: "turn" }
const turnError = { message: "no", codexErrorInfo: null, additionalDetails: null }
const goal = {
  threadId: "thread",
  objective: "all",
  status: "blocked",
  tokenBudget: null,
  tokensUsed: 0,
  timeUsedSeconds: 0,
  createdAt: 0,
  updatedAt: 0
}
const refused = { method: "thread/resume", serverMessage: "no" }
const unchecked = { disableValidation: true }

/** Each error of the SDK that a method of this package can fail with, and what its fields are here. */
export const everyError: ReadonlyArray<
  readonly [error: Sdk.CodexError, fields: { readonly [name: string]: object | string | number | null }]
> = [
  [closed, { reason: "LayerClosed", exitCode: null, signal: null, stderrTail: "" }],
  [
    new Sdk.CrashLoop({ reason: "TooManyCrashes", crashes: 5, window: Duration.minutes(5), last: closed }),
    { reason: "TooManyCrashes", crashes: 5, windowMs: 300_000, last: { reason: "LayerClosed" } }
  ],
  [new Sdk.TransportError({ reason: "Open", detail: "no" }), { reason: "Open", detail: "no" }],
  [new Sdk.BinaryNotFound({ tried: [], fix: "look" }), { tried: [], fix: "look" }],
  [refusal, { method: "thread/resume", reason: "Overloaded", code: -32001, serverMessage: "no", data: null }],
  [new Sdk.RequestTimeout({ method: "m", timeout: Duration.seconds(2) }), { method: "m", timeoutMs: 2_000 }],
  [
    new Sdk.TooManyRequests({ method: "m", maxPendingRequests: 4_096 }),
    { method: "m", maxPendingRequests: 4_096 }
  ],
  [
    new Sdk.InvalidParams({ method: "m", issue: "maxDuration: expected a duration above 0, actual 0" }),
    { method: "m", issue: "maxDurationMs: expected a number above 0, actual 0" }
  ],
  [
    new Sdk.ExperimentalApiRequired({ method: "m", fields: ["a"], cause: refusal }),
    { method: "m", fields: ["a"], cause: refused }
  ],
  [
    new Sdk.UnsupportedByServer({ method: "m", since: "0.150.0", serverVersion: null, cause: refusal }),
    { method: "m", since: "0.150.0", serverVersion: null, cause: refused }
  ],
  [
    new Sdk.UndecodableResult({ method: "m", result: [1], issue: "no" }),
    { method: "m", result: [1], issue: "no" }
  ],
  [new Sdk.ThreadNotFound({ threadId: "thread", cause: refusal }), { threadId: "thread", cause: refused }],
  [new Sdk.ThreadArchived({ threadId: "thread", cause: refusal }), { threadId: "thread", cause: refused }],
  [
    new Sdk.TurnFailed({ ...ids, error: turnError, partial: result }, unchecked),
    { ...ids, error: turnError, partial: result }
  ],
  [new Sdk.TurnInterrupted({ ...ids, partial: result }), { ...ids, partial: result }],
  [
    new Sdk.TurnStalled({ ...ids, stallTimeout: Duration.seconds(1), partial: result }),
    { ...ids, stallTimeoutMs: 1_000, partial: result }
  ],
  [new Sdk.TurnActive(ids), ids],
  [
    new Sdk.TurnNotActive({ ...ids, activeTurnId: null, cause: refusal }),
    { ...ids, activeTurnId: null, cause: refused }
  ],
  [
    new Sdk.TurnNotSteerable({ ...ids, turnKind: "review", cause: refusal }),
    { ...ids, turnKind: "review", cause: refused }
  ],
  [new Sdk.InterruptTimeout({ ...ids, grace: Duration.seconds(5) }), { ...ids, graceMs: 5_000 }],
  [new Sdk.EventOverflow({ capacity: 9 }), { capacity: 9 }],
  [
    new Sdk.LimitExceeded({ ...ids, limit: "maxDuration", allowed: Duration.seconds(1), partial: result }),
    { ...ids, limit: "maxDurationMs", allowed: 1_000, partial: result }
  ],
  [
    new Sdk.StructuredOutputError({ text: null, issues: ["no"], result }),
    { text: null, issues: ["no"], result }
  ],
  [
    new Sdk.GoalUnfinished({ threadId: "thread", reason: "Blocked", goal, turns: [], error: null }, unchecked),
    { threadId: "thread", reason: "Blocked", goal, turns: [], error: null }
  ]
]
