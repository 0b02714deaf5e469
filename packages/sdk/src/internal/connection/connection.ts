import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberSet from "effect/FiberSet"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type * as AppServer from "../../AppServer.js"
import { CodexConfig, type Options as Config } from "../../CodexConfig.js"
import {
  ConnectionClosed,
  type HandshakeError,
  type RequestError,
  RequestTimeout,
  type TransportError
} from "../../CodexError.js"
import type { Handlers } from "../../ServerRequests.js"
import { ServerRequests as HandlersTag } from "../../ServerRequests.js"
import { Transport, type TransportEnd } from "../../Transport.js"
import * as Logs from "../observability/logs.js"
import * as Metrics from "../observability/metrics.js"
import * as Spans from "../observability/spans.js"
import { none } from "../serverRequests/handlers.js"
import * as ServerRequests from "../serverRequests/serverRequests.js"
import type { Carried } from "../thread/threadMemory.js"
import { makeReadBack } from "../turn/readBack.js"
import * as TurnControl from "../turn/turnControl.js"
import * as Bounded from "./bounded.js"
import { Deadlines } from "./deadlines.js"
import * as Events from "./events.js"
import * as List from "./list.js"
import * as Race from "./race.js"
import { Registry } from "./registry.js"
import * as Request from "./request.js"
import * as RequestErrors from "./requestErrors.js"
import * as Router from "./router.js"
import * as TestedVersions from "./testedVersions.js"
import { stringify } from "./wire.js"

/**
 * A connection, or whichever one is current where it is supervised.
 *
 * @internal
 */
export interface Handle {
  readonly config: Config
  readonly experimentalApi: boolean
  readonly request: <M extends AppServer.Method>(
    method: M,
    params: AppServer.Params<M>,
    options?: ExchangeOptions
  ) => Effect.Effect<AppServer.Result<M>, RequestError, AppServer.Requires<M>>
  /** The connection that what begins now begins on, and stays on to its end. */
  readonly current: Effect.Effect<Connection, ConnectionClosed>
}

/**
 * What `Thread` and `Turn` need of the connection beyond its public face.
 *
 * @internal
 */
export interface Connection extends Handle {
  readonly registry: Registry
  readonly exchange: Exchange
  /** Runs an effect on behalf of the connection; its failure is logged. It ends with the connection. */
  readonly fork: (effect: Effect.Effect<unknown, unknown>) => void
  /** The handlers that were provided where this runs, unless they are the connection's own. */
  readonly handlersHere: Effect.Effect<Handlers | undefined>
  /** Waits for the end of the connection. */
  readonly closed: Effect.Effect<ConnectionClosed>
}

/**
 * One exchange: encoded params out, the raw result back, or why not, within the deadline.
 *
 * @internal
 */
export type Exchange = (
  method: string,
  params: unknown,
  options?: ExchangeOptions
) => Effect.Effect<unknown, Request.ExchangeError>

/** @internal */
export interface ExchangeOptions {
  readonly timeout?: Duration.DurationInput | undefined
  /** What stands in the params and is shown to nobody but the server. */
  readonly secrets?: ReadonlyArray<Redacted.Redacted>
  /** Called when the request was handed to the transport. */
  readonly onSent?: () => void
  /** Called by the router with the result, before it looks at the next frame. */
  readonly onResult?: (result: unknown) => void
  /** Called in its place where nobody waits for the result any more. */
  readonly onLateResult?: (result: unknown) => void
}

/** @internal */
export interface Options {
  readonly experimentalApi: boolean
  /** What a connection before has left for this one, and this one leaves for the next. */
  readonly carried?: Carried
}

/** @internal */
export interface Connected extends AppServer.Service {
  readonly connection: Connection
}

