import { NodeCodex } from "@effect-codex/node"
import { AppServer } from "@effect-codex/sdk/AppServer"
import * as Sdk from "@effect-codex/sdk/Codex"
import * as CodexConfig from "@effect-codex/sdk/CodexConfig"
import * as ServerRequests from "@effect-codex/sdk/ServerRequests"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import type * as ManagedRuntime from "effect/ManagedRuntime"
import type * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import type { Codex, CodexOptions } from "../Codex.js"
import { type CallSite, callSite, placedAt } from "./callSite.js"
import * as Errors from "./errors.js"
import * as Events from "./events.js"
import * as Handlers from "./handlers.js"
import { layer as layerLog } from "./log.js"
import { toPublic } from "./serverEvent.js"
import * as Session from "./session.js"
import * as Thread from "./thread.js"

type Services = Sdk.Codex | AppServer

const sessions = new WeakMap<Codex, Session.Session>()

/** @internal */
export const start = (options: CodexOptions = {}): Promise<Codex> => {
  const opened = Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Scope.make(), (scope) =>
      restore(Scope.extend(Layer.toRuntime(layerOf(options)), scope)).pipe(
        Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause))),
        Effect.map((runtime) => [runtime, Scope.close(scope, Exit.void)] as const)
      ))
  )
  return begin(callSite(start), opened, options.signal)
}

/** @internal */
export const fromRuntime = <E>(
  runtime: Runtime.Runtime<Services> | ManagedRuntime.ManagedRuntime<Services, E>
): Promise<Codex> => {
  const opened: Effect.Effect<Runtime.Runtime<Services>, E> = "runtimeEffect" in runtime
    ? runtime.runtimeEffect
    : Effect.succeed(runtime)
  return begin(callSite(fromRuntime), Effect.map(opened, (runtime) => [runtime, Effect.void] as const), undefined)
}

/** @internal */
export const toLayer = (codex: Codex): Layer.Layer<Services> => {
  const session = sessions.get(codex)
  return session === undefined
    ? Layer.die(new TypeError("Codex.toLayer takes what Codex.start or Codex.fromRuntime gave."))
    : Layer.succeedContext(
      Context.make(Sdk.Codex, session.codex).pipe(Context.add(AppServer, session.appServer))
    )
}

type Started = readonly [runtime: Runtime.Runtime<Services>, release: Effect.Effect<void>]

const begin = async <E>(
  at: CallSite,
  started: Effect.Effect<Started, E>,
  signal: AbortSignal | undefined
): Promise<Codex> => {
  const ending = (): Errors.Ending | undefined =>
    signal?.aborted === true ? { _tag: "Signal", reason: signal.reason } : undefined
  const before = ending()
  if (before !== undefined) {
    throw placedAt(Errors.ended(before), at)
  }
  const fiber = Effect.runFork(started)
  const abort = () => fiber.unsafeInterruptAsFork(FiberId.none)
  signal?.addEventListener("abort", abort, { once: true })
  const exit = await Session.settled(fiber)
  signal?.removeEventListener("abort", abort)
  if (Exit.isFailure(exit)) {
    throw Errors.ofCause(exit.cause, at, ending())
  }
  return make(Session.make(...exit.value))
}

const make = (session: Session.Session): Codex => {
  const startThread: Codex["startThread"] = (options = {}) =>
    Thread.open(session, callSite(startThread), "thread/start", options, (params) => session.codex.startThread(params))
  const resumeThread: Codex["resumeThread"] = (threadId, options = {}) =>
    Thread.open(
      session,
      callSite(resumeThread),
      "thread/resume",
      options,
      (params) => session.codex.resumeThread(threadId, params)
    )
  const fork: Codex["fork"] = (threadId, options = {}) =>
    Thread.open(
      session,
      callSite(fork),
      "thread/fork",
      options,
      (params) => session.codex.forkThread(threadId, params)
    )
  const list: Codex["list"] = ({ signal, ...options } = {}) =>
    Events.make(session, callSite(list), session.codex.threads(options), { signal, toPublic: identity })
  const models: Codex["models"] = ({ signal, ...options } = {}) =>
    Events.make(session, callSite(models), session.codex.models(options), { signal, toPublic: identity })
  const events: Codex["events"] = (options) =>
    Events.make(session, callSite(events), session.codex.events, { ...options, toPublic })
  const request: Codex["request"] = (method, ...[params, { signal, timeoutMs } = {}]) =>
    Session.call(session, callSite(request), Session.request(session, method, params, { timeout: timeoutMs }), {
      signal
    })
  const close: Codex["close"] = () => Session.close(session)

  const codex: Codex = {
    info: session.appServer.info,
    startThread,
    resumeThread,
    fork,
    thread: (threadId) => Thread.make(session, session.codex.thread(threadId)),
    list,
    models,
    events,
    request,
    close,
    [Symbol.asyncDispose]: close
  }
  sessions.set(codex, session)
  return codex
}

const layerOf = (options: CodexOptions): Layer.Layer<Services, NodeCodex.LayerError> => {
  const { args, binary, closeGraceMs, codexHome, config, cwd, env, extendEnv, terminateGraceMs, watchdog } = options
  const node = {
    args,
    binary,
    codexHome,
    config,
    cwd,
    env,
    extendEnv,
    closeGrace: closeGraceMs,
    terminateGrace: terminateGraceMs,
    watchdog
  }
  const layer: Layer.Layer<Services, NodeCodex.LayerError> = options.experimentalApi === true
    ? NodeCodex.layerExperimental(node)
    : NodeCodex.layer(node)
  return layer.pipe(
    Layer.provide(CodexConfig.layer(configOf(options))),
    Layer.provide(Layer.succeed(ServerRequests.ServerRequests, Handlers.toSdk(options.handlers ?? {}))),
    Layer.provideMerge(layerLog(options.log))
  )
}

/** What is given; the defaults are those of the SDK. */
const configOf = (options: CodexOptions): Partial<CodexConfig.Options> => {
  const given: { readonly [K in keyof CodexConfig.Options]?: CodexConfig.Options[K] | undefined } = {
    clientName: options.clientName,
    clientTitle: options.clientTitle,
    clientVersion: options.clientVersion,
    requestTimeout: options.requestTimeoutMs,
    initializeTimeout: options.initializeTimeoutMs,
    interruptGrace: options.interruptGraceMs,
    stallTimeout: options.stallTimeoutMs,
    maxPendingRequests: options.maxPendingRequests,
    openQuestions: options.openQuestions,
    eventCapacity: options.eventCapacity,
    delivery: options.delivery,
    optOutNotifications: options.optOutNotifications
  }
  return Object.fromEntries(Object.entries(given).filter(([_, value]) => value !== undefined))
}
