import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { ConnectionClosed } from "../CodexError.js"
import type { Connection } from "./connection.js"
import type { ThreadEntry } from "./threadEntry.js"
import * as TurnControl from "./turnControl.js"
import type { Claim } from "./turns.js"

/** @internal */
export type Restore = <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/**
 * Claims a turn for the scope: when it closes, a turn that was started here and is still open is stopped on the
 * server. `claim` runs uninterruptibly, but for what it restores.
 *
 * @internal
 */
export const claimScoped = <E>(
  connection: Connection,
  threadId: string,
  claim: (thread: ThreadEntry, restore: Restore) => Effect.Effect<Claim, E>
): Effect.Effect<Claim, E | ConnectionClosed, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.acquireUseRelease(
      Effect.zipRight(connection.registry.ensureOpen, Effect.sync(() => connection.registry.retainThread(threadId))),
      (thread) => claim(thread, restore),
      (thread) => Effect.sync(() => connection.registry.releaseThread(thread))
    ).pipe(
      Effect.tap(({ entry, joined }) =>
        joined ? Effect.void : Effect.addFinalizer(() => TurnControl.release(connection, entry))
      )
    )
  )

/**
 * One start at a time on a thread, so that each answer is understood before the next is asked.
 *
 * @internal
 */
export const exclusively = (thread: ThreadEntry, restore: Restore) => withPermit(thread.starting, restore)

/**
 * Starts as soon as no turn is active on the thread, in the order of the calls.
 *
 * @internal
 */
export const whenIdle = <E>(
  connection: Connection,
  thread: ThreadEntry,
  restore: Restore,
  start: Effect.Effect<Claim, E>
): Effect.Effect<Claim, E | ConnectionClosed> => {
  const startIfIdle = exclusively(thread, restore)(
    Effect.suspend(() => thread.active === undefined ? Effect.asSome(start) : Effect.succeedNone)
  )
  const attempt: Effect.Effect<Claim, E | ConnectionClosed> = Effect.suspend(() =>
    thread.active === undefined
      ? Effect.flatMap(startIfIdle, Option.match({ onNone: () => attempt, onSome: Effect.succeed }))
      : restore(Effect.exit(Deferred.await(thread.active.done))).pipe(
        Effect.zipRight(connection.registry.ensureOpen),
        Effect.zipRight(attempt)
      )
  )
  // Those that wait stand in a line of their own, so that who joins or fails is not held up by them.
  return withPermit(thread.waiting, restore)(attempt)
}

/** Waiting for the permit can be interrupted; what is done with it cannot, but where it says so itself. */
const withPermit =
  (semaphore: Effect.Semaphore, restore: Restore) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.zipRight(restore(semaphore.take(1)), Effect.ensuring(self, semaphore.release(1)))
