import type * as Approval from "@effect-codex/sdk/Approval"
import { attributes } from "@effect-codex/sdk/Observability"
import * as Observability from "@effect-codex/sdk/Observability"
import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import * as Transport from "@effect-codex/sdk/Transport"
import * as OtelTracer from "@effect/opentelemetry/Tracer"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import * as MetricLabel from "effect/MetricLabel"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { type Env, type Options, promise, settle } from "./support/env.js"
import { agentMessage, threadId } from "./support/talk.js"
import * as Telemetry from "./support/telemetry.js"
import * as Turns from "./support/turns.js"

const observed = <E>(
  name: string,
  body: (env: Env, telemetry: Telemetry.Telemetry) => Effect.Effect<unknown, E>,
  options: Options = {}
) => {
  const telemetry = Telemetry.make()
  promise(name, (env) => body(env, telemetry), { ...options, logger: telemetry.layer })
}

const command = (turnId: string, text = "ls") => ({
  threadId,
  turnId,
  itemId: "command-1",
  startedAtMs: 1,
  command: text,
  cwd: "/work",
  reason: text,
  availableDecisions: ["accept" as const, "decline" as const]
})

/** A turn that asks once, runs a command and answers. */
const wholeTurn = (env: Env, { answer = "Done.", prompt = "hi", question = "ls" } = {}) =>
  Effect.gen(function*() {
    const { say, server, thread } = env
    const running = yield* Effect.fork(thread.run(prompt))
    const { id } = yield* server.takeRequest("turn/start")
    yield* say.accepted(id, "turn-1")
    yield* say.started("turn-1")
    const item = {
      type: "commandExecution",
      id: "command-1",
      command: question,
      cwd: "/work",
      status: "inProgress",
      commandActions: []
    } as const
    yield* server.notify("item/started", { threadId, turnId: "turn-1", item, startedAtMs: 1 })
    yield* server.request(7, "item/commandExecution/requestApproval", command("turn-1", question))
    yield* settle
    yield* TestClock.adjust("2 seconds")
    yield* say.item("turn-1", { ...item, status: "completed", aggregatedOutput: question })
    yield* say.item("turn-1", agentMessage("message-1", answer))
    yield* say.usage("turn-1", 11)
    yield* say.completed("turn-1")
    return yield* Fiber.join(running)
  })

const accept: Approval.CommandDecision = { _tag: "Accept" }

const accepting: ServerRequests.Handlers = {
  commandApproval: () => Effect.withSpan(Effect.succeed(accept), "the program's own")
}

const gone = Transport.end("Exited", { exitCode: 1 })

const count = (counter: Observability.Counter, tags: Record<string, string> = {}) =>
  Effect.map(
    Metric.value(
      Metric.taggedWithLabels(counter, Object.entries(tags).map(([name, value]) => MetricLabel.make(name, value)))
    ),
    ({ count }) => count
  )

