import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import { identity } from "effect/Function"
import type { EventOverflow, TurnError } from "../../CodexError.js"
import type { Handlers } from "../../ServerRequests.js"
import type { TurnEvent } from "../../TurnEvent.js"
import type { TurnResult } from "../../TurnResult.js"
import type { FramePattern } from "../connection/framePattern.js"
import * as EventQueue from "../delivery/eventQueue.js"
import type { TurnObserver } from "../observability/turnObserver.js"
import type { ThreadEntry } from "../thread/threadEntry.js"
import * as TurnCollector from "./turnCollector.js"
import { interrupted } from "./turnExit.js"

/** @internal */
export type TurnExit = Exit.Exit<TurnResult, TurnError>

/** @internal */
export type TurnEventQueue = EventQueue.Configurable<TurnEvent, TurnError | EventOverflow>

/**
 * The streams of a turn's handle: all events, or those of one kind.
 *
 * @internal
 */
export type View = "events" | "textDeltas" | "items"

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
  /** Whether it is a review: the reviewer's own turn, which begins under another id, belongs to it. */
  readonly review: boolean
  /** The id by which the server takes an interruption: for a review that of the reviewer's turn. */
  stopId: string
  role: "early" | "open" | "foreign"
  /** Whether closing the scope of the handle that started it stops it. */
  owned: boolean
  /** How long it was allowed to be silent, where it is stopped because it was silent for longer. */
  silence: Duration.Duration | undefined
  /** What answers its questions before anything wider does, where it was started with such handlers. */
  handlers: Handlers | undefined
  /** Who keeps its metrics and its span, where it was started here. */
  observer: TurnObserver | undefined
  /** What that scope holds of the turn: nothing any more once it has ended. */
  readonly hold: { turn: TurnEntry | undefined }
  readonly collector: TurnCollector.TurnCollector
  /** How the frames of the text read that is under way. */
  pattern: FramePattern | undefined
  readonly subscribers: Set<TurnEventQueue>
  /** What came since the turn's first event, for the first reader of each view of the handle that started it. */
  readonly kept: Map<View, TurnEventQueue>
  /** Whether the turn has begun: an accepted turn can be neither steered nor stopped before. */
  begun: boolean
  readonly beginning: Deferred.Deferred<void>
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
  } & ({ readonly role: "early"; readonly delivery: EventQueue.Delivery } | { readonly role: "foreign" })
): TurnEntry => {
  const kept = new Map<View, TurnEventQueue>()
  if (options.role === "early") {
    for (const view of views) {
      kept.set(view, makeQueue(options.delivery, view, true))
    }
  }
  const entry: TurnEntry = {
    id: options.id,
    thread: options.thread,
    review: options.role === "early" && options.thread.reviewing,
    stopId: options.id,
    role: options.role,
    owned: false,
    silence: undefined,
    handlers: undefined,
    observer: undefined,
    collector: TurnCollector.make({ threadId: options.thread.id, turnId: options.id }),
    pattern: undefined,
    subscribers: new Set(kept.values()),
    kept,
    begun: false,
    beginning: Deferred.unsafeMake(FiberId.none),
    done: Deferred.unsafeMake(FiberId.none),
    exit: undefined,
    completion: undefined,
    hold: { turn: undefined }
  }
  entry.hold.turn = entry
  return entry
}

const views: ReadonlyArray<View> = ["events", "textDeltas", "items"]

const accepts: { readonly [V in View]: ((event: TurnEvent) => boolean) | undefined } = {
  events: undefined,
  textDeltas: (event) => event._tag === "ItemAgentMessageDelta",
  items: (event) => event._tag === "ItemCompleted"
}

const makeQueue = (delivery: EventQueue.Delivery, view: View, unread: boolean): TurnEventQueue =>
  EventQueue.make<TurnEvent, TurnError>({ ...delivery, accepts: accepts[view], lagged: identity, unread })

/**
 * A queue of its own for one more reader: what was kept since the first event where the handle that started the turn
 * asks for it and nobody has taken it yet, else what comes from now on; for a turn that has ended, its end.
 *
 * @internal
 */
export const subscribe = (
  entry: TurnEntry,
  options: { readonly view: View; readonly delivery: EventQueue.Delivery; readonly joined: boolean }
): TurnEventQueue => {
  const kept = options.joined ? undefined : entry.kept.get(options.view)
  if (kept !== undefined) {
    entry.kept.delete(options.view)
    kept.setPolicy(options.delivery.policy)
    return kept
  }
  const queue = makeQueue(options.delivery, options.view, false)
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
 * Keeps the beginning for these views only, since nobody will ask for the others.
 *
 * @internal
 */
export const keepOnly = (entry: TurnEntry, wanted: ReadonlyArray<View>): void => {
  for (const [view, queue] of entry.kept) {
    if (!wanted.includes(view)) {
      entry.kept.delete(view)
      entry.subscribers.delete(queue)
    }
  }
}

/**
 * Drops what was kept of a turn that turned out to be nobody's here.
 *
 * @internal
 */
export const forget = (entry: TurnEntry): void => {
  entry.role = "foreign"
  keepOnly(entry, [])
}

/** @internal */
export const begin = (entry: TurnEntry): void => {
  entry.begun = true
  Deferred.unsafeDone(entry.beginning, Exit.void)
}

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
  entry.hold.turn = undefined
  begin(entry)
  tellEnd(entry, exit)
  Deferred.unsafeDone(entry.done, exit)
}

/**
 * Has somebody see the turn from now on, which may have ended already.
 *
 * @internal
 */
export const watch = (entry: TurnEntry, observer: TurnObserver | undefined): void => {
  entry.observer = observer
  observer?.claimed(entry.id)
  if (entry.exit !== undefined) {
    tellEnd(entry, entry.exit)
  }
}

const tellEnd = ({ collector, observer }: TurnEntry, exit: TurnExit): void =>
  observer?.ended(exit, () => collector.result({ status: "inProgress" }))

/**
 * Ends a turn of which nothing more will be heard here.
 *
 * @internal
 */
export const drop = (entry: TurnEntry): void => end(entry, interrupted(entry, { status: "inProgress" }), undefined)
