import type * as Server from "@effect-codex/protocol/Server"
import { ServerRequests as table } from "@effect-codex/protocol/ServerRequests"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberMap from "effect/FiberMap"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { type AnswerRefused, Passed } from "../../CodexError.js"
import type { Handlers, Kind } from "../../ServerRequests.js"
import { type RequestId, stringAt } from "../connection/envelope.js"
import type { Registry } from "../connection/registry.js"
import type { ServerRequest } from "../connection/router.js"
import * as Logs from "../observability/logs.js"
import * as Spans from "../observability/spans.js"
import * as Questions from "./questions.js"
import { type Answer, safeAnswer } from "./safeAnswers.js"

/**
 * Answers the questions of the server, each in a fiber of its own.
 *
 * @internal
 */
export interface ServerRequests {
  readonly ask: (request: ServerRequest) => void
  /** The question is settled otherwise, and is not answered any more. */
  readonly settle: (id: RequestId) => void
  /** The turn has ended, and nothing that it asked is answered any more. */
  readonly endTurn: (turnId: string) => void
  /** The same for what was asked about a thread. */
  readonly endThread: (threadId: string) => void
  readonly endAll: () => void
  /** How many questions are open. */
  readonly size: Effect.Effect<number>
}

/** @internal */
export interface Options {
  readonly registry: Registry
  /** The handlers of the connection. */
  readonly handlers: Handlers
  /** Sends an answer, within a bounded time. */
  readonly send: (message: { readonly id: RequestId } & Answer) => Effect.Effect<void, unknown>
  /** Runs an effect on behalf of the connection. */
  readonly fork: (effect: Effect.Effect<unknown>) => void
}

/** Where a question belongs, as its params say. */
interface Origin {
  readonly threadId: string | undefined
  readonly turnId: string | undefined
}

/** @internal */
export const make = Effect.fnUntraced(function*(
  { fork, handlers, registry, send }: Options
): Effect.fn.Return<ServerRequests, never, Scope.Scope> {
  const fibers = yield* FiberMap.make<RequestId>()
  const run = yield* FiberMap.runtime(fibers)<never>()
  const open = new Map<RequestId, Origin>()

  const answer = (kind: Kind, request: ServerRequest, origin: Origin): Effect.Effect<Answer> =>
    Either.match(Questions.read(kind, request.id, request.params, itemOf(registry, origin)), {
      onLeft: (error) =>
        Effect.as(
          Effect.logWarning(
            `a question of the server does not fit its schema, and grants nothing: ${Logs.placesOf(error)}`
          ),
          safeAnswer(request.method)
        ),
      onRight: (question) => answerOf(kind, question, request, [...registry.handlersOf(origin), handlers])
    })

  /** Answers, and says so to who traces the turn that asks. */
  const respond = (kind: Kind | undefined, request: ServerRequest, origin: Origin): Effect.Effect<Answer, unknown> =>
    Effect.suspend(() =>
      Spans.serverRequest(
        { ...request, ...origin },
        turnOf(registry, origin)?.observer?.tracing,
        Effect.tap(
          kind === undefined
            ? Effect.succeed(safeAnswer(request.method))
            : Effect.suspend(() => answer(kind, request, origin)),
          (answer) => send({ id: request.id, ...answer })
        )
      )
    )

  const end = (id: RequestId) => fork(FiberMap.remove(fibers, id))

  const endWhere = (isOver: (origin: Origin) => boolean) => {
    for (const [id, origin] of open) {
      if (isOver(origin)) {
        end(id)
      }
    }
  }

  return {
    ask(request) {
      const origin = originOf(request)
      open.set(request.id, origin)
      const kind = Questions.kindOf(request.method)
      const answered = (kind === undefined ? Effect.void : started(registry, origin)).pipe(
        Effect.zipRight(respond(kind, request, origin)),
        Logs.ignore("an answer was not sent"),
        Effect.ensuring(Effect.sync(() => {
          // A server may use an id again.
          if (open.get(request.id) === origin) {
            open.delete(request.id)
          }
        })),
        Logs.annotate({ method: request.method, ...origin }),
        // The Layer may have been built where nothing can be.
        Effect.interruptible
      )
      run(request.id, answered)
    },
    settle: (id) => {
      if (open.has(id)) {
        end(id)
      }
    },
    endTurn: (turnId) => endWhere((origin) => origin.turnId === turnId),
    endThread: (threadId) => endWhere((origin) => origin.threadId === threadId),
    endAll: () => fork(FiberMap.clear(fibers)),
    size: FiberMap.size(fibers)
  }
})

const paths: { readonly [method: string]: { readonly [Id in keyof Origin]: ReadonlyArray<string> | undefined } } = table

const originOf = ({ method, params }: ServerRequest): Origin => {
  const path = Object.hasOwn(paths, method) ? paths[method] : undefined
  return { threadId: stringAt(params, path?.threadId), turnId: stringAt(params, path?.turnId) }
}

const turnOf = (registry: Registry, { threadId, turnId }: Origin) =>
  turnId === undefined
    ? undefined
    : registry.turnAsking(threadId === undefined ? undefined : registry.thread(threadId), turnId)

const itemOf = (registry: Registry, origin: Origin) => (itemId: string): Server.ThreadItem | undefined =>
  turnOf(registry, origin)?.collector.itemUnderWay(itemId)

/** The turn that asks may be one whose start has not been answered yet, so that it is not known whose it is. */
const started = (registry: Registry, origin: Origin): Effect.Effect<void> => {
  const thread = origin.threadId === undefined ? undefined : registry.thread(origin.threadId)
  return thread !== undefined && thread.expecting > 0 && turnOf(registry, origin)?.role !== "open"
    ? thread.starting.withPermits(1)(Effect.void)
    // Handlers are the user's, and do not run inside the router.
    : Effect.yieldNow()
}

/** Asks the narrowest handlers first, and the next where they pass. */
const answerOf = <K extends Kind>(
  kind: K,
  question: Questions.Question<K>,
  request: ServerRequest,
  [first, ...rest]: ReadonlyArray<Handlers>
): Effect.Effect<Answer> => {
  if (first === undefined) {
    return Effect.succeed(safeAnswer(request.method))
  }
  const handler = first[kind]
  if (handler === undefined) {
    return answerOf(kind, question, request, rest)
  }
  const answered = Effect.flatMap(
    Effect.suspend(() => handler(question)),
    (answer): Effect.Effect<Answer, AnswerRefused> =>
      Questions.refusal(kind, question, answer) ??
        Effect.sync(() => ({ result: Questions.write(kind, answer, question, request.params) }))
  )
  return Effect.catchAllCause(answered, (cause) => {
    const failure = Cause.failureOption(cause)
    if (Option.isSome(failure) && failure.value instanceof Passed) {
      return answerOf(kind, question, request, rest)
    }
    return Option.isSome(failure) || Cause.isInterruptedOnly(cause)
      ? declined(request, cause)
      : Effect.as(Effect.logError("the handler of a question of the server died", cause), died)
  })
}

const declined = ({ method }: ServerRequest, cause: Cause.Cause<unknown>): Effect.Effect<Answer> =>
  Effect.as(
    Effect.logWarning("the handler of a question of the server gave no answer, and nothing is granted", cause),
    safeAnswer(method)
  )

const died: Answer = { error: { code: -32603, message: "The client's handler of this request failed." } }
