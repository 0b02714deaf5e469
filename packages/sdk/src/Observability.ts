/**
 * What a connection shows of itself: the metrics it keeps, and the names of its spans and of their attributes.
 *
 * Metrics are kept in any case and cost next to nothing; whoever exports Effect's metrics exports these. Each counts all
 * connections of the program. Spans are made where a tracer is provided, in the fibers that start requests and turns,
 * and only then is the trace context sent to the server. None of this holds what was asked or answered, unless
 * `recordContent` of `CodexConfig` is on.
 *
 * @since 0.1.0
 */
import type * as Metric from "effect/Metric"
import type * as MetricKeyType from "effect/MetricKeyType"
import type * as MetricState from "effect/MetricState"
import * as internal from "./internal/observability/metrics.js"

/**
 * A metric that only goes up, or up and down.
 *
 * @since 0.1.0
 * @category models
 */
export type Counter = Metric.Metric.Counter<number>

/**
 * @since 0.1.0
 * @category models
 */
export type Histogram = Metric.Metric<MetricKeyType.MetricKeyType.Histogram, number, MetricState.MetricState.Histogram>

/**
 * `codex.messages.received`, in messages: what came from servers, noise included.
 *
 * @since 0.1.0
 * @category metrics
 */
export const messagesReceived: Counter = internal.messagesReceived

/**
 * `codex.messages.sent`, in messages.
 *
 * @since 0.1.0
 * @category metrics
 */
export const messagesSent: Counter = internal.messagesSent

/**
 * `codex.messages.skipped`, in messages: lines that were no JSON-RPC message.
 *
 * @since 0.1.0
 * @category metrics
 */
export const messagesSkipped: Counter = internal.messagesSkipped

/**
 * `codex.messages.undecodable`, in messages: notifications that did not fit their schema.
 *
 * @since 0.1.0
 * @category metrics
 */
export const messagesUndecodable: Counter = internal.messagesUndecodable

/**
 * `codex.requests.pending`, in requests: those that wait for their answer at this moment.
 *
 * @since 0.1.0
 * @category metrics
 */
export const requestsPending: Counter = internal.requestsPending

/**
 * `codex.requests.overloaded`, in requests: attempts that the server refused because it was overloaded, those that were
 * tried again included.
 *
 * @since 0.1.0
 * @category metrics
 */
export const requestsOverloaded: Counter = internal.requestsOverloaded

/**
 * `codex.requests.late_answers`, in answers: those that nobody waited for any more.
 *
 * @since 0.1.0
 * @category metrics
 */
export const lateAnswers: Counter = internal.lateAnswers

/**
 * `codex.request.duration`, in seconds, by `rpc.method` and, where it failed, `error.type`: each attempt from being
 * sent to its answer.
 *
 * @since 0.1.0
 * @category metrics
 */
export const requestDuration: Histogram = internal.requestDuration

/**
 * `codex.turns.open`, in turns: those of this program that have not ended.
 *
 * @since 0.1.0
 * @category metrics
 */
export const turnsOpen: Counter = internal.turnsOpen

/**
 * `codex.turn.duration`, in seconds, by `codex.turn.status`: turns of this program, from their start to their end.
 *
 * @since 0.1.0
 * @category metrics
 */
export const turnDuration: Histogram = internal.turnDuration

/**
 * `codex.tokens`, in tokens, by `gen_ai.token.type`, which is `input` or `output`: what the turns of this program have
 * used, counted when they end.
 *
 * @since 0.1.0
 * @category metrics
 */
export const tokens: Counter = internal.tokens

/**
 * `codex.tokens.cached`, in tokens: the part of the input that came from the model's cache.
 *
 * @since 0.1.0
 * @category metrics
 */
export const tokensCached: Counter = internal.tokensCached

/**
 * `codex.server_requests`, in requests, by `rpc.method` and `codex.decision`: questions of the server that were
 * answered, or that were settled before.
 *
 * @since 0.1.0
 * @category metrics
 */
export const serverRequests: Counter = internal.serverRequests

/**
 * `codex.server_requests.refused`, in requests: questions of the server that no handler was asked, since too many were
 * open.
 *
 * @since 0.1.0
 * @category metrics
 */
export const serverRequestsRefused: Counter = internal.serverRequestsRefused

/**
 * `codex.events.merged`, in events: deltas that were merged into others, since a reader was slow.
 *
 * @since 0.1.0
 * @category metrics
 */
export const eventsMerged: Counter = internal.eventsMerged

/**
 * `codex.events.dropped`, in events: deltas that a slow reader did not get.
 *
 * @since 0.1.0
 * @category metrics
 */
export const eventsDropped: Counter = internal.eventsDropped

/**
 * `codex.restarts`, in restarts: connections that were opened anew by supervision.
 *
 * @since 0.1.0
 * @category metrics
 */
export const restarts: Counter = internal.restarts

/**
 * The names of the spans. After `request` and `serverRequest` stands the method, after `item` the type of the item, as
 * in `codex.request turn/start`.
 *
 * @since 0.1.0
 * @category spans
 */
export const spans = {
  /** One attempt of a request, from being sent to its answer. */
  request: "codex.request",
  /** A turn of this program, from before its start is sent to its end, whoever reads it. */
  turn: "codex.turn",
  /** An item of a turn, from its start to its completion. */
  item: "codex.item",
  /** A question of the server, from when its handler may run to when its answer is sent. */
  serverRequest: "codex.server_request"
} as const

/**
 * The names of the attributes. Those that OpenTelemetry's conventions name are called as they say.
 *
 * @since 0.1.0
 * @category spans
 */
export const attributes = {
  threadId: "codex.thread.id",
  turnId: "codex.turn.id",
  /** What started the turn: `turn/start`, `review/start`, `thread/compact/start`, and so on. */
  turnMethod: "codex.turn.method",
  /** `completed`, `failed`, `interrupted`, or `inProgress` where the end was not heard of. */
  turnStatus: "codex.turn.status",
  /** How many items have completed. */
  turnItems: "codex.turn.items",
  /** The server's name for why the turn failed. */
  turnError: "codex.turn.error",
  /** Whether the start joined a turn that somebody else has started, so that the span ends at once. */
  turnJoined: "codex.turn.joined",
  itemId: "codex.item.id",
  itemType: "codex.item.type",
  itemStatus: "codex.item.status",
  /** What the answer to a question amounts to: its decision or action, `answered`, `error`, or `none`. */
  decision: "codex.decision",
  rpcSystem: "rpc.system.name",
  rpcMethod: "rpc.method",
  /** The code of an error that the server answered. */
  rpcStatusCode: "rpc.response.status_code",
  requestId: "jsonrpc.request.id",
  /** The `_tag` of the error, or `Defect`. Its message is not recorded. */
  errorType: "error.type",
  /** `invoke_agent`, so that tools for generative AI know a turn. */
  operation: "gen_ai.operation.name",
  agentName: "gen_ai.agent.name",
  conversationId: "gen_ai.conversation.id",
  /** The model, where the turn was started with one. */
  model: "gen_ai.request.model",
  tokenType: "gen_ai.token.type",
  inputTokens: "gen_ai.usage.input_tokens",
  cachedInputTokens: "gen_ai.usage.cache_read.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  reasoningTokens: "gen_ai.usage.reasoning.output_tokens",
  /** What the turn was given, as JSON. Only with `recordContent`. */
  input: "gen_ai.input.messages",
  /** What the turn has answered, as JSON. Only with `recordContent`. */
  output: "gen_ai.output.messages"
} as const
