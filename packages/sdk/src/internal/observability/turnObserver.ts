import type * as Server from "@effect-codex/protocol/Server"
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import type { TurnError } from "../../CodexError.js"
import { attributes as names, spans } from "../../Observability.js"
import type { TurnEvent } from "../../TurnEvent.js"
import type { TurnResult } from "../../TurnResult.js"
import { isRecord, stringAt } from "../connection/envelope.js"
import * as Metrics from "./metrics.js"
import * as Spans from "./spans.js"

/**
 * Sees a turn of this program from its start to its end, whoever reads it, and keeps its metrics and its span. The
 * router calls it, so nothing here waits.
 *
 * @internal
 */
export interface TurnObserver {
  readonly tracing: Spans.Tracing | undefined
  /** The answer to the start names the turn. */
  readonly claimed: (turnId: string) => void
  /** The start has joined a turn that somebody else has started, and is watched no further. */
  readonly joined: (turnId: string) => void
  /** Nothing was started. */
  readonly failed: (cause: Cause.Cause<unknown>) => void
  readonly item: (event: TurnEvent) => void
  readonly ended: (exit: Exit.Exit<TurnResult, TurnError>, soFar: () => TurnResult) => void
}

/** @internal */
export interface Start {
  readonly threadId: string
  readonly method: string
  readonly params: unknown
}

/**
 * Begins to watch a turn, in the fiber that starts it.
 *
 * @internal
 */
export const make = (start: Start, recordContent: boolean): Effect.Effect<TurnObserver> =>
  Effect.gen(function*() {
    const clock = yield* Effect.clock
    if (!(yield* Spans.traced)) {
      return observe(clock, undefined, recordContent)
    }
    const tracer = yield* Effect.tracer
    const span = yield* Effect.makeSpan(spans.turn, {
      captureStackTrace: false,
      attributes: {
        [names.threadId]: start.threadId,
        [names.turnMethod]: start.method,
        [names.operation]: "invoke_agent",
        [names.agentName]: "codex",
        [names.conversationId]: start.threadId
      }
    })
    Spans.annotate(span, {
      [names.model]: stringAt(start.params, ["model"]),
      [names.input]: recordContent ? inputOf(start.params) : undefined
    })
    return observe(clock, { tracer, span }, recordContent)
  })

/**
 * Has the spans of an effect belong to the turn.
 *
 * @internal
 */
export const within = ({ tracing }: TurnObserver) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  tracing === undefined ? self : self.pipe(Effect.withParentSpan(tracing.span), Effect.withTracer(tracing.tracer))

const observe = (clock: Clock.Clock, tracing: Spans.Tracing | undefined, recordContent: boolean): TurnObserver => {
  const startedAt = clock.unsafeCurrentTimeMillis()
  const now = () => clock.unsafeCurrentTimeNanos()
  const items = tracing === undefined ? undefined : observeItems(tracing, now)
  let state: "starting" | "open" | "over" = "starting"

  return {
    tracing,
    claimed(turnId) {
      state = "open"
      Metrics.update(Metrics.turnsOpen, 1)
      tracing?.span.attribute(names.turnId, turnId)
    },
    joined(turnId) {
      state = "over"
      if (tracing !== undefined) {
        Spans.annotate(tracing.span, { [names.turnId]: turnId, [names.turnJoined]: true })
        Spans.end(tracing.span, now(), Exit.void)
      }
    },
    failed(cause) {
      if (state === "starting" && tracing !== undefined) {
        Spans.end(tracing.span, now(), Exit.failCause(cause))
      }
    },
    item(event) {
      items?.add(event)
    },
    ended(exit, soFar) {
      if (state !== "open") {
        return
      }
      state = "over"
      const { error, result } = outcomeOf(exit, soFar)
      const { finalResponse, items: completed, status, turnUsage: used } = result
      Metrics.update(Metrics.turnsOpen, -1)
      Metrics.update(
        Metrics.turnDuration,
        (clock.unsafeCurrentTimeMillis() - startedAt) / 1000,
        Metrics.tags({
          [names.turnStatus]: status
        })
      )
      if (used !== null) {
        Metrics.update(Metrics.tokens, used.inputTokens, Metrics.tags({ [names.tokenType]: "input" }))
        Metrics.update(Metrics.tokens, used.outputTokens, Metrics.tags({ [names.tokenType]: "output" }))
        Metrics.update(Metrics.tokensCached, used.cachedInputTokens)
      }
      if (tracing !== undefined) {
        items?.end()
        Spans.annotate(tracing.span, {
          [names.turnStatus]: status,
          [names.turnItems]: completed.length,
          [names.turnError]: error,
          [names.inputTokens]: used?.inputTokens,
          [names.cachedInputTokens]: used?.cachedInputTokens,
          [names.outputTokens]: used?.outputTokens,
          [names.reasoningTokens]: used?.reasoningOutputTokens,
          [names.output]: recordContent && finalResponse !== null ? messages("assistant", [finalResponse]) : undefined
        })
        // It has ended by being interrupted, which is no failure.
        const interrupted = status === "interrupted" || status === "inProgress"
        Spans.end(tracing.span, now(), Exit.isFailure(exit) && interrupted ? endOfInterrupted(exit) : exit)
      }
    }
  }
}

