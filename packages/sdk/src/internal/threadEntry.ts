import type * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type { ConnectionClosed, EventOverflow } from "../CodexError.js"
import type { ThreadEvent } from "../TurnEvent.js"
import type { Desk } from "./desk.js"
import type { TurnEntry } from "./turnEntry.js"
import type { TurnQueue } from "./turnQueue.js"

/**
 * What the registry knows of a thread, kept only while a start, a turn or a subscriber needs it.
 *
 * @internal
 */
export interface ThreadEntry {
  readonly id: string
  /** How many starts, open turns and subscribers hold the entry. */
  users: number
  /** The last of those that wait for the thread to be idle; done once it and all before it have had their turn. */
  lastWaiting: Deferred.Deferred<void> | undefined
  /** One `turn/start`, or `turn/steer` that joins, at a time, so that each answer is understood before the next is asked. */
  readonly starting: Effect.Semaphore
  /** How many starts are under way. */
  expecting: number
  /** Turns seen while a start was under way, by turn id; one of them may be the started one. */
  readonly early: Map<string, TurnEntry>
  /** The turn that runs on the thread, as far as is known here. */
  active: TurnEntry | undefined
  /** The turn that ended last: what still comes of it says nothing new. */
  lastEnded: string | undefined
  /** Told of the next turn that begins here. */
  onBegun: ((turn: TurnEntry) => void) | undefined
  readonly subscribers: Set<TurnQueue<ThreadEvent, ConnectionClosed | EventOverflow>>
  /** Where its questions wait for whoever reads them as a stream, once somebody does. */
  desk: Desk | undefined
}

/** @internal */
export const make = (id: string): ThreadEntry => ({
  id,
  users: 0,
  lastWaiting: undefined,
  starting: Effect.unsafeMakeSemaphore(1),
  expecting: 0,
  early: new Map(),
  active: undefined,
  lastEnded: undefined,
  onBegun: undefined,
  subscribers: new Set(),
  desk: undefined
})
