import type * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type { ConnectionClosed, EventOverflow } from "../../CodexError.js"
import type { ThreadEvent } from "../../TurnEvent.js"
import type { EventQueue } from "../delivery/eventQueue.js"
import type { Desk } from "../serverRequests/desk.js"
import type { TurnEntry } from "../turn/turnEntry.js"

/**
 * Whoever hears of a thread. It is called from inside the router, so it never waits.
 *
 * @internal
 */
export type Subscriber = Pick<EventQueue<ThreadEvent, ConnectionClosed | EventOverflow>, "offer" | "end">

/**
 * What the registry knows of a thread, kept only while a start, a turn or a subscriber needs it.
 *
 * @internal
 */
export interface ThreadEntry {
  readonly id: string
  /** How many starts, open turns and subscribers hold the entry. */
  users: number
  /** Those that wait for the thread to be idle, in the order of their coming; done is who stands first. */
  readonly line: Set<Deferred.Deferred<void>>
  /** One `turn/start`, or `turn/steer` that joins, at a time, so that each answer is understood before the next is asked. */
  readonly starting: Effect.Semaphore
  /** How many starts are under way. */
  expecting: number
  /** Whether what is being started is a review. */
  reviewing: boolean
  /** Turns seen while a start was under way, by turn id; one of them may be the started one. */
  readonly early: Map<string, TurnEntry>
  /** The turn that runs on the thread, as far as is known here. */
  active: TurnEntry | undefined
  /** The turn that ended last: what still comes of it says nothing new. */
  lastEnded: string | undefined
  /** Told of the next turn that begins here. */
  onBegun: ((turn: TurnEntry) => void) | undefined
  readonly subscribers: Set<Subscriber>
  /** What is brought to its end before the thread is unsubscribed, since nothing would be heard of it any more. */
  readonly sessions: Set<Effect.Effect<void>>
  /** Where its questions wait for whoever reads them as a stream, once somebody does. */
  desk: Desk | undefined
}

/** @internal */
export const make = (id: string): ThreadEntry => ({
  id,
  users: 0,
  line: new Set(),
  starting: Effect.unsafeMakeSemaphore(1),
  expecting: 0,
  reviewing: false,
  early: new Map(),
  active: undefined,
  lastEnded: undefined,
  onBegun: undefined,
  subscribers: new Set(),
  sessions: new Set(),
  desk: undefined
})
