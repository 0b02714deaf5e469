import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import type * as Scope from "effect/Scope"
import type { ConnectionClosed } from "../../CodexError.js"
import * as Bounded from "../connection/bounded.js"
import type { Connected, Connection } from "../connection/connection.js"

/**
 * One of the connections that follow each other.
 *
 * @internal
 */
export interface Generation extends Connected {
  /** Holds the connection and its transport. */
  readonly scope: Scope.CloseableScope
}

/**
 * The connections of a supervised Layer, one after the other, and the end of them all.
 *
 * @internal
 */
export class Succession {
  #latest: Generation
  /** Done once another connection has followed the latest, or none will. */
  #next = Deferred.unsafeMake<void>(FiberId.none)
  #over: ConnectionClosed | undefined
  readonly #ended = Deferred.unsafeMake<ConnectionClosed>(FiberId.none)

  constructor(first: Generation) {
    this.#latest = first
  }

  get latest(): Generation {
    return this.#latest
  }

  follow(generation: Generation): void {
    const next = this.#next
    this.#next = Deferred.unsafeMake(FiberId.none)
    this.#latest = generation
    Deferred.unsafeDone(next, Exit.void)
  }

  /** Nothing follows any more. What is open stays open. */
  end(error: ConnectionClosed): void {
    this.#over ??= error
    Deferred.unsafeDone(this.#next, Exit.void)
    Deferred.unsafeDone(this.#ended, Exit.succeed(this.#over))
  }

  /** Waits until no connection follows any more. */
  readonly ended: Effect.Effect<ConnectionClosed> = Deferred.await(this.#ended)

  /** The connection, or the next one where it has ended, which is waited for as long as that. */
  readonly open = (patience: Duration.DurationInput): Effect.Effect<Connection, ConnectionClosed> =>
    Effect.suspend(() =>
      this.#closed === undefined ? this.#settled : this.#followed.pipe(
        Bounded.timeoutOption(patience),
        Effect.zipRight(this.#settled)
      )
    )

  get #closed(): ConnectionClosed | undefined {
    const closed = this.#latest.connection.registry.closed
    return closed === undefined ? undefined : this.#over ?? closed
  }

  readonly #settled: Effect.Effect<Connection, ConnectionClosed> = Effect.suspend(() => {
    const closed = this.#closed
    return closed === undefined ? Effect.succeed(this.#latest.connection) : Effect.fail(closed)
  })

  readonly #followed: Effect.Effect<void> = Effect.suspend(() =>
    this.#closed === undefined || this.#over !== undefined
      ? Effect.void
      : Effect.zipRight(Deferred.await(this.#next), this.#followed)
  )
}
