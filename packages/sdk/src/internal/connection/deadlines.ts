import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

interface Deadline {
  readonly at: number
  readonly onPassed: () => void
}

/**
 * The deadlines of a connection. A timeout of its own would cost each request two fibers and a timer, ten times what
 * the request does itself; here one fiber sleeps for all that wait equally long, which pass in the order they were set.
 *
 * @internal
 */
export class Deadlines {
  readonly #clock: Clock.Clock
  readonly #fork: (effect: Effect.Effect<void>) => void
  /** What waits, by how many milliseconds; each row has a fiber while it is here. */
  readonly #rows = new Map<number, Set<Deadline>>()

  constructor(clock: Clock.Clock, fork: (effect: Effect.Effect<void>) => void) {
    this.#clock = clock
    this.#fork = fork
  }

  /** Calls back once so much time has passed, unless what it returns is called before. */
  set(duration: Duration.Duration, onPassed: () => void): () => void {
    const millis = Duration.toMillis(duration)
    const deadline = { at: this.#now() + millis, onPassed }
    const row = this.#rows.get(millis)
    if (row !== undefined) {
      row.add(deadline)
      return () => row.delete(deadline)
    }
    const first = new Set([deadline])
    this.#rows.set(millis, first)
    this.#fork(this.#watch(millis, first))
    return () => first.delete(deadline)
  }

  #watch(millis: number, row: Set<Deadline>): Effect.Effect<void> {
    return Effect.suspend(() => {
      for (const deadline of row) {
        const left = deadline.at - this.#now()
        if (left > 0) {
          return Effect.zipRight(Effect.sleep(Math.ceil(left)), this.#watch(millis, row))
        }
        row.delete(deadline)
        deadline.onPassed()
      }
      this.#rows.delete(millis)
      return Effect.void
    })
  }

  /** Milliseconds of a clock that nobody sets back. */
  #now(): number {
    return Number(this.#clock.unsafeCurrentTimeNanos()) / 1_000_000
  }
}
