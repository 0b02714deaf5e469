import * as Cause from "effect/Cause"
import type * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import type * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Events } from "../TurnEvent.js"
import { type CallSite, placedAt } from "./callSite.js"
import * as Errors from "./errors.js"
import * as Session from "./session.js"

type Pull<A, E> = Effect.Effect<Chunk.Chunk<A>, Option.Option<E>>

/**
 * A stream as an iterator that is read once. Nothing runs before it is first read; leaving it early frees what the
 * stream holds, and waits for that.
 *
 * @internal
 */
export const make = <A, E, B = A>(
  session: Session.Session,
  at: CallSite,
  stream: Stream.Stream<A, E>,
  { elsewhere, signal, stop, toPublic }: Session.CallOptions & { readonly toPublic: (value: A) => B }
): Events<B> => {
  const done: IteratorReturnResult<undefined> = { done: true, value: undefined }
  let scope: Scope.CloseableScope | undefined
  let pull: Pull<A, E> | undefined
  let fiber: Fiber.RuntimeFiber<unknown, unknown> | undefined
  let ready: ReadonlyArray<A> = []
  let index = 0
  let ending: Errors.Ending | undefined
  let failure: { readonly error: unknown } | undefined
  let finishing: Promise<void> | undefined
  let release = () => {}
  let last: Promise<unknown> = Promise.resolve()

  const run = async <X, Y>(effect: Effect.Effect<X, Y>): Promise<Exit.Exit<X, Y>> => {
    const running = Session.fork(session, effect)
    fiber = running
    const exit = await Session.settled(running)
    fiber = undefined
    return exit
  }

  const take = (chunk: Iterable<A>) => {
    // Once it was told to end, what was not read yet is not read any more.
    ready = ending === undefined ? Array.from(chunk) : []
    index = 0
  }

  /** Frees what the stream holds, once nothing of it runs any more. */
  const finish = (): Promise<void> =>
    finishing ??= (async () => {
      take([])
      release()
      if (fiber !== undefined) {
        fiber.unsafeInterruptAsFork(FiberId.none)
        await Session.settled(fiber)
      }
      if (scope !== undefined) {
        await Session.settled(Session.fork(session, Scope.close(scope, Exit.void)))
      }
    })()

  const open = (): Pull<A, E> => {
    const before = Session.endedBefore(session, signal)
    if (before !== undefined) {
      failure = { error: placedAt(before, at) }
      finishing = Promise.resolve()
      return Effect.interrupt
    }
    release = Session.onEnding(session, signal, end)
    return Effect.flatMap(
      Scope.fork(session.scope, ExecutionStrategy.sequential),
      (forked) => {
        scope = forked
        return Effect.flatMap(Scope.extend(Stream.toPull(stream), forked), (opened) => {
          pull = opened
          return opened
        })
      }
    )
  }

  const advance = async (): Promise<void> => {
    pull ??= open()
    if (finishing !== undefined) {
      return
    }
    const exit = await run(pull)
    if (Exit.isSuccess(exit)) {
      take(exit.value)
    } else if (finishing === undefined) {
      const cause = Cause.flipCauseOption(exit.cause)
      if (cause._tag === "Some") {
        failure = { error: Errors.ofCause(cause.value, at, ending ?? elsewhere?.()) }
      }
      await finish()
    }
  }

  const end = (by: Errors.Ending): Promise<void> | void => {
    ending ??= by
    take([])
    if (stop?.now(by) === true) {
      // Its turn ends by itself now, and says what it had come to.
      const ended = last.then(async () => {
        while (finishing === undefined) {
          await advance()
        }
      })
      last = ended
      return ended
    }
    failure = { error: placedAt(Errors.ended(by), at) }
    return finish()
  }

  const read = async (): Promise<IteratorResult<B, undefined>> => {
    while (finishing === undefined) {
      const next = ready[index++]
      if (next !== undefined) {
        return { done: false, value: toPublic(next) }
      }
      await advance()
    }
    await finishing
    if (failure !== undefined) {
      const { error } = failure
      failure = undefined
      throw error
    }
    return done
  }

  const leave = async (): Promise<void> => {
    await finish()
    failure = undefined
  }

  const events: Events<B> = {
    next: () => {
      const result = last.then(read)
      last = result.catch(() => {})
      return result
    },
    return: async () => {
      await leave()
      return done
    },
    throw: async (error) => {
      await leave()
      throw error
    },
    [Symbol.asyncIterator]: () => events,
    [Symbol.asyncDispose]: leave
  }
  return events
}
