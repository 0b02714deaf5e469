import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as SubscriptionRef from "effect/SubscriptionRef"
import type * as AppServer from "../../AppServer.js"
import { CodexConfig } from "../../CodexConfig.js"
import { ConnectionClosed, type CrashLoop, type HandshakeError } from "../../CodexError.js"
import { type Options, restarts as defaultSchedule, type State, type Supervision } from "../../Supervision.js"
import type { Transport } from "../../Transport.js"
import * as Connection from "../connection/connection.js"
import { uninterrupted } from "../connection/uninterrupted.js"
import * as Metrics from "../observability/metrics.js"
import type { Carried } from "../thread/threadMemory.js"
import type { Restore } from "../turn/turnGate.js"
import * as CrashGuard from "./crashGuard.js"
import { type Generation, Succession } from "./succession.js"
import * as SupervisedService from "./supervisedService.js"

/** @internal */
export const make = Effect.fnUntraced(function*<E, R>(
  transport: Layer.Layer<Transport, E, R>,
  { experimentalApi, ...options }: Options & { readonly experimentalApi: boolean }
): Effect.fn.Return<
  { readonly appServer: AppServer.Service; readonly supervision: Supervision["Type"] },
  E | HandshakeError,
  R | Scope.Scope
> {
  const config = yield* CodexConfig
  const connect = connector(transport, experimentalApi)

  return yield* Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const first = yield* Effect.mapError(connect(restore, false), ({ error }) => error)
      const succession = new Succession(first)
      const state = yield* SubscriptionRef.make(yield* ready(first, 0))
      const supervisor = yield* supervise(succession, state, connect, options).pipe(
        Effect.interruptible,
        Effect.forkDaemon
      )
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => succession.end(Connection.closed("LayerClosed"))).pipe(
          Effect.zipRight(Fiber.interrupt(supervisor)),
          Effect.zipRight(Effect.suspend(() => close(succession.latest)))
        )
      )
      return { appServer: SupervisedService.make(succession, { config, experimentalApi }), supervision: { state } }
    })
  )
})

/** Why there is no connection. */
interface Failure<E> {
  readonly error: E
  /** Whether the server was there and has ended, or was of no use. */
  readonly crashed: boolean
}

/**
 * Opens a connection on a transport of its own. It runs uninterruptibly, but for what it restores, and its scope is
 * the caller's to close.
 */
type Connect<E, R> = (restore: Restore, reconnected: boolean) => Effect.Effect<Generation, Failure<E>, R>

const connector = <E, R>(
  transport: Layer.Layer<Transport, E, R>,
  experimentalApi: boolean
): Connect<E | HandshakeError, R> => {
  const memory: Omit<Carried, "reconnected"> = { handlers: new Map(), parents: new Map(), settings: new Map() }
  return (restore, reconnected) =>
    Effect.flatMap(Scope.make(), (scope) =>
      Layer.buildWithScope(transport, scope).pipe(
        Effect.mapError((error) => ({ error, crashed: false })),
        Effect.flatMap((context) =>
          Connection.make({ experimentalApi, carried: { ...memory, reconnected } }).pipe(
            Effect.mapError((error) => ({ error, crashed: true })),
            Effect.provide(context),
            Scope.extend(scope)
          )
        ),
        restore,
        Effect.map((service): Generation => ({ ...service, scope })),
        Effect.onError((cause) => uninterrupted(Scope.close(scope, Exit.failCause(cause))))
      ))
}

/** What closing waits for is bounded, which it is only where it can be interrupted. */
const close = ({ scope }: Generation): Effect.Effect<void> => uninterrupted(Scope.close(scope, Exit.void))

const ready = ({ info }: Generation, restarts: number): Effect.Effect<State> =>
  Effect.map(DateTime.now, (since) => ({ _tag: "Ready", info, since, restarts }))

const closedBy = (error: unknown): ConnectionClosed =>
  error instanceof ConnectionClosed ? error : Connection.closed("Failed", { cause: error })

/** Has a connection follow whenever one has ended, for as long as that is allowed. */
const supervise = <E, R>(
  succession: Succession,
  state: SubscriptionRef.SubscriptionRef<State>,
  connect: Connect<E, R>,
  options: Options
): Effect.Effect<void, never, R> => {
  const guard = CrashGuard.make(options)
  let attempt = 0
  let restarts = 0
  let last: ConnectionClosed

  /** What the Schedule says is told before it is waited for. */
  const schedule = Schedule.modifyDelayEffect(
    options.schedule ?? defaultSchedule,
    (_, delay) =>
      Effect.gen(function*() {
        const until = DateTime.addDuration(yield* DateTime.now, delay)
        yield* SubscriptionRef.set(state, { _tag: "Backoff", attempt, until, cause: last })
        yield* Effect.logWarning("the connection to the app-server has ended, and another one follows").pipe(
          Effect.annotateLogs({ reason: last.reason, exitCode: last.exitCode, signal: last.signal, attempt })
        )
        return delay
      })
  )

  const connectOnce: Effect.Effect<Failure<unknown> | undefined, never, R> = Effect.uninterruptibleMask((restore) =>
    connect(restore, true).pipe(
      Effect.tap((generation) =>
        Effect.flatMap(ready(generation, ++restarts), (now) => SubscriptionRef.set(state, now))
      ),
      Effect.map((generation) => {
        succession.follow(generation)
        Metrics.update(Metrics.restarts, 1)
      }),
      Effect.match({ onSuccess: () => undefined, onFailure: (failure) => failure }),
      // The Layer of the transport is the user's.
      Effect.catchAllDefect((error) => Effect.succeed({ error, crashed: true }))
    )
  )

  return Effect.gen(function*() {
    const waits = yield* Schedule.driver(schedule)
    for (;;) {
      attempt = 0
      let failure: Failure<unknown> | undefined = { error: yield* succession.latest.closed, crashed: true }
      while (failure !== undefined) {
        attempt++
        last = closedBy(failure.error)
        if (failure.crashed) {
          yield* guard.crashed(last)
        }
        const wait = Effect.catchAll(waits.next(last), () => guard.giveUp("ScheduleEnded", last))
        yield* Effect.zip(close(succession.latest), wait, { concurrent: true })
        yield* SubscriptionRef.set(state, { _tag: "Connecting", attempt })
        failure = yield* connectOnce
      }
    }
  }).pipe(
    // So is the Schedule.
    Effect.catchAllDefect((defect) => guard.giveUp("ScheduleEnded", closedBy(defect))),
    Effect.catchAll((cause: CrashLoop) =>
      Effect.logError("the app-server is not started again any more").pipe(
        Effect.zipRight(SubscriptionRef.set(state, { _tag: "Failed", cause })),
        Effect.zipRight(Effect.sync(() => succession.end(givenUp(cause)))),
        Effect.zipRight(Effect.suspend(() => close(succession.latest)))
      )
    )
  )
}

const givenUp = (cause: CrashLoop): ConnectionClosed => {
  const { exitCode, signal, stderrTail } = cause.last
  return Connection.closed("CrashLoop", { exitCode, signal, stderrTail, cause })
}
