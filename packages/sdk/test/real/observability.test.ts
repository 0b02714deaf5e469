import { Codex } from "@effect-codex/sdk/Codex"
import { attributes } from "@effect-codex/sdk/Observability"
import type { Handlers } from "@effect-codex/sdk/ServerRequests"
import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import { ScriptedModel } from "@effect-codex/testing"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Telemetry from "../support/telemetry.js"
import { codexTest } from "./harness.js"
import { serve } from "./loopback.js"

const secrets = { prompt: "planted-prompt", answer: "planted-answer", command: "planted-command" }

const script: ScriptedModel.Script = ({ toolOutputs }) =>
  toolOutputs.length > 0 ?
    ScriptedModel.text(secrets.answer) :
    ScriptedModel.toolCall({
      name: "exec_command",
      arguments: {
        cmd: `touch ${secrets.command}`,
        login: false,
        sandbox_permissions: "require_escalated",
        justification: secrets.command
      }
    })

const handlers: Handlers = { commandApproval: () => Effect.succeed({ _tag: "Accept" }) }

const run = Effect.gen(function*() {
  const codex = yield* Codex
  const thread = yield* codex.startThread({ approvalPolicy: "on-request", sandbox: "workspace-write" })
  return yield* thread.run(secrets.prompt)
})

it.live("a turn that asks and runs a command is one trace, in which nothing stands of what was said", () => {
  const telemetry = Telemetry.make()
  return Effect.gen(function*() {
    const { finalResponse, id, turnUsage } = yield* Effect.withSpan(run, "program").pipe(
      Effect.provide(Layer.merge(
        codexTest({ script, process: { env: { OPENAI_API_KEY: "planted-key" } } }),
        ServerRequests.layer(handlers)
      ))
    )
    assert.strictEqual(finalResponse, secrets.answer)
    assert.deepStrictEqual(telemetry.tree()["program"], {
      "codex.request thread/start": {},
      "codex.turn": {
        "codex.request turn/start": {},
        "codex.item userMessage": {},
        "codex.item commandExecution": {},
        "codex.server_request item/commandExecution/requestApproval": {},
        "codex.item agentMessage": {}
      }
    })
    const turn = telemetry.span("codex.turn")?.attributes ?? {}
    assert.strictEqual(turn[attributes.turnId], id)
    assert.strictEqual(turn[attributes.turnStatus], "completed")
    assert.strictEqual(turn[attributes.inputTokens], turnUsage?.inputTokens)
    assert.notInclude(yield* telemetry.everything, "planted")
  }).pipe(Effect.provide(telemetry.layer))
})

it.live("the server's own spans belong to the trace of the turn, where it is told to export them", () => {
  const telemetry = Telemetry.make()
  return Effect.scoped(Effect.gen(function*() {
    // The server exports in batches, and what is left when it ends.
    const exported: Array<string> = []
    const { origin } = yield* serve(({ body, path }) => {
      if (path === "/v1/traces") {
        exported.push(body)
      }
      return { status: 200, body: {} }
    })
    const otel = {
      environment: "test",
      trace_exporter: { "otlp-http": { endpoint: `${origin}/v1/traces`, protocol: "json" } }
    }
    yield* run.pipe(
      Effect.provide(Layer.merge(codexTest({ script, config: { otel } }), ServerRequests.layer(handlers)))
    )
    const traceId = telemetry.span("codex.turn")?.spanContext().traceId ?? assert.fail("no trace")
    assert.include(exported.join("\n"), traceId)
  })).pipe(Effect.provide(telemetry.layer))
})
