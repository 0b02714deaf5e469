import type { Handlers } from "../../ServerRequests.js"
import type { TurnEvent } from "../../TurnEvent.js"
import type { Registry } from "../connection/registry.js"
import type { TurnObserver } from "../observability/turnObserver.js"
import type { ThreadEntry } from "../thread/threadEntry.js"
import * as TurnEntry from "./turnEntry.js"

/**
 * A turn that a handle of this program holds.
 *
 * @internal
 */
export interface Claim {
  readonly entry: TurnEntry.TurnEntry
  /** Whether somebody else has started it. */
  readonly joined: boolean
}

/**
 * From here on the events of turns that are not known on the thread are kept, since one of them may turn out to be
 * the turn that is being started.
 *
 * @internal
 */
export const expect = (thread: ThreadEntry): void => {
  thread.expecting++
}

/**
 * What was kept and not claimed is dropped once no start is under way any more.
 *
 * @internal
 */
export const unexpect = (registry: Registry, thread: ThreadEntry): void => {
  if (--thread.expecting > 0) {
    return
  }
  for (const entry of thread.early.values()) {
    if (thread.active === entry) {
      TurnEntry.forget(entry)
      thread.onBegun?.(entry)
    } else {
      drop(registry, entry)
    }
  }
  thread.early.clear()
}

/**
 * Takes note of a turn that nobody here has started. While a start is under way on its thread its events are kept;
 * else it is only remembered as the thread's active turn.
 *
 * @internal
 */
export const observe = (
  registry: Registry,
  thread: ThreadEntry,
  turnId: string,
  started: boolean
): TurnEntry.TurnEntry | undefined => {
  const early = thread.early.get(turnId)
  if (early !== undefined || turnId === thread.lastEnded) {
    return early
  }
  const review = started ? reviewOn(thread) : undefined
  if (review !== undefined) {
    review.stopId = turnId
    return review
  }
  if (thread.expecting === 0) {
    return started ? activate(registry, TurnEntry.make({ id: turnId, thread, role: "foreign" })) : undefined
  }
  const entry = TurnEntry.make({ id: turnId, thread, role: "early", delivery: registry.delivery })
  thread.early.set(turnId, entry)
  registry.addTurn(entry)
  for (const [oldestId, oldest] of thread.early) {
    if (thread.early.size <= Math.max(1, registry.options.earlyTurns || 1)) {
      break
    }
    thread.early.delete(oldestId)
    drop(registry, oldest)
  }
  return entry
}

/** The review that runs on the thread or is being started there. */
const reviewOn = (thread: ThreadEntry): TurnEntry.TurnEntry | undefined =>
  thread.active?.review === true
    ? thread.active
    : Array.from(thread.early.values()).find((entry) => entry.review)

/**
 * Takes note that a turn has begun, which makes it the thread's active one.
 *
 * @internal
 */
export const begin = (registry: Registry, entry: TurnEntry.TurnEntry): void => {
  TurnEntry.begin(entry)
  if (entry.exit === undefined) {
    activate(registry, entry)
    entry.thread.onBegun?.(entry)
  }
}

/**
 * Takes note of the thread's status: where it is idle, a turn of others has ended, whatever else was heard of it.
 *
 * @internal
 */
export const noteStatus = (registry: Registry, thread: ThreadEntry, status: string | undefined): void => {
  if (status === "idle" && thread.active?.role === "foreign") {
    dropEnded(registry, thread.active)
  }
}

/**
 * The turn that the answer to a start names, from now on held by this program: with what was kept of it where it is
 * new, else as the active turn that the input joined.
 *
 * @internal
 */
export const claim = (
  registry: Registry,
  thread: ThreadEntry,
  turnId: string,
  handlers: Handlers | undefined,
  observer: TurnObserver
): Claim => {
  const known = registry.turn(turnId)
  if (known !== undefined && known.role !== "early") {
    observer.joined(turnId)
    return join(registry, known)
  }
  const entry = thread.early.get(turnId) ??
    TurnEntry.make({ id: turnId, thread, role: "early", delivery: registry.delivery })
  thread.early.delete(turnId)
  entry.owned = true
  entry.handlers = handlers
  hold(registry, entry)
  TurnEntry.watch(entry, observer)
  return { entry, joined: false }
}

/**
 * A handle's hold on a turn that somebody else has started.
 *
 * @internal
 */
export const join = (registry: Registry, entry: TurnEntry.TurnEntry): Claim => {
  if (entry.role !== "open") {
    hold(registry, entry)
  }
  return { entry, joined: true }
}

/**
 * Makes a turn that nobody here has started this program's own: closing its scope stops it.
 *
 * @internal
 */
export const adopt = (
  registry: Registry,
  entry: TurnEntry.TurnEntry,
  handlers: Handlers | undefined,
  observer: TurnObserver
): void => {
  entry.owned = true
  entry.handlers = handlers
  hold(registry, entry)
  TurnEntry.watch(entry, observer)
}

/**
 * Ends a turn for everyone who waits for it, and forgets it.
 *
 * @internal
 */
export const end = (
  registry: Registry,
  entry: TurnEntry.TurnEntry,
  exit: TurnEntry.TurnExit,
  completion: TurnEvent
): void => {
  finish(registry, entry, () => TurnEntry.end(entry, exit, completion))
  over(registry, entry)
}

/**
 * Gives up a turn whose end does not come.
 *
 * @internal
 */
export const abandon = (registry: Registry, entry: TurnEntry.TurnEntry): void => {
  finish(registry, entry, () => TurnEntry.drop(entry))
}

/**
 * Takes note that nobody waits any more for what a turn has asked.
 *
 * @internal
 */
export const over = (registry: Registry, { id, stopId }: TurnEntry.TurnEntry): void => {
  registry.onTurnOver(id)
  if (stopId !== id) {
    registry.onTurnOver(stopId)
  }
}

/** Forgets a turn of others that is over, though its completion was missed. */
const dropEnded = (registry: Registry, entry: TurnEntry.TurnEntry): void => {
  drop(registry, entry)
  over(registry, entry)
}

/** Forgets a turn of others whose end was not seen; who waited for it goes on. */
const drop = (registry: Registry, entry: TurnEntry.TurnEntry): void => {
  registry.removeTurn(entry)
  TurnEntry.drop(entry)
}

const activate = (registry: Registry, entry: TurnEntry.TurnEntry): TurnEntry.TurnEntry => {
  const previous = entry.thread.active
  if (previous !== undefined && previous !== entry && previous.role === "foreign") {
    // A thread runs one turn at a time, so the completion of the previous one was missed.
    dropEnded(registry, previous)
  }
  entry.thread.active = entry
  registry.addTurn(entry)
  return entry
}

const hold = (registry: Registry, entry: TurnEntry.TurnEntry): void => {
  entry.role = "open"
  if (entry.exit === undefined) {
    entry.thread.users++
    activate(registry, entry)
  }
}

const finish = (registry: Registry, entry: TurnEntry.TurnEntry, end: () => void): void => {
  const held = entry.role === "open" && entry.exit === undefined
  entry.thread.lastEnded = entry.id
  end()
  registry.removeTurn(entry)
  if (held) {
    registry.releaseThread(entry.thread)
  }
}