describe("spans", () => {
  observed(
    "a turn is one trace: its start, its items, what the server asks and what the handler does",
    (env, telemetry) =>
      Effect.gen(function*() {
        yield* Effect.withSpan(wholeTurn(env), "program")
        assert.deepStrictEqual(telemetry.tree()["program"], {
          "codex.turn": {
            "codex.request turn/start": {},
            "codex.server_request item/commandExecution/requestApproval": { "the program's own": {} },
            "codex.item commandExecution": {}
          }
        })
        const turn = telemetry.span("codex.turn")
        assert.deepStrictEqual(turn?.attributes, {
          [attributes.threadId]: threadId,
          [attributes.turnMethod]: "turn/start",
          [attributes.operation]: "invoke_agent",
          [attributes.agentName]: "codex",
          [attributes.conversationId]: threadId,
          [attributes.turnId]: "turn-1",
          [attributes.turnStatus]: "completed",
          [attributes.turnItems]: 2,
          [attributes.inputTokens]: 11,
          [attributes.cachedInputTokens]: 0,
          [attributes.outputTokens]: 0,
          [attributes.reasoningTokens]: 0
        })
        assert.deepStrictEqual(turn?.duration, [2, 0])
        assert.strictEqual(
          telemetry.span("codex.server_request item/commandExecution/requestApproval")?.attributes[attributes.decision],
          "accept"
        )
        assert.deepStrictEqual(telemetry.span("codex.item commandExecution")?.attributes, {
          [attributes.itemId]: "command-1",
          [attributes.itemType]: "commandExecution",
          [attributes.itemStatus]: "completed"
        })
      }),
    { handlers: accepting }
  )

  observed(
    "what a handler does is in its question, and not where its Layer was built",
    (env, telemetry) =>
      Effect.gen(function*() {
        yield* wholeTurn(env).pipe(
          Effect.provide(ServerRequests.layer(accepting)),
          Effect.withSpan("program")
        )
        assert.deepStrictEqual(telemetry.tree()["program"], {
          "codex.turn": {
            "codex.request turn/start": {},
            "codex.server_request item/commandExecution/requestApproval": { "the program's own": {} },
            "codex.item commandExecution": {}
          }
        })
      })
  )

  {
    const telemetry = Telemetry.make()
    promise(
      "a turn that is traced though its connection is not has what the server asks in its trace",
      (env) =>
        Effect.gen(function*() {
          yield* wholeTurn(env).pipe(Effect.withSpan("program"))
          assert.sameMembers(Object.keys(telemetry.tree()["program"]?.["codex.turn"] ?? {}), [
            "codex.request turn/start",
            "codex.server_request item/commandExecution/requestApproval",
            "codex.item commandExecution"
          ])
        }).pipe(Effect.provide(telemetry.layer))
    )
  }

  observed(
    "a turn's span ends with the turn, and not with who reads it",
    (env, telemetry) =>
      Effect.scoped(Effect.gen(function*() {
        const turn = yield* Turns.running(env, "turn-1")
        yield* Effect.fork(Stream.runHead(turn.events))
        yield* settle
        assert.isUndefined(telemetry.span("codex.turn"))
        yield* env.say.completed("turn-1")
        assert.isDefined(telemetry.span("codex.turn"))
      }))
  )

  observed("a turn that is interrupted says so, and is no failure", (env, telemetry) =>
    Effect.gen(function*() {
      const running = yield* Effect.fork(env.thread.run("hi"))
      const { id } = yield* env.server.takeRequest("turn/start")
      yield* env.say.accepted(id, "turn-1")
      yield* env.say.started("turn-1")
      const interrupting = yield* Effect.fork(Fiber.interrupt(running))
      yield* env.say.interrupted
      yield* Fiber.join(interrupting)
      const turn = telemetry.span("codex.turn")
      assert.strictEqual(turn?.attributes[attributes.turnStatus], "interrupted")
      assert.isTrue(turn?.attributes["status.interrupted"])
      assert.isUndefined(turn?.attributes[attributes.errorType])
    }))

  observed("a turn that fails is named by the server's word for it", (env, telemetry) =>
    Effect.gen(function*() {
      const running = yield* Effect.fork(Effect.flip(env.thread.run("hi")))
      const { id } = yield* env.server.takeRequest("turn/start")
      yield* env.say.accepted(id, "turn-1")
      yield* env.say.completed("turn-1", {
        status: "failed",
        error: { message: "planted-words", codexErrorInfo: "contextWindowExceeded" }
      })
      yield* Fiber.join(running)
      const { attributes: found, status } = telemetry.span("codex.turn") ?? assert.fail("no span")
      assert.strictEqual(found[attributes.turnError], "contextWindowExceeded")
      assert.strictEqual(found[attributes.errorType], "TurnFailed")
      assert.strictEqual(status.message, "TurnFailed")
      assert.notInclude(yield* telemetry.everything, "planted-words")
    }))

  observed("a turn that could not be started ends its span", (env, telemetry) =>
    Effect.gen(function*() {
      const running = yield* Effect.fork(Effect.flip(env.thread.run("hi")))
      const { id } = yield* env.server.takeRequest("turn/start")
      yield* env.server.fail(id, { code: -32603, message: "planted-words" })
      yield* Fiber.join(running)
      assert.strictEqual(telemetry.span("codex.turn")?.attributes[attributes.errorType], "RequestFailed")
      const request = telemetry.span("codex.request turn/start")
      assert.strictEqual(request?.attributes[attributes.rpcStatusCode], "-32603")
      assert.notInclude(yield* telemetry.everything, "planted-words")
    }))

  observed(
    "a turn of a connection that ends fails with it, its items included",
    (env, telemetry) =>
      Effect.gen(function*() {
        const running = yield* Effect.fork(Effect.flip(env.thread.run("hi")))
        const { id } = yield* env.server.takeRequest("turn/start")
        yield* env.say.accepted(id, "turn-1")
        yield* env.say.started("turn-1")
        const item = agentMessage("message-1", "")
        yield* env.server.notify("item/started", { threadId, turnId: "turn-1", item, startedAtMs: 1 })
        yield* env.server.end({ ...gone, stderrTail: "planted-words" })
        yield* Fiber.join(running)
        assert.strictEqual(telemetry.span("codex.turn")?.attributes[attributes.errorType], "ConnectionClosed")
        assert.isDefined(telemetry.span("codex.item agentMessage"))
        assert.notInclude(yield* telemetry.everything, "planted-words")
      })
  )

  observed("each attempt of a request is a span", (env, telemetry) =>
    Effect.gen(function*() {
      const reading = yield* Effect.fork(env.appServer.request("thread/loaded/list", {}))
      const first = yield* env.server.takeRequest("thread/loaded/list")
      yield* env.server.fail(first.id, { code: -32001, message: "Server overloaded; retry later." })
      yield* TestClock.adjust("10 seconds")
      const second = yield* env.server.takeRequest("thread/loaded/list")
      yield* env.server.respond(second.id, { data: [] })
      yield* Fiber.join(reading)
      const attempts = telemetry.spans().filter(({ name }) => name === "codex.request thread/loaded/list")
      assert.deepStrictEqual(
        attempts.map(({ attributes: found }) => [found[attributes.requestId], found[attributes.errorType]]),
        [[String(first.id), "RequestFailed"], [String(second.id), undefined]]
      )
    }))
})