const observeItems = ({ span: parent, tracer }: Spans.Tracing, now: () => bigint) => {
  const { context } = parent
  const open = new Map<string, Tracer.Span>()
  return {
    add(event: TurnEvent) {
      if (event._tag === "ItemStarted") {
        const item = known(event.item)
        if (item !== undefined) {
          const name = `${spans.item} ${item.type}`
          const span = tracer.span(name, Option.some(parent), context, [], now(), "internal", {})
          Spans.annotate(span, { [names.itemId]: item.id, [names.itemType]: item.type })
          open.set(item.id, span)
        }
      } else if (event._tag === "ItemCompleted") {
        const item = known(event.item)
        const span = item === undefined ? undefined : open.get(item.id)
        if (item !== undefined && span !== undefined) {
          open.delete(item.id)
          Spans.annotate(span, { [names.itemStatus]: stringAt(item, ["status"]) })
          Spans.end(span, now(), Exit.void)
        }
      }
    },
    end() {
      for (const span of open.values()) {
        Spans.end(span, now(), interruption)
      }
      open.clear()
    }
  }
}

const interruption = Exit.interrupt(FiberId.none)

/** A connection that ended while the turn was open is a failure. */
const endOfInterrupted = (exit: Exit.Failure<TurnResult, TurnError>): Exit.Exit<unknown, unknown> =>
  Option.exists(Cause.failureOption(exit.cause), ({ _tag }) => _tag === "TurnInterrupted") ? interruption : exit

const known = (item: Server.ThreadItem): { readonly id: string; readonly type: string } | undefined =>
  item.type !== "$unknown" ? item : undefined

const outcomeOf = (
  exit: Exit.Exit<TurnResult, TurnError>,
  soFar: () => TurnResult
): { readonly result: TurnResult; readonly error: string | undefined } => {
  if (Exit.isSuccess(exit)) {
    return { result: exit.value, error: undefined }
  }
  const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
  switch (error?._tag) {
    case "TurnFailed":
      return { result: error.partial, error: kindOf(error.error.codexErrorInfo) }
    case "TurnInterrupted":
      return { result: error.partial, error: undefined }
    default:
      return { result: soFar(), error: undefined }
  }
}

/** A word, or the key of what it carries. */
const kindOf = (info: unknown): string | undefined =>
  typeof info === "string" ? info : isRecord(info) ? Object.keys(info)[0] : undefined

const inputOf = (params: unknown): string | undefined => {
  const parts = isRecord(params) ? params["input"] : undefined
  const texts = Array.isArray(parts) ? parts.flatMap((part) => stringAt(part, ["text"]) ?? []) : []
  return texts.length === 0 ? undefined : messages("user", texts)
}

const messages = (role: "user" | "assistant", texts: ReadonlyArray<string>): string =>
  JSON.stringify([{ role, parts: texts.map((content) => ({ type: "text", content })) }])
