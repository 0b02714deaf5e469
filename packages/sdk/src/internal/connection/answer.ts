import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"

/**
 * What one fiber waits for and the router tells: a Deferred with a single waiter. Making an Effect `Deferred` and waiting
 * for it costs a third of all that a request does, since its object is spread from a prototype and its waiters can be taken
 * back one by one.
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
