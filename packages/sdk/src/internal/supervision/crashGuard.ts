import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { type ConnectionClosed, CrashLoop } from "../../CodexError.js"
import { defaults, type Options } from "../../Supervision.js"

/**
 * Counts the crashes of the last while.
 *
 * @internal
 */
export interface CrashGuard {
  /** Takes note of a crash, and fails where it is one too many. */
  readonly crashed: (last: ConnectionClosed) => Effect.Effect<void, CrashLoop>
  readonly giveUp: (reason: CrashLoop["reason"], last: ConnectionClosed) => Effect.Effect<never, CrashLoop>
}

/** @internal */
export const make = ({ maxCrashes = defaults.maxCrashes, window = defaults.window }: Options): CrashGuard => {
  const length = Duration.decode(window)
  let times: ReadonlyArray<number> = []

  const recent = Effect.map(Clock.currentTimeMillis, (now) => {
    times = times.filter((time) => now - time < Duration.toMillis(length))
    return now
  })

  const giveUp: CrashGuard["giveUp"] = (reason, last) =>
    Effect.flatMap(recent, () => new CrashLoop({ reason, crashes: times.length, window: length, last }))

  return {
    crashed: (last) =>
      Effect.flatMap(recent, (now) => {
        times = [...times, now]
        return times.length > maxCrashes ? giveUp("TooManyCrashes", last) : Effect.void
      }),
    giveUp
  }
}
