import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { ConnectionClosed, ThreadError } from "../../CodexError.js"
import type { Connection } from "../connection/connection.js"
import type { ExchangeError } from "../connection/request.js"
import * as RequestErrors from "../connection/requestErrors.js"
import { uninterrupted } from "../connection/uninterrupted.js"
import * as TurnObserver from "../observability/turnObserver.js"
import type { ThreadEntry } from "../thread/threadEntry.js"
import * as ThreadSettings from "../thread/threadSettings.js"
import * as TurnControl from "./turnControl.js"
import type { Claim } from "./turns.js"
import * as Turns from "./turns.js"
import * as TurnWatch from "./turnWatch.js"

/** @internal */
export type Restore = <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/**
 * Claims a turn for the scope: when it closes, a turn that was started here and is still open is stopped on the
 * server, as is one that is silent for longer than `stallTimeout`. `claim` runs uninterruptibly, but for what it
 * restores.
 *
 * @internal
 */
export const claimScoped = <E>(
  connection: Connection,
  threadId: string,
  claim: (thread: ThreadEntry, restore: Restore) => Effect.Effect<Claim, E>,
  stallTimeout: Duration.DurationInput = connection.config.stallTimeout
): Effect.Effect<Claim, E | ThreadError, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    withThread(connection, threadId, (thread) => claim(thread, restore)).pipe(
      Effect.tap(({ entry, entry: { hold }, joined }) =>
        joined ?
          Effect.void :
          Effect.zipRight(
            Effect.addFinalizer(() =>
              Effect.suspend(() => hold.turn === undefined ? Effect.void : TurnControl.release(connection, hold.turn))
            ),
            TurnWatch.watch(connection, entry, stallTimeout)
          )
      )
    )
  ).pipe(
    Effect.mapError(RequestErrors.ofServer(connection.registry)),
    Effect.mapError(RequestErrors.ofOpening(threadId))
  )

/**
 * Keeps the registry's entry of a thread for the time of an effect.
 *
 * @internal
 */
export const withThread = <A, E, R>(
  { registry }: Connection,
  threadId: string,
  use: (thread: ThreadEntry) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | ConnectionClosed, R> =>
  Effect.acquireUseRelease(
    Effect.zipRight(registry.ensureOpen, Effect.sync(() => registry.retainThread(threadId))),
    use,
    (thread) => Effect.sync(() => registry.releaseThread(thread))
  )

/**
 * One start at a time on a thread, so that each answer is understood before the next is asked. Waiting for its turn
 * can be interrupted; what is done then cannot, but where it says so itself.
 *
 * @internal
 */
export const exclusively =
  (thread: ThreadEntry, restore: Restore) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.zipRight(restore(thread.starting.take(1)), Effect.ensuring(self, thread.starting.release(1)))

/**
 * Starts as soon as no turn is active on the thread, in the order of the calls.
 *
 * @internal
 */
export const whenIdle = <A, E>(
  connection: Connection,
  thread: ThreadEntry,
  restore: Restore,
  start: Effect.Effect<A, E>
): Effect.Effect<A, E | ConnectionClosed> =>
  // Those that wait stand in a line of their own, so that who joins or fails is not held up by them.
  inLine(thread, restore, onceIdle(connection, thread, restore, start))

/**
 * The same for who stands first in the line.
 *
 * @internal
 */
export const onceIdle = <A, E>(
  connection: Connection,
  thread: ThreadEntry,
  restore: Restore,
  start: Effect.Effect<A, E>
): Effect.Effect<A, E | ConnectionClosed> => {
  const startIfIdle = exclusively(thread, restore)(
    Effect.suspend(() => thread.active === undefined ? Effect.asSome(start) : Effect.succeedNone)
  )
  const attempt: Effect.Effect<A, E | ConnectionClosed> = Effect.suspend(() =>
    thread.active === undefined
      ? Effect.flatMap(startIfIdle, Option.match({ onNone: () => attempt, onSome: Effect.succeed }))
      : restore(Effect.exit(Deferred.await(thread.active.done))).pipe(
        Effect.zipRight(connection.registry.ensureOpen),
        Effect.zipRight(attempt)
      )
  )
  return attempt
}

/**
 * First come, first served: a semaphore would let a newcomer pass those whom its release has only just woken.
 *
 * @internal
 */
export const inLine = <A, E, R>(
  thread: ThreadEntry,
  restore: Restore,
  self: Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const { line } = thread
    const mine = Deferred.unsafeMake<void>(FiberId.none)
    line.add(mine)
    letFirst(line)
    return restore(Deferred.await(mine)).pipe(
      Effect.zipRight(self),
      Effect.ensuring(Effect.sync(() => {
        line.delete(mine)
        letFirst(line)
      }))
    )
  })

const letFirst = ([first]: Iterable<Deferred.Deferred<void>>): void => {
  if (first !== undefined) {
    Deferred.unsafeDone(first, Exit.void)
  }
}

/**
 * One start: the events of turns that are not known are kept while it is under way, until `exchange` has claimed the
 * one it started. It cannot be interrupted, within its deadline: a turn whose id is not known could not be stopped.
 *
 * @internal
 */
export const claiming = <E>(
  connection: Connection,
  thread: ThreadEntry,
  start: { readonly method: string; readonly params: unknown },
  exchange: (claim: (turnId: string) => Claim) => Effect.Effect<Claim, E>
): Effect.Effect<Claim, E | ExchangeError> => {
  const { config, registry } = connection
  const observed = TurnObserver.make({ ...start, threadId: thread.id }, config.recordContent)
  return ready(connection, thread).pipe(
    Effect.zipRight(Effect.all([connection.handlersHere, observed])),
    Effect.flatMap(([handlers, observer]) => {
      let claimed: Claim | undefined
      Turns.expect(thread)
      return Effect.suspend(() =>
        exchange((turnId) => claimed = Turns.claim(registry, thread, turnId, handlers, observer))
      ).pipe(
        TurnObserver.within(observer),
        uninterrupted,
        // The deadline may strike in the moment of the answer, and a claimed turn has to have an owner.
        Effect.catchAll((error) => claimed === undefined ? Effect.fail(error) : Effect.succeed(claimed)),
        Effect.onError((cause) => Effect.sync(() => observer.failed(cause))),
        Effect.ensuring(Effect.sync(() => Turns.unexpect(registry, thread)))
      )
    })
  )
}

/**
 * What comes before every start: a connection that takes in nothing new starts nothing, and a thread that was
 * unsubscribed is resumed, since nothing would be heard of its turn.
 *
 * @internal
 */
export const ready = (
  connection: Connection,
  thread: ThreadEntry
): Effect.Effect<void, ExchangeError> =>
  Effect.zipRight(
    connection.registry.ensureOpen,
    Effect.suspend(() =>
      connection.registry.memory.isUnsubscribed(thread.id)
        ? Effect.map(
          uninterrupted(
            connection.exchange("thread/resume", {
              ...ThreadSettings.toResume(
                connection.registry.memory.settingsOf(thread.id),
                connection.registry.serverVersion
              ),
              threadId: thread.id,
              // The history is of no use here, but older servers only leave it out with the capability.
              ...(connection.experimentalApi ? { excludeTurns: true } : {})
            })
          ),
          () => connection.registry.memory.setUnsubscribed(thread.id, false)
        )
        : Effect.void
    )
  )
