import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Tracer from "effect/Tracer"
import { RequestFailed } from "../../CodexError.js"
import { attributes as names, spans } from "../../Observability.js"
import { isRecord, type RequestId, stringAt } from "../connection/envelope.js"
import type { Answer } from "../serverRequests/safeAnswers.js"
import * as Metrics from "./metrics.js"

/**
 * Who traces, and the span that others belong to.
 *
 * @internal
 */
export interface Tracing {
  readonly tracer: Tracer.Tracer
  readonly span: Tracer.Span
}

/**
 * The W3C trace context of a span, as a request carries it.
 *
 * @internal
 */
export interface TraceContext {
  readonly traceparent: string
  readonly tracestate?: string
}

const builtIn = Context.get(DefaultServices.liveServices, Tracer.Tracer)

const isTraced = (tracer: Tracer.Tracer): boolean => tracer !== builtIn

/**
 * Whether anybody looks at spans. Effect's own tracer is in every program, and shows them to nobody.
 *
 * @internal
 */
export const traced: Effect.Effect<boolean> = Effect.map(Effect.tracer, isTraced)

/**
 * What went wrong, in a word that gives nothing away: messages of errors can hold anything.
 *
 * @internal
 */
export const errorType = (cause: Cause.Cause<unknown>): string | undefined => {
  if (Cause.isEmpty(cause) || Cause.isInterruptedOnly(cause)) {
    return undefined
  }
  return Option.match(Cause.failureOption(cause), {
    onNone: () => "Defect",
    onSome: (error) => Predicate.hasProperty(error, "_tag") && typeof error._tag === "string" ? error._tag : "Error"
  })
}

/** What a tracer is told of a failure: no message, no stack, no cause. */
const failure = (type: string): Error => {
  const error = new Error(type)
  error.name = type
  delete error.stack
  return error
}

/** @internal */
export const end = (span: Tracer.Span, endTime: bigint, exit: Exit.Exit<unknown, unknown>): void => {
  if (Exit.isSuccess(exit)) {
    span.end(endTime, Exit.void)
    return
  }
  const type = errorType(exit.cause)
  if (type === undefined) {
    span.end(endTime, Exit.interrupt(FiberId.none))
    return
  }
  span.attribute(names.errorType, type)
  span.end(endTime, Exit.fail(failure(type)))
}

/**
 * Has an effect see its span, where somebody traces.
 *
 * @internal
 */
