import {
  AppServer,
  ExperimentalApi,
  type Method,
  type Params,
  type RequestArgs,
  type RequestOptions,
  type Result
} from "@effect-codex/sdk/AppServer"
import * as Sdk from "@effect-codex/sdk/Codex"
import type { RequestError } from "@effect-codex/sdk/CodexError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import { type CallSite, placedAt } from "./callSite.js"
import * as Errors from "./errors.js"
import type { Stop } from "./stop.js"

/**
 * What a Codex of this package is made of: a runtime with the SDK's services, what is under way on it, and what holds
 * its turns.
 *
 * @internal
 */
export interface Session {
  readonly runtime: Runtime.Runtime<Sdk.Codex | AppServer>
  readonly codex: Sdk.Service
  readonly appServer: AppServer["Type"]
  /** Holds the turns and streams that outlive the call that began them. */
  readonly scope: Scope.CloseableScope
  /** How to end each of the things that are under way. */
  readonly endings: Set<End>
  /** The fibers of the calls that are under way. */
  readonly fibers: Set<Fiber.RuntimeFiber<unknown, unknown>>
  /** Frees what the session was started with; nothing where that belongs to somebody else. */
  readonly release: Effect.Effect<void>
  closing: Promise<void> | undefined
}

/**
 * How one thing that is under way is ended. What is returned is awaited before what holds it is closed.
 *
 * @internal
 */
export type End = (ending: Errors.Ending) => Promise<unknown> | void

/** @internal */
export const make = (
  runtime: Runtime.Runtime<Sdk.Codex | AppServer>,
  release: Effect.Effect<void>
): Session => ({
  runtime,
  codex: Context.get(runtime.context, Sdk.Codex),
  appServer: Context.get(runtime.context, AppServer),
  scope: Effect.runSync(Scope.make(ExecutionStrategy.parallel)),
  endings: new Set(),
  fibers: new Set(),
  release,
  closing: undefined
})

/** @internal */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** Stops the turn of the call so that it keeps what it had come to. */
  readonly stop?: Pick<Stop, "now"> | undefined
  /** Why the turn that the call is about was ended, where something else ended it. */
  readonly elsewhere?: (() => Errors.Ending | undefined) | undefined
}

/**
 * Whether the server lets it be used is for the connection to say, with an error of its own.
 *
 * @internal
 */
export const experimental: <A, E, R>(
  effect: Effect.Effect<A, E, R>
) => Effect.Effect<A, E, Exclude<R, ExperimentalApi>> = Effect.provideService(ExperimentalApi, { enabled: true })

/**
 * Any request, of which the types are those of the method that asks.
 *
 * @internal
 */
export const request = <M extends Method>(
  { appServer }: Session,
  method: M,
  params: Params<M>,
  options: RequestOptions
): Effect.Effect<Result<M>, RequestError> =>
  // What the arguments are depends on the method, which the compiler cannot follow through a conditional type.
  experimental(appServer.request(method, ...([params, options] as unknown as RequestArgs<M>)))

/**
 * Runs an effect as the promise of a method. Aborting the signal, or closing, ends it.
 *
 * @internal
 */
export const call = <A, E>(
  session: Session,
  at: CallSite,
  effect: Effect.Effect<A, E>,
  { elsewhere, signal, stop }: CallOptions = {}
): Promise<A> => {
  const before = endedBefore(session, signal)
  if (before !== undefined) {
    return Promise.reject(placedAt(before, at))
  }
  let ending: Errors.Ending | undefined
  const fiber = fork(session, effect)
  const end = (by: Errors.Ending): Promise<void> | void => {
    ending ??= by
    if (stop?.now(by) === true) {
      return settled(fiber).then(() => {})
    }
    fiber.unsafeInterruptAsFork(FiberId.none)
  }
  const release = onEnding(session, signal, end)
  return settled(fiber).then((exit) => {
    release()
    if (Exit.isSuccess(exit)) {
      return exit.value
    }
    throw Errors.ofCause(exit.cause, at, ending ?? elsewhere?.())
  })
}

/**
 * What a call is refused with that would begin too late.
 *
 * @internal
 */
export const endedBefore = (session: Session, signal: AbortSignal | undefined) =>
  session.closing !== undefined
    ? Errors.closedByProgram()
    : signal?.aborted === true
    ? Errors.ended({ _tag: "Signal", reason: signal.reason })
    : undefined

/**
 * Has something ended by its signal and by `close`, until it is released.
 *
 * @internal
 */
export const onEnding = (
  { endings }: Session,
  signal: AbortSignal | undefined,
  end: End
): () => void => {
  const onAbort = () => void end({ _tag: "Signal", reason: signal?.reason })
  signal?.addEventListener("abort", onAbort, { once: true })
  endings.add(end)
  return () => {
    signal?.removeEventListener("abort", onAbort)
    endings.delete(end)
  }
}

/** @internal */
export const fork = <A, E>({ fibers, runtime }: Session, effect: Effect.Effect<A, E>): Fiber.RuntimeFiber<A, E> => {
  const fiber = Runtime.runFork(runtime)(effect)
  fibers.add(fiber)
  fiber.addObserver(() => fibers.delete(fiber))
  return fiber
}

/** @internal */
export const settled = <A, E>(fiber: Fiber.RuntimeFiber<A, E>): Promise<Exit.Exit<A, E>> =>
  new Promise((resolve) => fiber.addObserver(resolve))

/**
 * Ends everything, first the turns, and waits for that. Everything is bounded by the deadlines of the connection.
 *
 * @internal
 */
export const close = (session: Session): Promise<void> => session.closing ??= shutDown(session)

const shutDown = async (session: Session): Promise<void> => {
  // So that `closing` is set before anything else runs.
  await Promise.resolve()
  await Promise.all(Array.from(session.endings, async (end) => end({ _tag: "Close" })))
  const exit = await settled(
    Runtime.runFork(session.runtime)(Effect.ensuring(Scope.close(session.scope, Exit.void), session.release))
  )
  await Promise.all(Array.from(session.fibers, (fiber) => {
    fiber.unsafeInterruptAsFork(FiberId.none)
    return settled(fiber)
  }))
  if (Exit.isFailure(exit)) {
    throw Errors.ofCause(exit.cause, {}, undefined)
  }
}
