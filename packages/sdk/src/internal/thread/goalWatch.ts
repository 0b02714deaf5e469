import type * as Server from "@effect-codex/protocol/Server"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import type { ConnectionClosed, EventOverflow } from "../../CodexError.js"
import type { Handlers } from "../../ServerRequests.js"
import type { ThreadEvent } from "../../TurnEvent.js"
import type { Connection } from "../connection/connection.js"
import type { EventQueue } from "../delivery/eventQueue.js"
import type { TurnObserver } from "../observability/turnObserver.js"
import type { TurnEntry } from "../turn/turnEntry.js"
import * as Turns from "../turn/turns.js"
import type { ThreadEntry } from "./threadEntry.js"

/**
 * What is heard of a goal and of the turns that begin on its thread.
 *
 * @internal
 */
export interface GoalWatch {
  readonly thread: ThreadEntry
  /** The goal as it was told last. */
  goal: Server.ThreadGoal | undefined
  cleared: boolean
  /** Every turn that has begun, whoever has started it. */
  readonly turns: Array<TurnEntry>
  /** Those of them that nobody here has started, which are held from their beginning. */
  readonly held: Set<TurnEntry>
  /** Done when any of this changes, and replaced by another. */
  changed: Deferred.Deferred<void>
}

/** @internal */
export interface Options {
  readonly connection: Connection
  readonly thread: ThreadEntry
  /** What answers the questions of the turns that are held. */
  readonly handlers: Handlers | undefined
  /** Who sees each of them. */
  readonly observe: () => TurnObserver
  readonly onEvent: (event: ThreadEvent) => void
}

/**
 * Begins to watch, and succeeds with what ends it.
 *
 * @internal
 */
export const make = (
  { connection, handlers, observe, onEvent, thread }: Options
): { readonly watch: GoalWatch; readonly end: () => void } => {
  const watch: GoalWatch = {
    thread,
    goal: undefined,
    cleared: false,
    turns: [],
    held: new Set(),
    changed: Deferred.unsafeMake(FiberId.none)
  }
  const subscriber: EventQueue<ThreadEvent, ConnectionClosed | EventOverflow> = {
    offer: (event) => {
      onEvent(event)
      if (event._tag === "ThreadGoalUpdated") {
        note(watch, event.goal)
      } else if (event._tag === "ThreadGoalCleared") {
        note(watch, null)
      }
    },
    end: () => {},
    take: Effect.never
  }
  thread.subscribers.add(subscriber)
  thread.onBegun = (turn) => {
    if (!watch.turns.includes(turn)) {
      watch.turns.push(turn)
    }
    // While a start is under way it may be the one that is being started; if it is not, this is called again.
    if (turn.role !== "open" && thread.expecting === 0) {
      watch.held.add(turn)
      Turns.adopt(connection.registry, turn, handlers, observe())
    }
    change(watch)
  }
  return {
    watch,
    end: () => {
      thread.subscribers.delete(subscriber)
      thread.onBegun = undefined
    }
  }
}

/**
 * Takes note of the goal, or that there is none any more.
 *
 * @internal
 */
export const note = (watch: GoalWatch, goal: Server.ThreadGoal | null): void => {
  watch.goal = goal ?? watch.goal
  watch.cleared = goal === null
  change(watch)
}

const change = (watch: GoalWatch): void => {
  const { changed } = watch
  watch.changed = Deferred.unsafeMake(FiberId.none)
  Deferred.unsafeDone(changed, Exit.void)
}
