import type * as Server from "@effect-codex/protocol/Server"
import { ServerRequests as table } from "@effect-codex/protocol/ServerRequests"
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import type * as Redacted from "effect/Redacted"
import * as Runtime from "effect/Runtime"
import * as RuntimeFlags from "effect/RuntimeFlags"
import type * as Scope from "effect/Scope"
import { Passed } from "../../CodexError.js"
import type { Handlers, Kind } from "../../ServerRequests.js"
import { type RequestId, stringAt } from "../connection/envelope.js"
import type { Registry } from "../connection/registry.js"
import type { ServerRequest } from "../connection/router.js"
import { uninterrupted } from "../connection/uninterrupted.js"
import * as Logs from "../observability/logs.js"
import * as Spans from "../observability/spans.js"
import * as Questions from "./questions.js"
import { type Answer, safeAnswer, unanswered } from "./safeAnswers.js"

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
  /** Told what is secret in an answer before it is sent. */
  readonly conceal: (secrets: ReadonlyArray<Redacted.Redacted>) => void
  /** How many questions may be open at once. */
  readonly capacity: number
  /** How long the end of the scope waits for handlers that cannot be interrupted. */
  readonly grace: Duration.DurationInput
  /** Called for a question that no handler is asked, since too many are open. */
  readonly onRefused: () => void
}

/** Where a question belongs, as its params say. */
interface Origin {
  readonly threadId: string | undefined
  readonly turnId: string | undefined
}

interface Open extends Origin {
  readonly fiber: Fiber.RuntimeFiber<void>
}

