import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"

/**
 * What one fiber waits for and the router tells: a `Deferred` for a single waiter. Where every request has one, making
 * and awaiting Effect's own is a large part of what a request costs, as its object is spread from a prototype and each of
 * its waiters can be taken back.
 *
 * @internal
 */
export class Answer<A, E> {
  #exit: Exit.Exit<A, E> | undefined
  #resume: ((exit: Exit.Exit<A, E>) => void) | undefined

  /** The first word counts. */
  done(exit: Exit.Exit<A, E>): void {
    if (this.#exit === undefined) {
      this.#exit = exit
      this.#resume?.(exit)
    }
  }

  /** Nothing is undone where it is interrupted, since resuming a fiber that has gone on does nothing. */
  get wait(): Effect.Effect<A, E> {
    return Effect.async((resume) => {
      if (this.#exit === undefined) {
        this.#resume = resume
      } else {
        resume(this.#exit)
      }
    })
  }
}