export const use = <A, E, R>(
  name: string,
  options: () => Pick<Tracer.SpanOptions, "attributes" | "kind" | "parent">,
  self: (span: Tracer.Span | undefined) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.withFiberRuntime((fiber) =>
    isTraced(fiber.currentTracer)
      ? Effect.acquireUseRelease(
        Effect.makeSpan(name, { ...options(), captureStackTrace: false }),
        self,
        (span, exit) => Effect.map(Effect.clock, (clock) => end(span, clock.unsafeCurrentTimeNanos(), exit))
      )
      : self(undefined)
  )

/** The tags of the durations of requests, of which there are as many as methods and kinds of failure. */
const tagsOfRequests = new Map<string, Metrics.Tags>()

const tagsOfRequest = (method: string, error: string | undefined): Metrics.Tags => {
  const key = error === undefined ? method : `${method} ${error}`
  const found = tagsOfRequests.get(key)
  if (found !== undefined) {
    return found
  }
  const tags = Metrics.tags({ [names.rpcMethod]: method, [names.errorType]: error })
  tagsOfRequests.set(key, tags)
  return tags
}

/**
 * One attempt of a request, from being sent to its answer.
 *
 * @internal
 */
export const request = <A, E>(
  method: string,
  params: unknown,
  exchange: (span: Tracer.Span | undefined) => Effect.Effect<A, E>
): Effect.Effect<A, E> =>
  use(
    `${spans.request} ${method}`,
    () => ({
      kind: "client",
      attributes: {
        [names.rpcSystem]: "jsonrpc",
        [names.rpcMethod]: method,
        ...ids(stringAt(params, ["threadId"]), stringAt(params, ["turnId"]) ?? stringAt(params, ["expectedTurnId"]))
      }
    }),
    (span) => span === undefined ? exchange(span) : Effect.onExit(exchange(span), (exit) => outcome(span, exit))
  )

/**
 * How long such an attempt took, and how it went.
 *
 * @internal
 */
export const requestEnded = (method: string, millis: number, exit: Exit.Exit<unknown, unknown>): void =>
  Metrics.update(
    Metrics.requestDuration,
    millis / 1000,
    tagsOfRequest(method, Exit.isSuccess(exit) ? undefined : errorType(exit.cause) ?? "Interrupted")
  )

const outcome = (span: Tracer.Span, exit: Exit.Exit<unknown, unknown>) =>
  Effect.sync(() => {
    if (Exit.isSuccess(exit)) {
      // What the params could not name yet.
      annotate(span, {
        [names.threadId]: stringAt(exit.value, ["thread", "id"]),
        [names.turnId]: stringAt(exit.value, ["turn", "id"])
      })
      return
    }
    const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
    if (error instanceof RequestFailed) {
      span.attribute(names.rpcStatusCode, String(error.code))
    }
  })

/**
 * A question of the server, from when its handler may run to when its answer is sent. Handlers see its span. It belongs
 * to the turn that asks, where that is traced, though the fiber that answers is not the turn's.
 *
 * @internal
 */
export const serverRequest = <E>(
  { id, method, threadId, turnId }: {
    readonly id: RequestId
    readonly method: string
    readonly threadId: string | undefined
    readonly turnId: string | undefined
  },
  turn: Tracing | undefined,
  answer: Effect.Effect<Answer, E>
): Effect.Effect<Answer, E> => {
  const attributes = {
    [names.rpcSystem]: "jsonrpc",
    [names.rpcMethod]: method,
    [names.requestId]: String(id),
    ...ids(threadId, turnId)
  }
  const parent = turn === undefined ? undefined : { parent: turn.span }
  const spanned = use(
    `${spans.serverRequest} ${method}`,
    () => ({ kind: "server", attributes, ...parent }),
    (span) =>
      (span === undefined ? answer : Effect.withParentSpan(answer, span)).pipe(
        Effect.onExit((exit) =>
          Effect.sync(() => {
            const decision = Exit.isSuccess(exit) ? decisionOf(exit.value) : "none"
            span?.attribute(names.decision, decision)
            Metrics.update(
              Metrics.serverRequests,
              1,
              Metrics.tags({ [names.rpcMethod]: method, [names.decision]: decision })
            )
          })
        )
      )
  )
  return turn === undefined ? spanned : Effect.withTracer(spanned, turn.tracer)
}

/** What an answer amounts to, and nothing of what it says. */
const decisionOf = (answer: Answer): string => {
  if ("error" in answer) {
    return "error"
  }
  const { result } = answer
  const decision = isRecord(result) ? result["decision"] ?? result["action"] : undefined
  if (typeof decision === "string") {
    return decision
  }
  return isRecord(decision) ? Object.keys(decision)[0] ?? "answered" : "answered"
}

const ids = (threadId: string | undefined, turnId: string | undefined) => ({
  ...(threadId === undefined ? undefined : { [names.threadId]: threadId }),
  ...(turnId === undefined ? undefined : { [names.turnId]: turnId })
})

/** @internal */
export const annotate = (span: Tracer.Span, attributes: { readonly [name: string]: unknown }): void => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) {
      span.attribute(name, value)
    }
  }
}

/**
 * The trace context of a span, or `undefined` where its tracer has no such ids: it is switched off, or it is none of
 * W3C's kind.
 *
 * @internal
 */
export const contextOf = (span: Tracer.Span): TraceContext | undefined => {
  if (!/^[0-9a-f]{32}$/.test(span.traceId) || !/^[0-9a-f]{16}$/.test(span.spanId)) {
    return undefined
  }
  const tracestate = stateOf(span)
  const traceparent = `00-${span.traceId}-${span.spanId}-${span.sampled ? "01" : "00"}`
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate }
}

/**
 * What a request carries of its span, which learns its id.
 *
 * @internal
 */
export const sent = (span: Tracer.Span | undefined, id: number): TraceContext | undefined => {
  span?.attribute(names.requestId, String(id))
  return span === undefined ? undefined : contextOf(span)
}

interface TraceState {
  readonly serialize: () => string
}

// `@effect/opentelemetry` keeps it under this key with the span that came from outside. The SDK does not depend on it.
const traceState = Context.GenericTag<TraceState>("@effect/opentelemetry/Tracer/OtelTraceState")

const stateOf = (span: Tracer.AnySpan): string | undefined => {
  const found = Context.getOption(span.context, traceState)
  if (Option.isSome(found)) {
    return found.value.serialize()
  }
  return span._tag === "Span" && Option.isSome(span.parent) ? stateOf(span.parent.value) : undefined
}