/** @internal */
export const make = Effect.fnUntraced(function*(
  { capacity, conceal, grace, handlers, onRefused, registry, send }: Options
): Effect.fn.Return<ServerRequests, never, Scope.Scope> {
  const limit = Math.max(1, capacity)
  // Whatever opens the connection: a question that cannot be interrupted would outlive its turn.
  const run = Runtime.runFork(Runtime.enableRuntimeFlag(yield* Effect.runtime<never>(), RuntimeFlags.Interruption))
  const open = new Map<RequestId, Open>()
  /** All that run, those included that were ended and cannot be interrupted yet. */
  const fibers = new Set<Fiber.RuntimeFiber<void>>()
  /** What only says that too many questions are open. */
  const refusals = new Set<Fiber.RuntimeFiber<void>>()

  const answer = (kind: Kind, request: ServerRequest, origin: Origin): Effect.Effect<Answer> =>
    Either.match(Questions.read(kind, request.id, request.params, itemOf(registry, origin)), {
      onLeft: (error) =>
        Effect.as(
          Effect.logWarning(
            `a question of the server does not fit its schema, and grants nothing: ${Logs.placesOf(error)}`
          ),
          safeAnswer(request.method)
        ),
      onRight: (question) => answerOf(kind, question, request, [...registry.handlersOf(origin), handlers], conceal)
    })

  /** Answers, and says so to who traces the turn that asks. */
  const respond = (request: ServerRequest, origin: Origin, answer: Effect.Effect<Answer>): Effect.Effect<void> =>
    Effect.suspend(() =>
      Spans.serverRequest(
        { ...request, ...origin },
        turnOf(registry, origin)?.observer?.tracing,
        Effect.tap(answer, (answer) => send({ id: request.id, ...answer }))
      )
    ).pipe(
      Logs.ignore("an answer was not sent"),
      Logs.annotate({ method: request.method, ...origin })
    )

  const fork = (effect: Effect.Effect<void>, among: Set<Fiber.RuntimeFiber<void>>) => {
    // Not inside the router: handlers are the user's.
    const fiber = run(effect, { immediate: false })
    among.add(fiber)
    fiber.addObserver(() => among.delete(fiber))
    return fiber
  }

  const end = (id: RequestId) => {
    open.get(id)?.fiber.unsafeInterruptAsFork(FiberId.none)
    open.delete(id)
  }

  const endWhere = (isOver: (origin: Origin) => boolean) => {
    for (const [id, origin] of open) {
      if (isOver(origin)) {
        end(id)
      }
    }
  }

  const endAll = () => {
    open.clear()
    for (const fiber of [...fibers, ...refusals]) {
      fiber.unsafeInterruptAsFork(FiberId.none)
    }
  }

  /** Answers without a handler; where not even such answers are taken in any more, there is nothing left to do. */
  const refuse = (request: ServerRequest, origin: Origin) => {
    onRefused()
    if (refusals.size < limit) {
      const warned = Effect.logWarning(`${limit} questions of the server are open, and a further one grants nothing`)
      fork(respond(request, origin, Effect.as(warned, safeAnswer(request.method))), refusals)
    }
  }

  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      endAll()
      return Fiber.awaitAll([...fibers, ...refusals])
    }).pipe(
      Effect.timeoutOption(grace),
      Effect.tap(Option.match({
        onNone: () => Effect.logWarning("handlers of questions of the server cannot be interrupted, and were left"),
        onSome: () => Effect.void
      })),
      uninterrupted
    )
  )

  return {
    ask(request) {
      if (registry.closed !== undefined) {
        return
      }
      const origin = originOf(request)
      const { id, method } = request
      const { threadId, turnId } = origin
      if (threadId !== undefined) {
        registry.liveness.asked(id, { threadId, turnId })
      }
      // A server may use an id again.
      end(id)
      if (fibers.size >= limit) {
        return refuse(request, origin)
      }
      const kind = Questions.kindOf(method)
      const asked = kind === undefined
        ? Effect.succeed(safeAnswer(method))
        : Effect.suspend(() => answer(kind, request, origin)).pipe(
          Effect.catchAllDefect((defect) => Effect.as(Effect.logError("a question was not understood", defect), died))
        )
      const waited = kind === undefined ? Effect.void : started(registry, origin)
      const fiber = fork(Effect.zipRight(waited, respond(request, origin, asked)), fibers)
      open.set(id, { ...origin, fiber })
      fiber.addObserver(() => {
        if (open.get(id)?.fiber === fiber) {
          open.delete(id)
        }
      })
    },
    settle: end,
    endTurn: (turnId) => {
      registry.liveness.turnOver(turnId)
      endWhere((origin) => origin.turnId === turnId)
    },
    endThread: (threadId) => endWhere((origin) => origin.threadId === threadId),
    endAll,
    size: Effect.sync(() => fibers.size)
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
const started = (registry: Registry, origin: Origin): Effect.Effect<void> =>
  turnOf(registry, origin)?.role === "open"
    ? Effect.void
    : Effect.forEach(registry.startsAbove(origin), ({ starting }) => starting.withPermits(1)(Effect.void), {
      discard: true
    })

/** Asks the narrowest handlers first, and the next where they pass. */
const answerOf = <K extends Kind>(
  kind: K,
  question: Questions.Question<K>,
  request: ServerRequest,
  [first, ...rest]: ReadonlyArray<Handlers>,
  conceal: Options["conceal"]
): Effect.Effect<Answer> => {
  if (first === undefined) {
    return Effect.succeed(safeAnswer(request.method))
  }
  const handler = first[kind]
  if (handler === undefined) {
    return answerOf(kind, question, request, rest, conceal)
  }
  const answered = Effect.flatMap(
    Effect.suspend(() => handler(question)),
    (answer) =>
      Either.map(Questions.encode(kind, question, answer, request.params), (result) => {
        conceal(Questions.secretsOf(kind, answer))
        return { result }
      })
  )
  return Effect.catchAllCause(answered, (cause) => {
    const failure = Cause.failureOption(cause)
    if (Option.isSome(failure) && failure.value instanceof Passed) {
      return answerOf(kind, question, request, rest, conceal)
    }
    return Option.isSome(failure) || Cause.isInterruptedOnly(cause)
      ? declined(request, cause)
      : Effect.as(Effect.logError("the handler of a question of the server died", cause), died)
  })
}

const declined = ({ method }: ServerRequest, cause: Cause.Cause<unknown>): Effect.Effect<Answer> => {
  const message = "the handler of a question of the server gave no answer, and nothing is granted"
  const failure = Option.getOrUndefined(Cause.failureOption(cause))
  return Effect.as(
    // Such an error repeats what did not fit, which may be what a user has said.
    ParseResult.isParseError(failure)
      ? Effect.logWarning(`${message}: ${Logs.placesOf(failure)}`)
      : Effect.logWarning(message, cause),
    unanswered(method)
  )
}

const died: Answer = { error: { code: -32603, message: "The client's handler of this request failed." } }
