import type * as Metric from "effect/Metric"
import * as Metrics from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as MetricKey from "effect/MetricKey"
import * as MetricLabel from "effect/MetricLabel"

// The unit is part of the key, and not a tag that is added to the metric, since that one is looked up at every update.
const withUnit = (unit: string) => [MetricLabel.make("unit", unit)]

const counter = (name: string, unit: string, description: string): Metric.Metric.Counter<number> =>
  Metrics.fromMetricKey(
    MetricKey.taggedWithLabels(MetricKey.counter(name, { description, incremental: true }), withUnit(unit))
  )

const upAndDown = (name: string, unit: string, description: string): Metric.Metric.Counter<number> =>
  Metrics.fromMetricKey(MetricKey.taggedWithLabels(MetricKey.counter(name, { description }), withUnit(unit)))

const seconds = (name: string, boundaries: ReadonlyArray<number>, description: string) =>
  Metrics.fromMetricKey(
    MetricKey.taggedWithLabels(
      MetricKey.histogram(name, MetricBoundaries.fromIterable(boundaries), description),
      withUnit("s")
    )
  )

/** @internal */
export const messagesReceived = counter("codex.messages.received", "{message}", "Messages from the server")

/** @internal */
export const messagesSent = counter("codex.messages.sent", "{message}", "Messages to the server")

/** @internal */
export const messagesSkipped = counter("codex.messages.skipped", "{message}", "Lines that were no JSON-RPC message")

/** @internal */
export const messagesUndecodable = counter(
  "codex.messages.undecodable",
  "{message}",
  "Notifications that did not fit their schema"
)

/** @internal */
export const requestsPending = upAndDown("codex.requests.pending", "{request}", "Requests that wait for their answer")

/** @internal */
export const requestsOverloaded = counter(
  "codex.requests.overloaded",
  "{request}",
  "Attempts that an overloaded server refused"
)

/** @internal */
export const lateAnswers = counter("codex.requests.late_answers", "{answer}", "Answers that nobody waited for any more")

/** @internal */
export const requestDuration = seconds(
  "codex.request.duration",
  [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  "Time from a request to its answer"
)

/** @internal */
export const turnsOpen = upAndDown("codex.turns.open", "{turn}", "Turns of this program that have not ended")

/** @internal */
export const turnDuration = seconds(
  "codex.turn.duration",
  [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
  "Time from the start of a turn to its end"
)

/** @internal */
export const tokens = counter("codex.tokens", "{token}", "Tokens that turns have used")

/** @internal */
export const tokensCached = counter("codex.tokens.cached", "{token}", "Input tokens from the model's cache")

/** @internal */
export const serverRequests = counter("codex.server_requests", "{request}", "Questions of the server, by their answer")

/** @internal */
export const serverRequestsRefused = counter(
  "codex.server_requests.refused",
  "{request}",
  "Questions of the server that no handler was asked, since too many were open"
)

/** @internal */
export const eventsMerged = counter("codex.events.merged", "{event}", "Deltas merged into others for a slow reader")

/** @internal */
export const eventsDropped = counter("codex.events.dropped", "{event}", "Deltas that a slow reader did not get")

/** @internal */
export const restarts = counter("codex.restarts", "{restart}", "Connections opened anew by supervision")

/**
 * Tags of a metric. They are made once for what is counted often: a metric knows the tags by their identity that it was
 * given before, and has to look up all others by what they say.
 *
 * @internal
 */
export type Tags = ReadonlyArray<MetricLabel.MetricLabel>

/** @internal */
export const tags = (named: { readonly [name: string]: string | undefined }): Tags =>
  Object.entries(named).flatMap(([name, value]) => value === undefined ? [] : [MetricLabel.make(name, value)])

/**
 * Adds to a counter, or observes in a histogram, without an Effect.
 *
 * @internal
 */
export const update = <Type, Out>(
  metric: Metric.Metric<Type, number, Out>,
  amount: number,
  tags: Tags = []
): void => metric.unsafeUpdate(amount, tags)

/**
 * Brings metrics up to plain numbers of a connection, in steps: once a chunk of frames rather than once a message. Each
 * is what the number has moved since the last step, so that several connections add up.
 *
 * @internal
 */
export const stepper = (
  sources: ReadonlyArray<readonly [metric: Metric.Metric.Counter<number>, read: () => number]>
): () => void => {
  const meters = sources.map(([metric, read]) => ({ metric, read, last: 0 }))
  return () => {
    for (const meter of meters) {
      const now = meter.read()
      if (now !== meter.last) {
        meter.metric.unsafeUpdate(now - meter.last, [])
        meter.last = now
      }
    }
  }
}