describe("trace context", () => {
  observed("a request carries the context of its own span", (env, telemetry) =>
    Effect.gen(function*() {
      const reading = yield* Effect.fork(env.appServer.request("thread/loaded/list", {}))
      const { id, trace } = yield* traceOf(env)
      yield* env.server.respond(id, { data: [] })
      yield* Fiber.join(reading)
      const context = telemetry.span("codex.request thread/loaded/list")?.spanContext()
      assert.deepStrictEqual(trace, { traceparent: `00-${context?.traceId}-${context?.spanId}-01` })
    }))

  observed("the state that came into the program with a trace goes on with it", (env) =>
    Effect.gen(function*() {
      const outside = OtelTracer.makeExternalSpan({
        traceId: "0af7651916cd43dd8448eb211c80319c",
        spanId: "b7ad6b7169203331",
        traceFlags: 1,
        traceState: "vendor=value"
      })
      const reading = yield* env.appServer.request("thread/loaded/list", {}).pipe(
        Effect.withSpan("program"),
        Effect.withParentSpan(outside),
        Effect.fork
      )
      const { id, trace } = yield* traceOf(env)
      yield* env.server.respond(id, { data: [] })
      yield* Fiber.join(reading)
      assert.match(
        JSON.stringify(trace),
        /"00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01","tracestate":"vendor=value"/
      )
    }))

  promise("where nobody traces, a request carries none", (env) =>
    Effect.gen(function*() {
      const reading = yield* Effect.fork(env.appServer.request("thread/loaded/list", {}))
      const { id, trace } = yield* traceOf(env)
      yield* env.server.respond(id, { data: [] })
      yield* Fiber.join(reading)
      assert.isUndefined(trace)
    }))

  observed(
    "where tracing is switched off, a request carries none and makes no span",
    (env, telemetry) =>
      Effect.gen(function*() {
        const before = telemetry.spans().length
        const reading = yield* env.appServer.request("thread/loaded/list", {}).pipe(
          Effect.withTracerEnabled(false),
          Effect.fork
        )
        const { id, trace } = yield* traceOf(env)
        yield* env.server.respond(id, { data: [] })
        yield* Fiber.join(reading)
        assert.isUndefined(trace)
        assert.strictEqual(telemetry.spans().length, before)
      })
  )
})

const traceOf = ({ server }: Env) =>
  Effect.map(server.take, (message) => ({
    id: Number(message.id),
    trace: "trace" in message ? message.trace : undefined
  }))

