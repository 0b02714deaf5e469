import type { ServerRequests as Table } from "@effect-codex/protocol/ServerRequests"
import * as Approval from "@effect-codex/sdk/Approval"
import * as Elicitation from "@effect-codex/sdk/Elicitation"
import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import { assert, describe } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { promise, settle } from "./support/env.js"
import { accepted, always, answerTo, ask, askCommand, commandAnswer, declined, questions } from "./support/questions.js"
import { threadId } from "./support/talk.js"
import { running, start } from "./support/turns.js"

/** One handler of each kind, and what the wire has for its answer. */
const answers: {
  readonly [M in keyof Table]: { readonly handlers: ServerRequests.Handlers; readonly expected: Table[M]["result"] }
} = {
  "item/commandExecution/requestApproval": {
    handlers: { commandApproval: always(Approval.acceptWithExecPolicyAmendment(["touch", "it"])) },
    expected: { decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: ["touch", "it"] } } }
  },
  "item/fileChange/requestApproval": {
    handlers: { fileChangeApproval: always(Approval.acceptForSession) },
    expected: { decision: "acceptForSession" }
  },
  "item/permissions/requestApproval": {
    handlers: {
      permissionsApproval: always(Approval.grant({ fileSystem: { read: ["/etc"] } }, { strictAutoReview: true }))
    },
    expected: { permissions: { fileSystem: { read: ["/etc"] } }, scope: "turn", strictAutoReview: true }
  },
  "item/tool/requestUserInput": {
    handlers: { userInput: always({ color: "Blue" }) },
    expected: { answers: { color: { answers: ["Blue"] } } }
  },
  "mcpServer/elicitation/request": {
    handlers: { elicitation: always(Elicitation.accept({ name: "Ada", age: 36 })) },
    expected: { action: "accept", content: { name: "Ada", age: 36 } }
  },
  "item/tool/call": {
    handlers: { toolCall: always({ contentItems: [{ type: "inputText", text: "a fish" }], success: true }) },
    expected: { contentItems: [{ type: "inputText", text: "a fish" }], success: true }
  },
  "account/chatgptAuthTokens/refresh": {
    handlers: {
      tokenRefresh: always({ accessToken: Redacted.make("token"), accountId: "account-1", planType: "pro" })
    },
    expected: { accessToken: "token", chatgptAccountId: "account-1", chatgptPlanType: "pro" }
  },
  "attestation/generate": {
    handlers: { attestation: always(Redacted.make("proof")) },
    expected: { token: "proof" }
  },
  "currentTime/read": {
    handlers: { currentTime: always(DateTime.unsafeMake("2001-09-09T01:46:40.900Z")) },
    expected: { currentTimeAt: 1_000_000_000 }
  },
  execCommandApproval: {
    handlers: { legacyCommandApproval: always(Approval.cancel) },
    expected: { decision: "abort" }
  },
  applyPatchApproval: {
    handlers: { legacyPatchApproval: always(Approval.accept) },
    expected: { decision: "approved" }
  }
}

