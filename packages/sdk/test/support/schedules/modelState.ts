import type { Lock } from "./modelWire.js"

export type View = "events" | "textDeltas" | "items" | "thread"

/** How a turn, and whoever reads it, comes to its end. */
export type Ending = "completed" | "TurnFailed" | "TurnInterrupted" | "ConnectionClosed"

export interface Event {
  readonly kind: "started" | "delta" | "item" | "completed" | "status" | "resolved"
  readonly text: string
}

/** What one subscriber is told, from when it subscribes. */
export class Feed {
  readonly view: View
  readonly events: Array<string> = []
  ending: Ending | undefined

  constructor(view: View) {
    this.view = view
  }

  offer({ kind, text }: Event): void {
    if (this.ending === undefined) {
      if (this.view === "events" || this.view === "thread") {
        this.events.push(`${kind} ${text}`)
      } else if (this.view === (kind === "delta" ? "textDeltas" : kind === "item" ? "items" : undefined)) {
        this.events.push(text)
      }
    }
  }

  end(ending: Ending): void {
    this.ending ??= ending
  }
}

/** A reader of a feed, as slow as it is told to be. */
export class Reader {
  readonly name: string
  readonly feed: Feed
  readonly stop: () => void
  /** How many events it may read. */
  demand = 0
  reading = true

  constructor(name: string, feed: Feed, stop: () => void) {
    this.name = name
    this.feed = feed
    this.stop = stop
  }

  get state() {
    const got = this.feed.events.slice(0, this.demand)
    return { got, ending: got.length === this.feed.events.length ? this.feed.ending : undefined }
  }
}

export class Turn {
  readonly id: string
  readonly thread: Thread
  role: "early" | "open" | "foreign"
  owned = false
  begun = false
  exit: Ending | undefined
  completion: Event | undefined
  readonly feeds = new Set<Feed>()
  readonly kept = new Map<View, Feed>()
  readonly #begun = new Set<() => void>()
  readonly #ended = new Set<() => void>()

  constructor(id: string, thread: Thread, role: "early" | "foreign") {
    this.id = id
    this.thread = thread
    this.role = role
    if (role === "early") {
      for (const view of ["events", "textDeltas", "items"] as const) {
        const feed = new Feed(view)
        this.kept.set(view, feed)
        this.feeds.add(feed)
      }
    }
  }

  /** Calls back when it has begun or ended, and gives back what cancels that. */
  whenBegun(then: () => void): () => void {
    return when(this.begun, this.#begun, then)
  }

  whenEnded(then: () => void): () => void {
    return when(this.exit !== undefined, this.#ended, then)
  }

  begin(): void {
    this.begun = true
    callAll(this.#begun)
  }

  /** Ends it for its readers. `tellEnded` is called once the registry has forgotten it. */
  end(ending: Ending, completion: Event | undefined): void {
    if (this.exit === undefined) {
      this.exit = ending
      this.completion = completion
      for (const feed of this.feeds) {
        feed.end(ending)
      }
      this.feeds.clear()
    }
  }

  tellEnded(): void {
    this.begin()
    callAll(this.#ended)
  }

  forget(): void {
    this.role = "foreign"
    for (const feed of this.kept.values()) {
      this.feeds.delete(feed)
    }
    this.kept.clear()
  }

  subscribe(view: View, joined: boolean): Feed {
    const kept = joined ? undefined : this.kept.get(view)
    if (kept !== undefined) {
      this.kept.delete(view)
      return kept
    }
    const feed = new Feed(view)
    if (this.exit === undefined) {
      this.feeds.add(feed)
    } else {
      if (this.completion !== undefined) {
        feed.offer(this.completion)
      }
      feed.end(this.exit)
    }
    return feed
  }
}

const when = (now: boolean, waiting: Set<() => void>, then: () => void): () => void => {
  if (now) {
    then()
    return () => {}
  }
  // Each call is told apart, also where the same function waits twice.
  const call = () => then()
  waiting.add(call)
  return () => waiting.delete(call)
}

const callAll = (waiting: Set<() => void>): void => {
  const calls = Array.from(waiting)
  waiting.clear()
  calls.forEach((call) => call())
}

/** A thread while something needs it. */
export interface Thread {
  readonly id: string
  users: number
  readonly line: Array<Handle>
  readonly starting: Lock
  expecting: number
  readonly early: Map<string, Turn>
  active: Turn | undefined
  lastEnded: string | undefined
  readonly feeds: Set<Feed>
}

/** What a call of `startTurn` came to. */
export interface Handle {
  readonly name: string
  readonly threadId: string
  /** `starting`, then the turn, then how its scope was left. */
  state: string
  phase: "starting" | "started" | "closing" | "over"
  turn: Turn | undefined
  joined: boolean
  /** Whether the program has got the turn. */
  seen: boolean
  /** Whether its fiber is interrupted once its start is answered. */
  interrupted: boolean
  /** Leaves where the start waits, where it can be interrupted there. */
  stopWaiting: (() => void) | undefined
}

export interface Question {
  readonly id: string
  readonly threadId: string
  readonly turnId: string
  /** Whether the handler was asked. */
  asked: boolean
  answered: boolean
  leaveQueue: () => void
}

/** A turn as the server has it. */
export interface ServerTurn {
  readonly id: string
  readonly threadId: string
  status: "inProgress" | "completed" | "interrupted" | "failed"
}

/** Somebody who stops a turn by its handle. */
export interface Stop {
  readonly name: string
  outcome: string | undefined
}
