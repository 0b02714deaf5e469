import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Scheduler from "effect/Scheduler"
import * as Supervisor from "effect/Supervisor"

interface Timer {
  readonly at: number
  readonly fire: () => void
}

/**
 * Runs effects that wait for nothing but each other and the clock. `TestClock` finds out by real timers whether
 * everything has settled; here the tasks of all fibers are in one queue, so it is settled when that is empty, and a
 * thousand schedules take seconds.
 */
export class VirtualTime {
  readonly #scheduler = new Scheduler.ControlledScheduler()
  readonly #timers = new Set<Timer>()
  readonly #fibers = Supervisor.unsafeTrack()
  #now = 0
  readonly #clock: Clock.Clock = {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => this.#now,
    currentTimeMillis: Effect.sync(() => this.#now),
    unsafeCurrentTimeNanos: () => BigInt(this.#now) * 1_000_000n,
    currentTimeNanos: Effect.sync(() => BigInt(this.#now) * 1_000_000n),
    sleep: (duration) =>
      Effect.async<void>((resume) => {
        const timer = { at: this.#now + Duration.toMillis(duration), fire: () => resume(Effect.void) }
        this.#timers.add(timer)
        return Effect.sync(() => this.#timers.delete(timer))
      })
  }

  get now(): number {
    return this.#now
  }

  /** How many sleeps are under way. */
  get sleeping(): number {
    return this.#timers.size
  }

  fork<A, E>(effect: Effect.Effect<A, E>): Fiber.RuntimeFiber<A, E> {
    return effect.pipe(
      Effect.withClock(this.#clock),
      Effect.supervised(this.#fibers),
      Logger.withMinimumLogLevel(LogLevel.None),
      (logged) => Effect.runFork(logged, { scheduler: this.#scheduler })
    )
  }

  /** Runs an effect that needs no time to pass. */
  run<A, E>(effect: Effect.Effect<A, E>): A {
    const fiber = this.fork(effect)
    this.settle()
    return Exit.getOrElse(exitOf(fiber) ?? Exit.die("it waits for time to pass"), (cause) => {
      throw new Error(`an effect of the test failed: ${cause}`)
    })
  }

  /** The fibers that have not ended, of all that were ever forked below those of `fork`. */
  get fibersLeft(): ReadonlyArray<string> {
    return this.run(this.#fibers.value).filter((fiber) => fiber.unsafePoll() === null).map((fiber) =>
      FiberId.threadName(fiber.id())
    )
  }

  /** Lets everything that can go on without time passing do so. */
  settle(): void {
    while (this.#scheduler.tasks.buckets.length > 0) {
      this.#scheduler.step()
    }
  }

  /** Lets time pass, and calls back whenever everything has settled at the moment of a timer. */
  advance(millis: number, onSettled: () => void = () => {}): void {
    const end = this.#now + millis
    for (;;) {
      const next = Array.from(this.#timers).reduce<Timer | undefined>(
        (first, timer) => timer.at <= end && (first === undefined || timer.at < first.at) ? timer : first,
        undefined
      )
      if (next === undefined) {
        this.#now = end
        return
      }
      this.#now = next.at
      this.#timers.delete(next)
      next.fire()
      this.settle()
      onSettled()
    }
  }
}

/** How a fiber has ended, if it has. */
export const exitOf = <A, E>(fiber: Fiber.RuntimeFiber<A, E>): Exit.Exit<A, E> | undefined =>
  Option.getOrUndefined(Option.fromNullable(fiber.unsafePoll()))

/** How it came out, in one word. */
export const wordOf = <A, E extends { readonly _tag: string }>(
  exit: Exit.Exit<A, E> | undefined,
  onSuccess: string
): string | undefined => {
  if (exit === undefined) {
    return undefined
  }
  if (exit._tag === "Success") {
    return onSuccess
  }
  return Cause.isInterrupted(exit.cause) ? "interrupted" : Either.match(Cause.failureOrCause(exit.cause), {
    onLeft: ({ _tag }) => _tag,
    onRight: (cause) => Cause.pretty(cause)
  })
}

/** What is played in virtual time waits for nothing, and the runner of the tests has to be heard from now and then. */
export const letOthersRun = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