/** @internal */
export const make = Effect.fnUntraced(function*(options: Options): Effect.fn.Return<
  Connected,
  HandshakeError,
  Scope.Scope | Transport
> {
  const config = yield* CodexConfig
  const handlers = yield* HandlersTag
  const transport = yield* Transport
  const clock = yield* Effect.clock
  const registry = new Registry(config, options.carried)
  const counters: Router.Counters = {
    messagesIn: 0,
    messagesOut: 0,
    overloads: 0,
    lateAnswers: 0,
    noise: 0,
    undecodable: 0,
    serverRequestsRefused: 0
  }
  const ended = yield* Deferred.make<ConnectionClosed>()

  const stepMetrics = Metrics.stepper([
    [Metrics.messagesReceived, () => counters.messagesIn],
    [Metrics.messagesSent, () => counters.messagesOut],
    [Metrics.messagesSkipped, () => counters.noise],
    [Metrics.messagesUndecodable, () => counters.undecodable],
    [Metrics.requestsPending, () => registry.pendingRequests],
    [Metrics.requestsOverloaded, () => counters.overloads],
    [Metrics.lateAnswers, () => counters.lateAnswers],
    [Metrics.serverRequestsRefused, () => counters.serverRequestsRefused],
    [Metrics.eventsMerged, () => registry.delivery.counts.merged],
    [Metrics.eventsDropped, () => registry.delivery.counts.dropped]
  ])

  const close = (error: ConnectionClosed) => {
    registry.close(error)
    stepMetrics()
    questions.endAll()
    Deferred.unsafeDone(ended, Exit.succeed(error))
  }

  const conceal = (secrets: ReadonlyArray<Redacted.Redacted> = []) => {
    if (secrets.length > 0) {
      transport.conceal?.(secrets)
    }
  }

  const onSent = () => {
    counters.messagesOut++
    stepMetrics()
  }

  const sendNow = (frame: string): boolean => {
    const sent = transport.sendNow?.(frame) === true
    if (sent) {
      onSent()
    }
    return sent
  }

  const send = (frame: string): Effect.Effect<void, ConnectionClosed> =>
    Effect.catchAll(
      Effect.tap(transport.send(frame), onSent),
      // The transport is about to end, and its end says better than the write that failed what happened. Where it does
      // not end, nothing can be asked of it any more all the same.
      (cause) =>
        Deferred.await(ended).pipe(
          Bounded.timeoutOption("2 seconds"),
          Effect.tap(Option.match({
            onNone: () => Effect.sync(() => close(closedByFailure(cause))),
            onSome: () => Effect.void
          })),
          Effect.zipRight(Deferred.await(ended)),
          Effect.flatMap(Effect.fail)
        )
    )

  const exchange: Exchange = (method, params, exchangeOptions) =>
    Effect.suspend((): Effect.Effect<unknown, Request.ExchangeError> => {
      const refusal = registry.closed ?? Request.refusal(method, registry)
      if (refusal !== undefined) {
        return Effect.fail(refusal)
      }
      const timeout = Duration.decode(exchangeOptions?.timeout ?? config.requestTimeout)
      conceal(exchangeOptions?.secrets)
      return Spans.request(method, params, (span) => {
        let asked: { readonly id: number; readonly startedAt: number; cancelDeadline?: () => void } | undefined
        const ask = Effect.suspend(() => {
          const [id, { answer }] = registry.addPending(method, exchangeOptions?.onResult)
          asked = { id, startedAt: clock.unsafeCurrentTimeMillis() }
          const frame = stringify({ id, method, params, trace: Spans.sent(span, id) })
          const onTimeout = () => new RequestTimeout({ method, timeout })
          if (sendNow(frame)) {
            exchangeOptions?.onSent?.()
            asked.cancelDeadline = deadlines.set(timeout, () => answer.done(Exit.fail(onTimeout())))
            return answer.wait
          }
          return send(frame).pipe(
            Effect.tap(() => exchangeOptions?.onSent?.()),
            Effect.zipRight(answer.wait),
            Bounded.timeoutFail({ duration: timeout, onTimeout })
          )
        })
        return Effect.onExit(ask, (exit) =>
          Effect.sync(() => {
            if (asked !== undefined) {
              asked.cancelDeadline?.()
              registry.dropPending(asked.id, exchangeOptions?.onLateResult)
              Spans.requestEnded(method, clock.unsafeCurrentTimeMillis() - asked.startedAt, exit)
              stepMetrics()
            }
          }))
      })
    })

  const runBackground = yield* FiberSet.makeRuntime<never>()
  const fork: Connection["fork"] = (effect) => {
    // A Layer may be built where nothing can be interrupted, which what it runs later must not inherit.
    runBackground(Effect.interruptible(Logs.ignore("what was done on behalf of the connection failed")(effect)))
  }

  const deadlines = new Deadlines(clock, fork)

  const questions = yield* ServerRequests.make({
    registry,
    handlers,
    send: (message) => Effect.timeout(send(stringify(message)), config.requestTimeout),
    conceal,
    capacity: config.openQuestions,
    grace: config.interruptGrace,
    onRefused: () => counters.serverRequestsRefused++
  })
  registry.onTurnOver = questions.endTurn
  registry.onThreadClosed = questions.endThread

  const request = Request.make({ exchange, registry, experimentalApi: options.experimentalApi })
  const connection: Connection = {
    config,
    experimentalApi: options.experimentalApi,
    registry,
    exchange,
    request,
    current: Effect.suspend(() => Effect.succeed(connection)),
    fork,
    handlersHere: Effect.map(
      HandlersTag,
      (here) => here === handlers || here === none ? undefined : here
    ),
    closed: Deferred.await(ended)
  }

  const route = Router.make({
    registry,
    counters,
    onServerRequest: questions.ask,
    onServerRequestResolved: questions.settle,
    onCompletionDue: makeReadBack(connection),
    onNoise: (problem, frame) =>
      // Not in the router: a logger is the user's. One warning is enough, and the line itself may hold anything.
      fork(
        counters.noise === 1
          ? Effect.logWarning(
            `skipped a line that is ${problem}; \`AppServer.stats\` counts them, and with \`recordContent\` the debug log shows them`
          )
          : Effect.logDebug(
            config.recordContent
              ? `skipped a line that is ${problem}: ${frame.slice(0, 200)}`
              : `skipped a line of ${frame.length} characters that is ${problem}`
          )
      )
  })

  const onFrames = (frames: ReadonlyArray<string>) => {
    try {
      route(frames)
    } catch (cause) {
      close(routerFailed(cause))
    }
    stepMetrics()
  }

  yield* transport.run(onFrames).pipe(
    Effect.map(closedByEnd),
    Race.first(Deferred.await(ended)),
    Effect.onExit((exit) => Effect.sync(() => close(closedByExit(exit)))),
    Effect.interruptible,
    Effect.forkScoped
  )

  // Runs before the router stops, since the ends of the turns still have to be read.
  yield* Effect.addFinalizer(() => {
    registry.refuse(closed("LayerClosed"))
    return TurnControl.releaseAll(connection)
  })

  const info = yield* exchange(
    "initialize",
    {
      clientInfo: { name: config.clientName, title: config.clientTitle, version: config.clientVersion },
      capabilities: {
        experimentalApi: options.experimentalApi,
        optOutNotificationMethods: config.optOutNotifications
      }
    },
    { timeout: config.initializeTimeout }
  ).pipe(
    // It is the first one.
    Effect.catchTag("TooManyRequests", Effect.die),
    Effect.flatMap((result) => Request.decode("initialize", result))
  )
  registry.serverVersion = RequestErrors.versionOf(info.userAgent)
  yield* TestedVersions.warnOfOlder(registry.serverVersion)
  yield* Bounded.timeoutFail(send(stringify({ method: "initialized" })), {
    duration: config.initializeTimeout,
    onTimeout: () => new RequestTimeout({ method: "initialized", timeout: Duration.decode(config.initializeTimeout) })
  })

  return {
    info,
    request: (method, ...[params, requestOptions]) => request(method, params, requestOptions),
    list: List.make(request),
    ...Events.make(connection),
    closed: connection.closed,
    stats: Effect.map(questions.size, (serverRequests) => ({ ...counters, ...registry.sizes, serverRequests })),
    connection
  }
})

/** @internal */
export const closed = (
  reason: ConnectionClosed["reason"],
  details?: Partial<Pick<ConnectionClosed, "exitCode" | "signal" | "stderrTail" | "cause">>
) => new ConnectionClosed({ reason, exitCode: null, signal: null, stderrTail: "", ...details })

const closedByEnd = (end: TransportEnd) => closed(end.reason, end)

const closedByFailure = (cause: TransportError) => closed("Failed", { cause })

const routerFailed = (cause: unknown) => closed("RouterFailed", { cause })

const closedByExit = (exit: Exit.Exit<ConnectionClosed>): ConnectionClosed =>
  Exit.match(exit, {
    onSuccess: (error) => error,
    onFailure: (cause) => Cause.isInterrupted(cause) ? closed("LayerClosed") : routerFailed(Cause.squash(cause))
  })
