import { ServerRequests as table } from "@effect-codex/protocol/ServerRequests"
import type * as Server from "@effect-codex/protocol/Server"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberMap from "effect/FiberMap"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { Passed } from "../CodexError.js"
import type { Handlers, Kind } from "../ServerRequests.js"
import { type RequestId, stringAt } from "./envelope.js"
import * as Questions from "./questions.js"
import type { Registry } from "./registry.js"
import type { ServerRequest } from "./router.js"
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

  const answer = (request: ServerRequest, origin: Origin): Effect.Effect<Answer> => {
    const kind = Questions.kindOf(request.method)
    return kind === undefined
      ? Effect.succeed(safeAnswer(request.method))
      : Effect.zipRight(
        started(registry, origin),
        Effect.suspend(() =>
          Either.match(Questions.read(kind, request.id, request.params, itemOf(registry, origin)), {
            onLeft: (issue) =>
              Effect.as(
                Effect.logWarning("a question of the server does not fit its schema, and grants nothing", issue),
                safeAnswer(request.method)
              ),
            onRight: (question) => answerOf(kind, question, request, [...registry.handlersOf(origin), handlers])
          })
        )
      )
  }

  return {
    ask(request) {
      const origin = originOf(request)
      open.set(request.id, origin)
      const answered = answer(request, origin).pipe(
        Effect.flatMap((answer) => send({ id: request.id, ...answer })),
        Effect.ignoreLogged,
        Effect.ensuring(Effect.sync(() => {
          // A server may use an id again.
          if (open.get(request.id) === origin) {
            open.delete(request.id)
          }
        })),
        Effect.annotateLogs({ method: request.method, ...origin })
      )
      run(request.id, answered)
    },
    settle: (id) => {
      if (open.has(id)) {
        fork(FiberMap.remove(fibers, id))
      }
    },
    endTurn(turnId) {
      for (const [id, origin] of open) {
        if (origin.turnId === turnId) {
          fork(FiberMap.remove(fibers, id))
        }
      }
    },
    endAll: () => fork(FiberMap.clear(fibers)),
    size: FiberMap.size(fibers)
  }
})

const paths: { readonly [method: string]: { readonly [Id in keyof Origin]: ReadonlyArray<string> | undefined } } = table

const originOf = ({ method, params }: ServerRequest): Origin => {
  const path = Object.hasOwn(paths, method) ? paths[method] : undefined
  return { threadId: stringAt(params, path?.threadId), turnId: stringAt(params, path?.turnId) }
}

const itemOf = (registry: Registry, { turnId }: Origin) => (itemId: string): Server.ThreadItem | undefined =>
  turnId === undefined ? undefined : registry.turn(turnId)?.collector.itemUnderWay(itemId)

/** The turn that asks may be one whose start has not been answered yet, so that it is not known whose it is. */
const started = (registry: Registry, { threadId, turnId }: Origin): Effect.Effect<void> => {
  const thread = threadId === undefined ? undefined : registry.thread(threadId)
  const turn = turnId === undefined ? undefined : registry.turn(turnId)
  return thread !== undefined && thread.expecting > 0 && turn?.role !== "open"
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
  return Effect.matchCauseEffect(Effect.suspend(() => handler(question)), {
    onSuccess: (answer) => {
      const refusal = Questions.refusal(kind, question, answer)
      return refusal === undefined
        ? Effect.succeed({ result: Questions.write(kind, answer, request.params) })
        : declined(request, Cause.fail(refusal))
    },
    onFailure: (cause) => {
      const failure = Cause.failureOption(cause)
      if (Option.isSome(failure)) {
        return failure.value instanceof Passed
          ? answerOf(kind, question, request, rest)
          : declined(request, cause)
      }
      return Cause.isInterruptedOnly(cause)
        ? declined(request, cause)
        : Effect.as(Effect.logError("the handler of a question of the server died", cause), died)
    }
  })
}

const declined = ({ method }: ServerRequest, cause: Cause.Cause<unknown>): Effect.Effect<Answer> =>
  Effect.as(
    Effect.logWarning("the handler of a question of the server gave no answer, and nothing is granted", cause),
    safeAnswer(method)
  )

const died: Answer = { error: { code: -32603, message: "The client's handler of this request failed." } }
