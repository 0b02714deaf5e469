import { ClientRequests } from "@effect-codex/protocol/ClientRequests"
import { COMPARED_VERSIONS } from "@effect-codex/protocol/ProtocolVersion"
import type * as Server from "@effect-codex/protocol/Server"
import type { CodexError } from "@effect-codex/sdk/CodexError"
import { isCodexError, RequestFailed } from "@effect-codex/sdk/CodexError"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { readdirSync, readFileSync } from "node:fs"
import { assertNothingHeld, connectExperimental, type Env, promise } from "./support/env.js"
import { running } from "./support/turns.js"

const folder = new URL("./captures/", import.meta.url)

/** What a real server answered, in which state of things, and which error that is. */
interface Capture {
  readonly state: string
  readonly is: CodexError["_tag"]
  readonly method: string
  readonly params: { readonly threadId?: string; readonly expectedTurnId?: string; readonly includeTurns?: boolean }
  readonly error: { readonly code: number; readonly message: string; readonly data?: unknown }
}

const read = (
  file: string
): { readonly info: Server.InitializeResponse; readonly captures: ReadonlyArray<Capture> } => {
  const [first = "", ...rest] = readFileSync(new URL(file, folder), "utf8").trimEnd().split("\n")
  return { info: JSON.parse(first).result, captures: rest.map((line) => JSON.parse(line)) }
}

type Asked = Effect.Effect<unknown, unknown, Scope.Scope>

const refused = ({ server }: Env, { error, method }: Pick<Capture, "error" | "method">, asked: Asked) =>
  Effect.gen(function*() {
    const asking = yield* Effect.fork(Effect.flip(asked))
    // Only its id is read.
    const { id } = yield* server.takeRequest(method as "thread/archive")
    yield* server.fail(id, error)
    return yield* asking
  }).pipe(Effect.scoped)

/** The operations that know more of a refusal than what any request can meet. */
const operations: { readonly [method: string]: (env: Env, capture: Capture) => Asked } = {
  "thread/resume": ({ codex }, { params: { threadId = "" } }) => codex.resumeThread(threadId),
  "thread/fork": ({ codex }, { params: { threadId = "" } }) => codex.forkThread(threadId),
  "thread/read": ({ thread }, { params: { includeTurns = false } }) => thread.read({ includeTurns }),
  "thread/turns/list": ({ thread }) => Stream.runDrain(thread.turns()),
  "thread/items/list": ({ thread }) => Stream.runDrain(thread.items()),
  "thread/name/set": ({ thread }) => thread.setName("n"),
  "thread/archive": ({ thread }) => thread.archive,
  "thread/unarchive": ({ thread }) => thread.unarchive,
  "thread/compact/start": ({ thread }) => thread.compact,
  "review/start": ({ thread }) => thread.startReview({ type: "uncommittedChanges" }),
  "turn/start": ({ thread }) => thread.startTurn("hi")
}

/** What comes of a capture's answer, and which error that has to be. */
const replay = Effect.fnUntraced(function*(given: Env, capture: Capture) {
  const { is, method, params: { expectedTurnId = "", threadId = "" } } = capture
  const env = { ...given, thread: given.codex.thread(threadId) }
  const operation = operations[method]
  if (method === "turn/steer" && expectedTurnId !== "") {
    const turn = yield* running(env, expectedTurnId)
    const failure = yield* refused(env, capture, turn.steer("more"))
    yield* env.say.completed(expectedTurnId, {}, threadId)
    return { failure, expected: is }
  }
  if (operation !== undefined) {
    return { failure: yield* refused(env, capture, operation(env, capture)), expected: is }
  }
  // The compiler cannot follow which params belong to which method here.
  const params = capture.params as { readonly threadId: string }
  const failure = yield* refused(env, capture, env.appServer.request(method as "thread/archive", params))
  return { failure, expected: ofAnyRequest.has(is) ? is : "RequestFailed" }
}, Effect.scoped)

const ofAnyRequest: ReadonlySet<CodexError["_tag"]> = new Set(["UnsupportedByServer", "ExperimentalApiRequired"])

/** What the SDK itself refuses was asked of the server to see what that says. */
const canBeAsked = ({ method, params }: Capture): boolean => {
  const spec = Object.values(ClientRequests).find((spec) => spec.method === method && method !== "initialize")
  return spec !== undefined && (spec.params === undefined || Schema.is(Schema.make(spec.params.ast))(params))
}

describe("what a real server has answered", () => {
  for (const file of readdirSync(folder)) {
    const { captures, info } = read(file)
    const version = /\d+\.\d+\.\d+/.exec(file)?.[0] ?? ""

    it.scoped(`is the operation's own error, and keeps the words of codex ${version}`, () =>
      Effect.gen(function*() {
        const env = yield* connectExperimental({ info })
        for (const capture of captures.filter(canBeAsked)) {
          const { expected, failure } = yield* replay(env, capture)
          const about = JSON.stringify(capture)
          assert(isCodexError(failure), about)
          assert.strictEqual(failure._tag, expected, about)
          const refusal = failure._tag === "RequestFailed" ? failure : failure.cause
          assert(refusal instanceof RequestFailed, about)
          assert.strictEqual(refusal.serverMessage, capture.error.message, about)
          assert.strictEqual(refusal.code, capture.error.code, about)
          if (failure._tag === "UnsupportedByServer") {
            assert.strictEqual(failure.serverVersion, version, about)
            assert.isAbove(COMPARED_VERSIONS.indexOf(failure.since), COMPARED_VERSIONS.indexOf(version), about)
          }
        }
        yield* assertNothingHeld(env)
      }))
  }
})