describe("metrics", () => {
  promise("count messages, requests and what turns have used", (env) =>
    Effect.gen(function*() {
      const read = Effect.all({
        received: count(Observability.messagesReceived),
        sent: count(Observability.messagesSent),
        input: count(Observability.tokens, { [attributes.tokenType]: "input" }),
        pending: count(Observability.requestsPending),
        open: count(Observability.turnsOpen),
        declined: count(Observability.serverRequests, {
          [attributes.rpcMethod]: "item/commandExecution/requestApproval",
          [attributes.decision]: "decline"
        })
      })
      const before = yield* read
      yield* wholeTurn(env)
      const after = yield* read
      assert.deepStrictEqual(
        [after.received - before.received, after.sent - before.sent, after.input - before.input],
        [8, 2, 11]
      )
      assert.deepStrictEqual([after.pending, after.open, after.declined - before.declined], [
        before.pending,
        before.open,
        1
      ])
      const duration = yield* Metric.value(
        Metric.taggedWithLabels(Observability.turnDuration, [MetricLabel.make(attributes.turnStatus, "completed")])
      )
      assert.strictEqual(duration.max, 2)
    }))

  promise(
    "show what is pending and open while it is, and nothing of it once the connection has ended",
    (env) =>
      Effect.gen(function*() {
        const levels = Effect.all([count(Observability.requestsPending), count(Observability.turnsOpen)])
        const [pending, open] = yield* levels
        const waiting = yield* Effect.fork(Effect.flip(env.appServer.request("thread/loaded/list", {})))
        const running = yield* Effect.fork(Effect.flip(env.thread.run("hi")))
        const { id } = yield* env.server.takeRequest("turn/start")
        yield* env.say.accepted(id, "turn-1")
        assert.deepStrictEqual(yield* levels, [pending + 1, open + 1])
        yield* env.server.end(gone)
        yield* Fiber.join(waiting)
        yield* Fiber.join(running)
        assert.deepStrictEqual(yield* levels, [pending, open])
      })
  )

  observed("are exported with their units", (env, telemetry) =>
    Effect.gen(function*() {
      yield* wholeTurn(env)
      const found = new Map((yield* telemetry.metrics).map(({ descriptor }) => [descriptor.name, descriptor.unit]))
      assert.deepStrictEqual(
        ["codex.messages.received", "codex.turns.open", "codex.turn.duration", "codex.tokens"].map((name) =>
          found.get(name)
        ),
        ["{message}", "{turn}", "s", "{token}"]
      )
    }))
})

const secrets = { prompt: "planted-prompt", answer: "planted-answer", question: "planted-command" }

describe("contents", () => {
  observed(
    "what is asked, answered and run is in no span, metric or log",
    (env, telemetry) =>
      Effect.gen(function*() {
        const { finalResponse } = yield* wholeTurn(env, secrets)
        assert.strictEqual(finalResponse, secrets.answer)
        // What does not fit, what is no message, and what nobody can answer.
        yield* env.server.send({
          id: 8,
          method: "item/commandExecution/requestApproval",
          params: { ...command("turn-1"), itemId: [secrets.question] }
        })
        yield* env.server.sendFrames([secrets.answer, secrets.prompt])
        yield* settle
        const all = yield* telemetry.everything
        assert.include(all, "does not fit its schema")
        assert.include(all, "codex.messages.skipped")
        assert.notInclude(all, "planted")
      }),
    { handlers: accepting }
  )

  observed(
    "`recordContent` has the turn's span carry what it was given and what it answered",
    (env, telemetry) =>
      Effect.gen(function*() {
        yield* wholeTurn(env, secrets)
        const found = telemetry.span("codex.turn")?.attributes ?? {}
        assert.include(String(found[attributes.input]), secrets.prompt)
        assert.include(String(found[attributes.output]), secrets.answer)
      }),
    { config: { recordContent: true } }
  )

  observed(
    "a log says which thread and turn it is about",
    (env, telemetry) =>
      Effect.gen(function*() {
        yield* wholeTurn(env)
        assert.deepStrictEqual(telemetry.logs.map(({ about, message }) => [message, about]), [[
          "the handler of a question of the server died",
          { method: "item/commandExecution/requestApproval", threadId, turnId: "turn-1" }
        ]])
      }),
    { handlers: { commandApproval: () => Effect.die("broken") } }
  )
})
