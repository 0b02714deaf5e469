import type { Policy } from "../../Delivery.js"
import type { Lagged, ServerEvent } from "../../TurnEvent.js"
import * as Text from "../connection/text.js"
import * as Delta from "./delta.js"

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
  /** How many events wait as they came where what has no room is merged: all that have room, unless it says fewer. */
  readonly asTheyCame?: number | undefined
  readonly counts: Counts
  /** What stands for deltas that were dropped. Where the reader cannot be told, nothing is dropped but merged. */
  readonly lagged: ((event: Lagged) => A) | undefined
}

/** @internal */
export const make = <A extends ServerEvent>(
  { asTheyCame, capacity, counts, lagged, policy }: Options<A>
): EventBuffer<A> => {
  switch (policy) {
    case "fail":
      return failing(capacity)
    case "slide":
      return lagged === undefined ? new Coalescing(capacity, counts) : sliding(capacity, counts, lagged)
    default:
      return new Coalescing(capacity, counts, asTheyCame)
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
  readonly first: A
  readonly #spec: Delta.DeltaSpec
  readonly text: Text.Text

  constructor(first: A, spec: Delta.DeltaSpec, text: string) {
    this.first = first
    this.#spec = spec
    this.text = Text.make(text)
  }

  get event(): A {
    return Delta.withText(this.first, this.#spec, this.text.toString())
  }
}

/**
 * While there is room events are only added, which costs nothing. Once there is none, what waits is merged, and from
 * then on every delta as it comes, until the reader takes it all: so the buffer is gone through once.
 */
class Coalescing<A extends ServerEvent> implements EventBuffer<A> {
  readonly #capacity: number
  readonly #counts: Counts
  readonly #room: number
  #events: Array<A> = []
  /** What stands in place of the events once there was no room. */
  #merging: Merging<A> | undefined

  constructor(capacity: number, counts: Counts, asTheyCame: number = capacity) {
    this.#capacity = capacity
    this.#counts = counts
    this.#room = Math.min(capacity, asTheyCame)
  }

  get size(): number {
    return this.#merging === undefined ? this.#events.length : this.#merging.slots.length
  }

  add(event: A): boolean {
    if (this.#merging !== undefined) {
      return this.#merging.add(event)
    }
    if (this.#events.length < this.#room) {
      return this.#events.push(event) > 0
    }
    this.#merging = new Merging(this.#capacity, this.#counts)
    for (const waiting of this.#events) {
      this.#merging.add(waiting)
    }
    this.#events = []
    return this.#merging.add(event)
  }

  takeAll(): Array<A> {
    const taken = this.#merging === undefined ? this.#events : this.#merging.slots.map(eventOf)
    this.#events = []
    this.#merging = undefined
    return taken
  }
}

class Merging<A extends ServerEvent> {
  readonly slots: Array<A | Merged<A>> = []
  /** The deltas since the last event that is none. */
  readonly #run = new Map<string, Merged<A>>()
  /** The one of them that was added to last, since most deltas go on where the one before has stopped. */
  #latest: Merged<A> | undefined
  readonly #capacity: number
  readonly #counts: Counts

  constructor(capacity: number, counts: Counts) {
    this.#capacity = capacity
    this.#counts = counts
  }

  add(event: A): boolean {
    const spec = Delta.specOf(event)
    const text = spec === undefined ? undefined : Delta.textOf(event, spec)
    if (spec === undefined || text === undefined) {
      this.#run.clear()
      this.#latest = undefined
      return this.#push(event)
    }
    if (this.#latest !== undefined && Delta.isSameText(this.#latest.first, event, spec)) {
      return this.#merge(this.#latest, text)
    }
    const key = Delta.keyOf(event, spec)
    const open = this.#run.get(key)
    if (open !== undefined) {
      return this.#merge(open, text)
    }
    const merged = new Merged(event, spec, text)
    this.#run.set(key, merged)
    this.#latest = merged
    return this.#push(merged)
  }

  #merge(open: Merged<A>, text: string): boolean {
    open.text.add(text)
    this.#latest = open
    this.#counts.merged++
    return true
  }

  #push(event: A | Merged<A>): boolean {
    return this.slots.length < this.#capacity && this.slots.push(event) > 0
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
      if (!Delta.isDelta(event)) {
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
        if (gap === undefined || !Delta.isDelta(event)) {
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