const notFound = { code: -32600, message: "no rollout found for thread id thread-1" }

const archived = {
  code: -32600,
  message: "session thread-1 is archived. Run `codex unarchive thread-1` to unarchive it first."
}

describe("a refusal", () => {
  promise(
    "to resume what is not there is ThreadNotFound, with the refusal as its cause",
    (env) =>
      Effect.gen(function*() {
        const error = yield* refused(
          env,
          { method: "thread/resume", error: notFound },
          env.codex.resumeThread("thread-1")
        )
        assert(isCodexError(error) && error._tag === "ThreadNotFound")
        assert.strictEqual(error.threadId, "thread-1")
        assert.deepInclude(error.cause, { _tag: "RequestFailed", method: "thread/resume", code: -32600 })
        assert.include(error.message, "no rollout found")
      })
  )

  promise("that names another thread than was asked for stays what it is", (env) =>
    Effect.gen(function*() {
      const error = yield* refused(
        env,
        { method: "thread/resume", error: notFound },
        env.codex.resumeThread("thread-2")
      )
      assert(isCodexError(error))
      assert.strictEqual(error._tag, "RequestFailed")
    }))

  promise("to resume an archived thread before its turn is the turn's own error", (env) =>
    Effect.gen(function*() {
      const { server, thread } = env
      const leaving = yield* Effect.fork(thread.unsubscribe)
      yield* server.respond((yield* server.takeRequest("thread/unsubscribe")).id, { status: "unsubscribed" })
      yield* leaving
      const error = yield* refused(env, { method: "thread/resume", error: archived }, thread.run("hi"))
      assert(isCodexError(error) && error._tag === "ThreadArchived")
      assert.strictEqual(error.threadId, "thread-1")
    }))

  promise("to steer is TurnNotActive, with the turn that the server says is active", (env) =>
    Effect.gen(function*() {
      const turn = yield* running(env, "turn-1")
      yield* env.say.completed("turn-1")
      const error = { code: -32600, message: "expected active turn id `turn-1` but found `turn-2`" }
      const failure = yield* refused(env, { method: "turn/steer", error }, turn.steer("more"))
      assert(isCodexError(failure) && failure._tag === "TurnNotActive")
      assert.deepInclude(failure, { threadId: "thread-1", turnId: "turn-1", activeTurnId: "turn-2" })
    }))

  promise(
    "to steer names the turn that is known to be active, where the server names none",
    (env) =>
      Effect.gen(function*() {
        const error = { code: -32600, message: "no active turn to steer" }
        const turn = yield* running(env, "turn-1")
        yield* env.say.completed("turn-1")
        const none = yield* refused(env, { method: "turn/steer", error }, turn.steer("more"))
        assert(isCodexError(none) && none._tag === "TurnNotActive")
        assert.isNull(none.activeTurnId)
        yield* running(env, "turn-2")
        const other = yield* refused(env, { method: "turn/steer", error }, turn.steer("more"))
        assert(isCodexError(other) && other._tag === "TurnNotActive")
        assert.strictEqual(other.activeTurnId, "turn-2")
        yield* env.say.completed("turn-2")
      })
  )

  promise(
    "to join a turn that takes no input is TurnNotSteerable, once its end does not come either",
    (env) =>
      Effect.gen(function*() {
        const { say, server, thread } = env
        yield* running(env, "turn-1")
        const joining = yield* Effect.fork(Effect.flip(thread.run("more", { whenActive: "join" })))
        yield* server.fail((yield* server.takeRequest("turn/steer")).id, {
          code: -32600,
          message: "cannot steer a compact turn",
          data: { codexErrorInfo: { activeTurnNotSteerable: { turnKind: "compact" } } }
        })
        yield* TestClock.adjust("1 second")
        const failure = yield* joining
        assert(failure._tag === "TurnNotSteerable")
        assert.deepInclude(failure, { threadId: "thread-1", turnId: "turn-1", turnKind: "compact" })
        yield* say.completed("turn-1")
      })
  )

  promise(
    "of an unknown method is UnsupportedByServer also where the server's version is not known",
    (env) =>
      Effect.gen(function*() {
        const error = {
          code: -32600,
          message: "Invalid request: unknown variant `thread/revert`, expected one of `initialize`"
        }
        const failure = yield* refused(
          env,
          { method: "thread/revert", error },
          env.appServer.request("thread/revert", { threadId: "thread-1", beforeTurnId: "turn-1" })
        )
        assert(isCodexError(failure) && failure._tag === "UnsupportedByServer")
        assert.deepInclude(failure, { method: "thread/revert", since: "0.150.0", serverVersion: null })
      })
  )
})