describe("a handler", () => {
  for (const method of Object.keys(answers) as Array<keyof Table>) {
    const { expected, handlers } = answers[method]
    promise(
      `of ${method} answers it in the form of its kind`,
      (env) =>
        Effect.gen(function*() {
          yield* ask(env, "question", method)
          assert.deepStrictEqual<unknown>(yield* answerTo(env, "question", method), expected)
        }),
      { handlers }
    )
  }

  const seen: Array<ServerRequests.CommandApproval> = []
  promise(
    "sees the question with its id, its thread, its turn, its item and the decisions that it allows",
    (env) =>
      Effect.gen(function*() {
        yield* askCommand(env, 0)
        yield* commandAnswer(env, 0)
        assert.deepStrictEqual(
          seen.map((
            { command, itemId, requestId, threadId, turnId }
          ) => [requestId, threadId, turnId, itemId, command]),
          [[0, threadId, "turn-1", "item-1", "/bin/bash -lc 'touch it'"]]
        )
        assert.deepStrictEqual<unknown>(seen.map(({ decisions }) => decisions), [[
          Approval.accept,
          Approval.acceptForSession,
          Approval.acceptWithExecPolicyAmendment(["touch", "it"]),
          Approval.decline,
          Approval.cancel
        ]])
      }),
    { handlers: { commandApproval: (question) => Effect.sync(() => (seen.push(question), Approval.accept)) } }
  )

  class Answer extends Context.Tag("test/Answer")<Answer, Approval.CommandDecision>() {}
  promise("has what it needs from where its Layer was built", (env) =>
    Effect.gen(function*() {
      const handlers = ServerRequests.layer({ commandApproval: () => Answer }).pipe(
        Layer.provide(Layer.succeed(Answer, Approval.accept))
      )
      const running = yield* env.thread.run("hi").pipe(
        Effect.provide(handlers),
        Effect.provideService(Answer, Approval.cancel),
        Effect.fork
      )
      const { id } = yield* env.server.takeRequest("turn/start")
      yield* env.say.accepted(id, "turn-1")
      yield* askCommand(env, 0)
      assert.deepStrictEqual(yield* commandAnswer(env, 0), accepted)
      yield* env.say.completed("turn-1")
      yield* running
    }))

  class NoIdea extends Data.TaggedError("NoIdea") {}
  const logged: Array<{ readonly message: unknown; readonly cause: string }> = []
  const capture = Logger.add(Logger.make(({ cause, message }) => logged.push({ message, cause: String(cause) })))
  promise("that fails declines, and its failure is logged", (env) =>
    Effect.gen(function*() {
      yield* askCommand(env, 0)
      assert.deepStrictEqual(yield* commandAnswer(env, 0), declined)
      assert.lengthOf(logged, 1)
      assert.include(logged[0]?.cause, "NoIdea")
    }), { handlers: { commandApproval: () => new NoIdea() }, logger: capture })

  promise("that dies answers with an error", (env) =>
    Effect.gen(function*() {
      yield* askCommand(env, 0)
      assert.deepStrictEqual<unknown>(yield* env.server.take, {
        id: 0,
        error: { code: -32603, message: "The client's handler of this request failed." }
      })
      yield* ask(env, 1, "item/fileChange/requestApproval")
      assert.strictEqual((yield* env.server.take).id, 1)
    }), {
    handlers: {
      commandApproval: () => Effect.die("a defect"),
      fileChangeApproval: () => {
        throw new Error("a defect before there is an Effect")
      }
    }
  })

  promise("that interrupts itself declines", (env) =>
    Effect.gen(function*() {
      yield* askCommand(env, 0)
      assert.deepStrictEqual(yield* commandAnswer(env, 0), declined)
    }), { handlers: { commandApproval: () => Effect.interrupt } })

  const refused: ReadonlyArray<[string, keyof Table, ServerRequests.Handlers, unknown]> = [
    [
      "a rule that was not proposed",
      "item/commandExecution/requestApproval",
      { commandApproval: always(Approval.acceptWithExecPolicyAmendment(["touch"])) },
      declined
    ],
    [
      "more permissions than were asked for",
      "item/permissions/requestApproval",
      { permissionsApproval: always(Approval.grant({ fileSystem: { write: ["/"] } })) },
      { permissions: {} }
    ],
    [
      "an answer to a question that was not asked",
      "item/tool/requestUserInput",
      { userInput: always({ size: "large" }) },
      { answers: {} }
    ],
    [
      "a form filled in wrongly",
      "mcpServer/elicitation/request",
      { elicitation: always(Elicitation.accept({ age: "old" })) },
      { action: "decline" }
    ]
  ]
  for (const [what, method, handlers, expected] of refused) {
    promise(`that gives what its question does not take declines: ${what}`, (env) =>
      Effect.gen(function*() {
        yield* ask(env, 0, method)
        assert.deepStrictEqual<unknown>(yield* answerTo(env, 0, method), expected)
      }), { handlers })
  }
})

/** What only a program without a compiler gives, or one that knows better. */
const untyped = <A>(answer: unknown) => answer as A

