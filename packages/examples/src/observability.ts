/**
 * A turn seen from outside: the program runs a command and asks before, and what it prints afterwards is the trace of
 * that turn and a few of the metrics.
 */
import { Codex, Observability, ServerRequests } from "@effect-codex/sdk"
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import * as NodeSdk from "@effect/opentelemetry/NodeSdk"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const thread = yield* codex.startThread({ approvalPolicy: "on-request", sandbox: "workspace-write" })
  yield* thread.run("Say hello from a shell.")
})

const approve = ServerRequests.layer({ commandApproval: () => Effect.succeed({ _tag: "Accept" }) })

// Without a script it would be `NodeCodex.layer()`.
const script: ScriptedModel.Script = ({ toolOutputs }) =>
  toolOutputs.length > 0
    ? ScriptedModel.text("It said hello.")
    : ScriptedModel.toolCall({
      name: "exec_command",
      arguments: { cmd: "echo hello", sandbox_permissions: "require_escalated", justification: "You asked for it." }
    })

// A program that is looked at has an exporter that sends the spans somewhere, such as the one of `Otlp.layerJson`.
const exporter = new InMemorySpanExporter()
const tracing = NodeSdk.layer(() => ({
  resource: { serviceName: "observability-example" },
  spanProcessor: new SimpleSpanProcessor(exporter)
}))

const milliseconds = ([seconds, nanos]: readonly [number, number]) => seconds * 1_000 + nanos / 1_000_000

const linesOf = (parent: ReadableSpan | undefined, indent: string): ReadonlyArray<string> =>
  exporter.getFinishedSpans()
    .filter((span) => span.parentSpanContext?.spanId === parent?.spanContext().spanId)
    .sort((a, b) => milliseconds(a.startTime) - milliseconds(b.startTime))
    .flatMap((span) => [
      `${indent}${span.name}  ${milliseconds(span.duration).toFixed(0)} ms`,
      ...linesOf(span, `${indent}  `)
    ])

const report = Effect.gen(function*() {
  yield* Console.log(linesOf(undefined, "").join("\n"))
  const { count } = yield* Metric.value(Metric.tagged(Observability.tokens, "gen_ai.token.type", "input"))
  yield* Console.log(`${count} input tokens`)
})

program.pipe(
  Effect.withSpan("program"),
  Effect.provide(Layer.merge(CodexTest.layer({ script }), approve)),
  Effect.zipRight(report),
  Effect.provide(tracing),
  NodeRuntime.runMain
)
