import * as Deferred from "effect/Deferred"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import { EventOverflow, type TurnError, TurnInterrupted } from "../CodexError.js"
import type { TurnEvent } from "../TurnEvent.js"
import type { TurnResult } from "../TurnResult.js"
import { merge } from "./notification.js"
import type { ThreadEntry } from "./threadEntry.js"
import * as TurnCollector from "./turnCollector.js"
import * as TurnQueue from "./turnQueue.js"

/** @internal */
export type TurnExit = Exit.Exit<TurnResult, TurnError>

/** @internal */
export type TurnEventQueue = TurnQueue.TurnQueue<TurnEvent, TurnError | EventOverflow>

/**
 * What the registry knows of a turn.
 *
 * - `early`: seen while a start was under way on its thread, and not claimed by an answer yet; its events are kept.
 * - `open`: held by this program.
 * - `foreign`: started by another client or by the server; only its end matters here.
 *
 * @internal
 */
export interface TurnEntry {
  readonly id: string
  readonly thread: ThreadEntry
  role: "early" | "open" | "foreign"
  /** Whether closing the scope of the handle that started it stops it. */
  owned: boolean
  readonly collector: TurnCollector.TurnCollector
  readonly subscribers: Set<TurnEventQueue>
  /** What came since the turn's first event, for the first reader of the handle that started it. */
  first: TurnEventQueue | undefined
  /** Done once the turn has begun: an accepted turn can be neither steered nor stopped before. */
  readonly begun: Deferred.Deferred<void>
  readonly done: Deferred.Deferred<TurnResult, TurnError>
  exit: TurnExit | undefined
  /** The event that ended the turn, for those who subscribe after it. */
  completion: TurnEvent | undefined
}

/** @internal */
export const make = (
  options: {
    readonly id: string
    readonly thread: ThreadEntry
  } & ({ readonly role: "early"; readonly capacity: number } | { readonly role: "foreign" })
): TurnEntry => {
  const first = options.role === "early" ? makeQueue(options.capacity) : undefined
  return {
    id: options.id,
    thread: options.thread,
    role: options.role,
    owned: false,
    collector: TurnCollector.make({ threadId: options.thread.id, turnId: options.id }),
    subscribers: new Set(first === undefined ? [] : [first]),
    first,
    begun: Deferred.unsafeMake(FiberId.none),
    done: Deferred.unsafeMake(FiberId.none),
    exit: undefined,
    completion: undefined
  }
}

/** @internal */
export const makeQueue = (capacity: number): TurnEventQueue =>
  TurnQueue.make<TurnEvent, TurnError | EventOverflow>({
    capacity,
    merge,
    onOverflow: (capacity) => new EventOverflow({ capacity })
  })

/**
 * A queue of its own for one more reader: what was kept since the first event where nobody has taken that yet, else
 * what comes from now on; for a turn that has ended, its end.
 *
 * @internal
 */
export const subscribe = (entry: TurnEntry, options: { readonly capacity: number; readonly first: boolean }) => {
  if (options.first && entry.first !== undefined) {
    const first = entry.first
    entry.first = undefined
    return first
  }
  const queue = makeQueue(options.capacity)
  if (entry.exit === undefined) {
    entry.subscribers.add(queue)
  } else {
    if (entry.completion !== undefined) {
      queue.offer(entry.completion)
    }
    queue.end(Exit.asVoid(entry.exit))
  }
  return queue
}

/** @internal */
export const unsubscribe = (entry: TurnEntry, queue: TurnEventQueue): void => {
  entry.subscribers.delete(queue)
}

/**
 * Drops what was kept of a turn that turned out to be nobody's here.
 *
 * @internal
 */
export const forget = (entry: TurnEntry): void => {
  entry.role = "foreign"
  entry.subscribers.clear()
  entry.first = undefined
}

/** @internal */
export const begin = (entry: TurnEntry): void => Deferred.unsafeDone(entry.begun, Exit.void)

/** @internal */
export const end = (entry: TurnEntry, exit: TurnExit, completion: TurnEvent | undefined): void => {
  if (entry.exit !== undefined) {
    return
  }
  entry.exit = exit
  entry.completion = completion
  for (const queue of entry.subscribers) {
    queue.end(Exit.asVoid(exit))
  }
  entry.subscribers.clear()
  begin(entry)
  Deferred.unsafeDone(entry.done, exit)
}

/**
 * Ends a turn of which nothing more will be heard here.
 *
 * @internal
 */
export const drop = (entry: TurnEntry): void => {
  const partial = entry.collector.result({ status: "inProgress" })
  end(
    entry,
    Exit.fail(
      new TurnInterrupted({ threadId: entry.thread.id, turnId: entry.id, partial }, { disableValidation: true })
    ),
    undefined
  )
}
