import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { Connection } from "../connection/connection.js"
import * as Race from "../connection/race.js"
import * as ReadBack from "./readBack.js"
import * as TurnControl from "./turnControl.js"
import type { TurnEntry } from "./turnEntry.js"

/** How long an accepted turn may take to begin before the server is asked about it; usually it is a few milliseconds. */
const beginningGrace = "10 seconds"

/**
 * While the scope is open, sees to it that a turn ends though nothing is heard of it: one that does not begin is looked
 * for on the server, and one that is silent for longer than `stallTimeout` ends as stalled.
 *
 * @internal
 */
export const watch = (
  connection: Connection,
  entry: TurnEntry,
  stallTimeout: Duration.DurationInput
): Effect.Effect<void, never, Scope.Scope> =>
  toBegin(connection, entry).pipe(
    Race.first(toGoOn(connection, entry, Duration.decode(stallTimeout))),
    Race.first(Effect.exit(Deferred.await(entry.done))),
    Effect.annotateLogs({ threadId: entry.thread.id, turnId: entry.id }),
    Effect.interruptible,
    Effect.forkScoped,
    Effect.asVoid
  )

/** Looks for a turn that does not begin, which may be one of which nothing will ever be heard. */
const toBegin = (connection: Connection, entry: TurnEntry): Effect.Effect<void> =>
  Deferred.await(entry.beginning).pipe(
    Effect.timeoutOption(beginningGrace),
    Effect.flatMap(Option.match({
      onNone: () => Effect.zipRight(ReadBack.check(connection, entry), toBegin(connection, entry)),
      onSome: () => Effect.never
    }))
  )

/** Ends a turn that is silent for too long, unless the server says that it is over. */
const toGoOn = (connection: Connection, entry: TurnEntry, timeout: Duration.Duration): Effect.Effect<void> => {
  if (!Duration.isFinite(timeout)) {
    return Effect.never
  }
  const { liveness } = connection.registry
  return Effect.scoped(Effect.gen(function*() {
    const clock = yield* Effect.clock
    const last = { at: clock.unsafeCurrentTimeMillis(), signs: 0 }
    const onSign = () => {
      last.at = clock.unsafeCurrentTimeMillis()
      last.signs++
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => liveness.watch(entry, onSign)),
      (unwatch) => Effect.sync(unwatch)
    )
    const silence: Effect.Effect<void> = Effect.suspend(() => {
      if (liveness.isAsking(entry.thread.id)) {
        onSign()
      }
      const left = Duration.toMillis(timeout) - (clock.unsafeCurrentTimeMillis() - last.at)
      return left > 0 ? Effect.zipRight(Effect.sleep(left), silence) : Effect.void
    })
    while (true) {
      yield* silence
      const { signs } = last
      yield* ReadBack.check(connection, entry)
      if (signs === last.signs && !liveness.isAsking(entry.thread.id)) {
        return yield* stalled(connection, entry, timeout)
      }
    }
  }))
}

const stalled = (connection: Connection, entry: TurnEntry, timeout: Duration.Duration): Effect.Effect<void> =>
  Effect.suspend(() => {
    // Who has given up a turn does not have it stopped.
    if (entry.owned && entry.exit === undefined) {
      entry.silence = timeout
      return TurnControl.release(connection, entry)
    }
    return Effect.never
  })
