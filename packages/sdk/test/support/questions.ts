import type * as Server from "@effect-codex/protocol/Server"
import type { ServerRequests } from "@effect-codex/protocol/ServerRequests"
import * as ServerRequestsTable from "@effect-codex/protocol/ServerRequests"
import * as Handlers from "@effect-codex/sdk/ServerRequests"
import type { Thread } from "@effect-codex/sdk/Thread"
import type * as MemoryTransport from "@effect-codex/testing/MemoryTransport"
import { assert } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Env } from "./env.js"
import { threadId } from "./talk.js"

/** A question of each kind, as a server asks it. */
export const questions: { readonly [M in keyof ServerRequests]: ServerRequests[M]["params"] } = {
  "item/commandExecution/requestApproval": {
    threadId,
    turnId: "turn-1",
    itemId: "item-1",
    startedAtMs: 1,
    kind: "command",
    command: "/bin/bash -lc 'touch it'",
    cwd: "/workspace",
    commandActions: [{ type: "unknown", command: "touch it" }],
    proposedExecpolicyAmendment: ["touch", "it"],
    availableDecisions: [
      "accept",
      { acceptWithExecpolicyAmendment: { execpolicy_amendment: ["touch", "it"] } },
      "cancel"
    ]
  },
  "item/fileChange/requestApproval": { threadId, turnId: "turn-1", itemId: "item-1", startedAtMs: 1 },
  "item/permissions/requestApproval": {
    threadId,
    turnId: "turn-1",
    itemId: "item-1",
    startedAtMs: 1,
    cwd: "/workspace",
    permissions: { network: { enabled: true }, fileSystem: { read: ["/etc"], write: ["/srv"] } }
  },
  "item/tool/requestUserInput": {
    threadId,
    turnId: "turn-1",
    itemId: "item-1",
    isBlocking: true,
    questions: [{
      id: "color",
      header: "Color",
      question: "Which color?",
      isOther: true,
      isSecret: false,
      options: [{ label: "Red", description: "warm" }, { label: "Blue", description: "cool" }]
    }]
  },
  "mcpServer/elicitation/request": {
    threadId,
    turnId: "turn-1",
    serverName: "fixture",
    mode: "form",
    message: "Who are you?",
    requestedSchema: {
      type: "object",
      properties: { name: { type: "string" }, age: { type: "integer" } },
      required: ["name"]
    }
  },
  "item/tool/call": { threadId, turnId: "turn-1", callId: "call-1", tool: "lookup", arguments: { word: "fish" } },
  "account/chatgptAuthTokens/refresh": { reason: "unauthorized", previousAccountId: "account-1" },
  "attestation/generate": {},
  "currentTime/read": { threadId },
  execCommandApproval: {
    conversationId: threadId,
    callId: "call-1",
    command: ["touch", "it"],
    cwd: "/workspace",
    parsedCmd: []
  },
  applyPatchApproval: {
    conversationId: threadId,
    callId: "call-1",
    fileChanges: { "/workspace/new": { type: "add", content: "" } }
  }
}

/** A handler that answers so, whatever it is asked. */
export const always = <A>(answer: A) => () => Effect.succeed(answer)

/** Asks a question, changed by what is given. */
export const ask = <M extends keyof ServerRequests>(
  { server }: Pick<Env, "server">,
  id: string | number,
  method: M,
  params: Partial<ServerRequests[M]["params"]> = {}
) => server.send({ id, method, params: { ...questions[method], ...params } })

/** The next message of the client is its answer to the question, and fits what the kind is answered with. */
export const answerTo = <M extends keyof ServerRequests>(
  { server }: Pick<Env, "server">,
  id: string | number,
  method: M
): Effect.Effect<ServerRequests[M]["result"]> =>
  Effect.map(server.take, (message) => {
    assert.strictEqual(message.id, id, JSON.stringify(message))
    const { result }: { readonly result: Schema.Schema<ServerRequests[M]["result"]> } =
      ServerRequestsTable.ServerRequests[method]
    return Schema.decodeUnknownSync(result, { onExcessProperty: "error" })(message.result)
  })

export const declined = { decision: "decline" } as const

export const accepted = { decision: "accept" } as const

/** Asks whether a command may run. */
export const askCommand = (
  env: Pick<Env, "server">,
  id: string | number,
  params: Partial<Server.CommandExecutionRequestApprovalParams> = {}
) => ask(env, id, "item/commandExecution/requestApproval", params)

export const commandAnswer = (env: Pick<Env, "server">, id: string | number) =>
  answerTo(env, id, "item/commandExecution/requestApproval")

/** A handler that never answers, and tells when it has begun and when it was interrupted. */
export const waiting = Effect.map(
  Effect.all([Deferred.make<void>(), Deferred.make<void>()]),
  ([begun, interrupted]) => ({
    begun: Deferred.await(begun),
    interrupted: Deferred.await(interrupted),
    handler: () =>
      Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never).pipe(
        Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))
      )
  })
)

/** What a server says when it has opened a thread. */
export const openedThread = (id: string): Server.ThreadStartResponse => ({
  thread: {
    id,
    cwd: "/workspace",
    preview: "",
    modelProvider: "m",
    createdAt: 0,
    updatedAt: 0,
    cliVersion: "",
    ephemeral: false,
    sessionId: "s",
    source: "appServer",
    status: { type: "idle" },
    turns: []
  },
  model: "m",
  modelProvider: "m",
  cwd: "/workspace",
  approvalPolicy: "on-request",
  approvalsReviewer: "user",
  sandbox: { type: "readOnly" }
})

/** A thread that is opened with these handlers. */
export const openWith = ({ codex, server }: Env, id: string, handlers: Handlers.Handlers) =>
  Effect.gen(function*() {
    const opening = yield* Effect.fork(codex.startThread().pipe(Effect.provide(Handlers.layer(handlers))))
    const request = yield* server.takeRequest("thread/start")
    yield* server.respond(request.id, openedThread(id))
    const thread: Thread = yield* opening
    return thread
  })

/** What the client has sent since, but for its own requests. */
export const answersSoFar = (server: MemoryTransport.Server["Type"]) =>
  Effect.map(server.takeAll, (messages) => messages.filter(({ method }) => method === undefined))
