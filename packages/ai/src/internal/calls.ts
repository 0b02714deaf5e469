import type * as Tool from "@effect-codex/sdk/Tool"
import type * as AiTool from "@effect/ai/Tool"
import type * as Toolkit from "@effect/ai/Toolkit"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import type { Concurrency } from "effect/Types"
import * as Tools from "./tools.js"

/**
 * The toolkit of one request to the model, at work. The framework keeps it from the provider, which is codex here and
 * calls tools in the middle of a turn.
 *
 * @internal
 */
export interface Service {
  readonly tools: ReadonlyArray<Tool.Tool>
  /** What calls came to, by their ids. Those that codex made with arguments that do not fit are not among them. */
  readonly results: ReadonlyMap<string, Tools.Result>
  /** Whether the program answers the calls itself, so that the turn is over with the first of them. */
  readonly unresolved: boolean
  /** Waits for a handler to fail where its tool says that this fails the request. */
  readonly failed: Effect.Effect<never, unknown>
}

/** @internal */
export class Calls extends Context.Tag("@effect-codex/ai/internal/Calls")<Calls, Service>() {}

/** @internal */
export interface Options {
  readonly concurrency?: Concurrency | undefined
  readonly disableToolCallResolution?: boolean | undefined
}

/** @internal */
export const make = Effect.fnUntraced(function*<Tools extends Record<string, AiTool.Any>>(
  toolkit: Toolkit.WithHandler<Tools>,
  { concurrency, disableToolCallResolution: unresolved = false }: Options
): Effect.fn.Return<Service, never, AiTool.Requirements<Tools[keyof Tools]>> {
  const context = yield* Effect.context<AiTool.Requirements<Tools[keyof Tools]>>()
  const failed = yield* Deferred.make<never, unknown>()
  const inTurn = yield* limiter(concurrency)
  const results = new Map<string, Tools.Result>()

  const tools = Tools.make(toolkit, (call, tool) =>
    unresolved ? Effect.never : Tools.handle(toolkit, call, tool).pipe(
      inTurn,
      Effect.tap((result) => Effect.sync(() => results.set(call.callId, result))),
      // The request fails by it, which ends the turn, and nothing is left to answer.
      Effect.catchAllCause((cause) => Effect.zipRight(Deferred.failCause(failed, cause), Effect.never)),
      // But the span is that of the call, which runs in the turn and not where the request was made.
      Effect.mapInputContext((here: Context.Context<never>) =>
        Option.match(Context.getOption(here, Tracer.ParentSpan), {
          onNone: () => context,
          onSome: (span) => Context.add(context, Tracer.ParentSpan, span)
        })
      )
    ))

  return { tools, results, unresolved, failed: Deferred.await(failed) }
})

/** As many at once as the framework would run. */
const limiter = (concurrency: Concurrency | undefined) =>
  Effect.map(
    concurrency === "inherit" ? FiberRef.get(FiberRef.currentConcurrency) : Effect.succeed(concurrency ?? 1),
    (permits) => {
      if (permits === "unbounded") {
        return <A, E, R>(self: Effect.Effect<A, E, R>) => self
      }
      return Effect.unsafeMakeSemaphore(permits).withPermits(1)
    }
  )