describe("an answer that cannot be sent", () => {
  const circular: { self?: unknown } = {}
  circular.self = circular
  const bad: ReadonlyArray<[string, keyof Table, ServerRequests.Handlers, unknown]> = [
    [
      "no answer at all",
      "item/tool/call",
      { toolCall: always(untyped<never>(undefined)) },
      { contentItems: [{ type: "inputText", text: "The tool failed." }], success: false }
    ],
    [
      "one that is not of its kind",
      "item/tool/call",
      { toolCall: always(untyped<never>({ contentItems: [null], success: true })) },
      { contentItems: [{ type: "inputText", text: "The tool failed." }], success: false }
    ],
    [
      "words that are none",
      "item/tool/requestUserInput",
      { userInput: always(untyped<never>({ color: 7 })) },
      { answers: {} }
    ],
    [
      "a circle in a field of a kind that is not known",
      "mcpServer/elicitation/request",
      { elicitation: always(Elicitation.accept({ name: "Ada", picture: circular })) },
      { action: "decline" }
    ],
    [
      "a number that JSON does not have",
      "mcpServer/elicitation/request",
      { elicitation: always(Elicitation.accept({ name: "Ada", picture: 1n })) },
      { action: "decline" }
    ]
  ]
  for (const [what, method, handlers, expected] of bad) {
    promise(`leaves no question open, and grants nothing: ${what}`, (env) =>
      Effect.gen(function*() {
        yield* env.server.send({
          id: 0,
          method,
          params: {
            ...questions[method],
            ...(method === "mcpServer/elicitation/request"
              ? {
                requestedSchema: {
                  type: "object",
                  properties: { name: { type: "string" }, picture: { type: "drawing" } }
                }
              }
              : {})
          }
        })
        assert.deepStrictEqual<unknown>((yield* env.server.take).result, expected)
      }), { handlers })
  }

  const said: Array<string> = []
  const listen = Logger.replace(
    Logger.defaultLogger,
    Logger.make(({ cause, message }) => said.push(`${String(message)} ${Cause.pretty(cause)}`))
  )
  promise("is not repeated in the log", (env) =>
    Effect.gen(function*() {
      yield* ask(env, 0, "mcpServer/elicitation/request")
      assert.deepStrictEqual(yield* answerTo(env, 0, "mcpServer/elicitation/request"), { action: "decline" })
      assert.lengthOf(said, 1)
      assert.include(said[0], "name: Refinement")
      assert.notInclude(said[0], "planted")
    }), {
    handlers: {
      elicitation: () =>
        Elicitation.acceptAs(Schema.Struct({ name: Schema.String.pipe(Schema.maxLength(3)) }), { name: "planted" })
    },
    logger: listen
  })
})

describe("permissions", () => {
  const files = { read: ["/etc/a*"], globScanMaxDepth: 2 }
  const grant = ({ itemId }: ServerRequests.PermissionsApproval) =>
    Effect.succeed(Approval.grant({ fileSystem: { read: ["/etc/a*"], globScanMaxDepth: Number(itemId) } }))
  promise("are not granted deeper than they were asked for", (env) =>
    Effect.gen(function*() {
      const method = "item/permissions/requestApproval"
      for (const [depth, expected] of [["1", 1], ["2", 2], ["3", undefined]] as const) {
        yield* ask(env, 0, method, { itemId: depth, permissions: { fileSystem: files } })
        const { permissions } = yield* answerTo(env, 0, method)
        assert.strictEqual(permissions.fileSystem?.globScanMaxDepth, expected)
      }
    }), { handlers: { permissionsApproval: grant } })
})

