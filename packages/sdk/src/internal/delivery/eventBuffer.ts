import type { Policy } from "../../Delivery.js"
import type { Lagged, ServerEvent } from "../../TurnEvent.js"
import { type Delta, deltaOf, isDelta, withText } from "../connection/notification.js"
import * as Text from "../connection/text.js"

/**
 * What waits for one reader: at most `capacity` events, the older ones first.
 *
 * @internal
 */
export interface EventBuffer<A> {
  readonly size: number
  /** Takes an event in, and answers whether it found room. */
  readonly add: (event: A) => boolean
  /** Everything that waits; nothing does any more. */
  readonly takeAll: () => Array<A>
}

/**
 * How many deltas were merged into others or dropped, since there was no room for them.
 *
 * @internal
 */
export interface Counts {
  merged: number
  dropped: number
}

/** @internal */
export interface Options<A> {
  readonly policy: Policy
  readonly capacity: number
  readonly counts: Counts
  /** What stands for deltas that were dropped. Where the reader cannot be told, nothing is dropped but merged. */
  readonly lagged: ((event: Lagged) => A) | undefined
}

/** @internal */
export const make = <A extends ServerEvent>({ capacity, counts, lagged, policy }: Options<A>): EventBuffer<A> => {
  switch (policy) {
    case "fail":
      return failing(capacity)
    case "slide":
      return lagged === undefined ? coalescing(capacity, counts) : sliding(capacity, counts, lagged)
    default:
      return coalescing(capacity, counts)
  }
}

const failing = <A>(capacity: number): EventBuffer<A> => {
  let events: Array<A> = []
  return {
    get size() {
      return events.length
    },
    add: (event) => events.length < capacity && events.push(event) > 0,
    takeAll: () => {
      const taken = events
      events = []
      return taken
    }
  }
}

/** Deltas of the same text that are one event by now. */
class Merged<A extends ServerEvent> {
  readonly #first: A
  readonly #delta: Delta
  readonly text: Text.Text

  constructor(first: A, delta: Delta) {
    this.#first = first
    this.#delta = delta
    this.text = Text.make(delta.text)
  }

  get event(): A {
    return withText(this.#first, this.#delta, this.text.toString())
  }
}

/**
 * While there is room events are only added, which costs nothing. Once there is none, what waits is merged, and from
 * then on every delta as it comes, until the reader takes it all: so the buffer is gone through once.
 */
const coalescing = <A extends ServerEvent>(capacity: number, counts: Counts): EventBuffer<A> => {
  let events: Array<A | Merged<A>> = []
  let full = false
  /** The deltas since the last event that is none. */
  const run = new Map<string, Merged<A>>()

  const addMerging = (event: A): boolean => {
    const delta = deltaOf(event)
    const open = delta === undefined ? undefined : run.get(delta.key)
    if (delta !== undefined && open !== undefined) {
      open.text.add(delta.text)
      counts.merged++
      return true
    }
    if (events.length >= capacity) {
      return false
    }
    if (delta === undefined) {
      run.clear()
      events.push(event)
    } else {
      const merged = new Merged(event, delta)
      run.set(delta.key, merged)
      events.push(merged)
    }
    return true
  }

  return {
    get size() {
      return events.length
    },
    add(event) {
      if (!full && events.length < capacity) {
        return events.push(event) > 0
      }
      if (!full) {
        full = true
        const waiting = events
        events = []
        for (const each of waiting) {
          addMerging(eventOf(each))
        }
      }
      return addMerging(event)
    },
    takeAll() {
      const taken = events.map(eventOf)
      events = []
      full = false
      run.clear()
      return taken
    }
  }
}

const eventOf = <A extends ServerEvent>(event: A | Merged<A>): A => event instanceof Merged ? event.event : event

/** Stands where deltas were dropped. */
class Gap {
  dropped = 1
}

/** Drops one delta for each event that has no room. What is dropped leaves a hole, and holes are closed together. */
const sliding = <A extends ServerEvent>(
  capacity: number,
  counts: Counts,
  lagged: (event: Lagged) => A
): EventBuffer<A> => {
  let slots: Array<A | Gap | undefined> = []
  let size = 0
  /** Before it stand no deltas any more. */
  let cursor = 0
  /** What stands for the deltas that were dropped last, as long as no event has come between. */
  let gap: Gap | undefined

  /** Drops the oldest delta, where there is one. */
  const drop = (): boolean => {
    for (; cursor < slots.length; cursor++) {
      const event = slots[cursor]
      if (event === undefined) {
        continue
      }
      if (event instanceof Gap) {
        gap = event
        continue
      }
      if (!isDelta(event)) {
        gap = undefined
        continue
      }
      counts.dropped++
      if (gap === undefined) {
        gap = new Gap()
        slots[cursor] = gap
      } else {
        gap.dropped++
        slots[cursor] = undefined
        size--
      }
      cursor++
      return true
    }
    return false
  }

  const closeHoles = () => {
    if (slots.length >= 2 * capacity) {
      slots = slots.filter((event) => event !== undefined)
      // Where the cursor stood only holes and what is no delta came before; looking again finds the same.
      cursor = 0
      gap = undefined
    }
  }

  return {
    get size() {
      return size
    },
    add(event) {
      while (size >= capacity && drop()) {
        // The first of a row leaves its place to the mark, the next ones make room.
      }
      if (size >= capacity) {
        if (gap === undefined || !isDelta(event)) {
          return false
        }
        counts.dropped++
        gap.dropped++
        return true
      }
      closeHoles()
      slots.push(event)
      size++
      return true
    },
    takeAll() {
      const taken: Array<A> = []
      for (const event of slots) {
        if (event !== undefined) {
          taken.push(event instanceof Gap ? lagged({ _tag: "Lagged", dropped: event.dropped }) : event)
        }
      }
      slots = []
      size = 0
      cursor = 0
      gap = undefined
      return taken
    }
  }
}
