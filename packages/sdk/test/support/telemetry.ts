import * as NodeSdk from "@effect/opentelemetry/NodeSdk"
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader
} from "@opentelemetry/sdk-metrics"
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { inspect } from "node:util"

/** What a program that logs, traces and measures everything gets to see. */
export const make = () => {
  const exporter = new InMemorySpanExporter()
  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 3_600_000
  })
  const logs: Array<{ readonly message: string; readonly cause: string; readonly about: Record<string, unknown> }> = []
  const logger = Logger.make<unknown, void>(({ annotations, cause, message }) => {
    logs.push({ message: String(message), cause: Cause.pretty(cause), about: Object.fromEntries(annotations) })
  })

  const spans = (): ReadonlyArray<ReadableSpan> => exporter.getFinishedSpans()
  const metrics = Effect.map(
    Effect.promise(() => reader.collect()),
    ({ resourceMetrics }) => resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)
  )

  return {
    layer: Layer.mergeAll(
      NodeSdk.layer(() => ({
        resource: { serviceName: "test" },
        spanProcessor: new SimpleSpanProcessor(exporter),
        metricReader: reader
      })),
      Logger.replace(Logger.defaultLogger, logger),
      Logger.minimumLogLevel(LogLevel.All)
    ),
    logs,
    spans,
    metrics,
    /** The finished spans as a tree of names, the ids in them left out. */
    tree: () => treeOf(spans(), undefined),
    span: (name: string) => spans().find((span) => span.name === name),
    /** Everything of all this, as one text. */
    everything: Effect.map(
      metrics,
      (metrics) =>
        inspect({ logs, metrics, spans: spans().map(contentOf) }, {
          depth: null,
          maxArrayLength: null,
          maxStringLength: null
        })
    )
  }
}

export type Telemetry = ReturnType<typeof make>

const contentOf = ({ attributes, events, name, status }: ReadableSpan) => ({ name, attributes, events, status })

export interface Tree {
  readonly [name: string]: Tree
}

const treeOf = (spans: ReadonlyArray<ReadableSpan>, parentId: string | undefined): Tree =>
  Object.fromEntries(
    spans.filter((span) => span.parentSpanContext?.spanId === parentId).map((
      span
    ) => [span.name, treeOf(spans, span.spanContext().spanId)])
  )