describe("a question", () => {
  promise(
    "that comes before the answer to turn/start waits for it, and goes to the handlers of that turn",
    (env) =>
      Effect.gen(function*() {
        const { say, server, thread } = env
        const running = yield* thread.run("hi").pipe(
          Effect.provide(ServerRequests.layer({ commandApproval: always(Approval.accept) })),
          Effect.fork
        )
        const { id } = yield* server.takeRequest("turn/start")
        yield* say.started("turn-1")
        yield* askCommand(env, 0)
        yield* settle
        assert.deepStrictEqual(yield* server.takeAll, [])
        yield* say.accepted(id, "turn-1")
        assert.deepStrictEqual(yield* commandAnswer(env, 0), accepted)
        yield* say.completed("turn-1")
        yield* running
      }),
    { handlers: { commandApproval: always(Approval.cancel) } }
  )

  promise(
    "of a sub-agent that comes before the answer to turn/start waits for it as well",
    (env) =>
      Effect.gen(function*() {
        const { say, server, thread } = env
        yield* server.send({
          method: "thread/started",
          params: { thread: { id: "child", parentThreadId: threadId } }
        })
        const running = yield* thread.run("hi").pipe(
          Effect.provide(ServerRequests.layer({ commandApproval: always(Approval.accept) })),
          Effect.fork
        )
        const { id } = yield* server.takeRequest("turn/start")
        yield* say.started("turn-1")
        yield* askCommand(env, 0, { threadId: "child", turnId: "turn-of-the-child" })
        yield* settle
        assert.deepStrictEqual(yield* server.takeAll, [])
        yield* say.accepted(id, "turn-1")
        assert.deepStrictEqual(yield* commandAnswer(env, 0), accepted)
        yield* say.completed("turn-1")
        yield* running
      }),
    { handlers: { commandApproval: always(Approval.cancel) } }
  )

  promise(
    "of a turn of others during a start is asked of the thread's handlers once that is answered",
    (env) =>
      Effect.gen(function*() {
        const starting = yield* Effect.fork(
          start(env, "turn-1").pipe(
            Effect.provide(ServerRequests.layer({ commandApproval: always(Approval.accept) }))
          )
        )
        yield* settle
        yield* askCommand(env, 0, { turnId: "turn-of-others" })
        yield* starting
        assert.deepStrictEqual(yield* commandAnswer(env, 0), { decision: "cancel" })
        yield* env.say.completed("turn-1")
      }),
    { handlers: { commandApproval: always(Approval.cancel) } }
  )

  promise("that cannot be decoded grants nothing, whatever its handlers say", (env) =>
    Effect.gen(function*() {
      yield* env.server.send({ id: 0, method: "item/commandExecution/requestApproval", params: { threadId } })
      assert.deepStrictEqual(yield* commandAnswer(env, 0), declined)
    }), { handlers: { commandApproval: always(Approval.accept) } })

  promise("about changes of files brings them, where its turn is held here", (env) =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      const handlers = ServerRequests.layer({
        fileChangeApproval: ({ changes }) => Effect.sync(() => (seen.push(changes), Approval.accept))
      })
      yield* running(env, "turn-1").pipe(Effect.provide(handlers))
      const changes = [{ path: "/workspace/new", kind: { type: "add" }, diff: "" }] as const
      yield* env.server.notify("item/started", {
        threadId,
        turnId: "turn-1",
        startedAtMs: 1,
        item: { type: "fileChange", id: "item-1", changes, status: "inProgress" }
      })
      const method = "item/fileChange/requestApproval"
      yield* ask(env, 0, method)
      yield* answerTo(env, 0, method)
      yield* ask(env, 1, method, { itemId: "item-2" })
      yield* answerTo(env, 1, method)
      assert.deepStrictEqual(seen, [changes, undefined])
      yield* env.say.completed("turn-1")
    }))

  promise(
    "for permissions is granted as it came, what this version does not know included",
    (env) =>
      Effect.gen(function*() {
        const permissions = {
          network: { enabled: true, until: "noon" },
          fileSystem: { entries: [{ access: "read", path: { type: "cloud", bucket: "b" } }] },
          time: { travel: true }
        }
        yield* env.server.send({
          id: 0,
          method: "item/permissions/requestApproval",
          params: { threadId, turnId: "turn-1", itemId: "item-1", startedAtMs: 1, cwd: "/", permissions }
        })
        assert.deepStrictEqual<unknown>((yield* env.server.take).result, { permissions, scope: "session" })
      }),
    { handlers: { permissionsApproval: always(Approval.acceptForSession) } }
  )
})
