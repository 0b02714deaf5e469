import type { TransportError } from "@effect-codex/sdk/CodexError"
import type { Transport } from "@effect-codex/sdk/Transport"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Lanes from "./faultsLanes.js"
import * as Passage from "./faultsPassage.js"

const capacity = 1_000

/**
 * Has frames written in the order they may pass. Each waits in the fiber that sends it.
 *
 * @internal
 */
export interface Outgoing {
  /** Takes a place in the order, at once. `admit` is run when the frame's turn has come. */
  readonly enter: (passage: Passage.Passage, admit: Effect.Effect<void, TransportError>) => Place
}

/** @internal */
export interface Place {
  /** Waits for its turn and writes. */
  readonly write: Effect.Effect<void, TransportError>
  /** Has to be called however `write` ended, for those behind it. */
  readonly leave: Effect.Effect<unknown>
}

interface Ticket {
  /** Done when the frame may pass, with what stands before it. */
  readonly mayPass: Deferred.Deferred<Effect.Effect<void>>
  readonly left: Deferred.Deferred<void>
}

/** @internal */
export const make = (send: Transport["Type"]["send"], after: Lanes.After): Outgoing => {
  // A chain rather than a semaphore: the place is taken when the frame may pass, not when its fiber next runs.
  let lastLeft = Effect.void

  const lanes = Lanes.make<Ticket>({
    after,
    pass({ left, mayPass }) {
      Deferred.unsafeDone(mayPass, Exit.succeed(lastLeft))
      lastLeft = Deferred.await(left)
    },
    onTimeout: () => {}
  })

  return {
    enter(passage, admit) {
      const ticket: Ticket = { mayPass: Deferred.unsafeMake(FiberId.none), left: Deferred.unsafeMake(FiberId.none) }
      lanes.offer(passage.lane, ticket, passage.hold)
      if (lanes.size() > capacity) {
        lanes.releaseAll()
      }
      return {
        write: Effect.flatten(Deferred.await(ticket.mayPass)).pipe(
          Effect.zipRight(admit),
          Effect.zipRight(Passage.isPaused(passage) ? Effect.sleep(passage.pause) : Effect.void),
          Effect.zipRight(Effect.forEach(Passage.lines(passage), send, { discard: true }))
        ),
        leave: Deferred.succeed(ticket.left, undefined)
      }
    }
  }
}
