import type { RequestId } from "../connection/envelope.js"
import { keepLatest } from "../connection/keepLatest.js"
import type { TurnEntry } from "./turnEntry.js"

interface Watch {
  readonly turn: TurnEntry
  readonly onSign: () => void
}

interface Asking {
  readonly threadId: string
  readonly turnId: string | undefined
}

/**
 * The signs of life of the turns that are watched for silence: what the server tells of the turn itself, or of a thread
 * of its sub-agents, for which it waits in silence. While a question is open there, the silence is not the turn's.
 *
 * @internal
 */
export class Liveness {
  readonly #watches = new Map<string, Set<Watch>>()
  /** Where the open questions belong; the oldest give way. */
  readonly #questions = new Map<RequestId, Asking>()
  readonly #parentOf: (threadId: string) => string | undefined

  constructor(parentOf: (threadId: string) => string | undefined) {
    this.#parentOf = parentOf
  }

  /** Whether anybody wants to know. */
  get isWatching(): boolean {
    return this.#watches.size > 0
  }

  /** Calls back at each sign of life of a turn, until what it returns is called. */
  watch(turn: TurnEntry, onSign: () => void): () => void {
    const watch = { turn, onSign }
    const watches = this.#watches.get(turn.thread.id) ?? new Set()
    this.#watches.set(turn.thread.id, watches.add(watch))
    return () => {
      watches.delete(watch)
      if (watches.size === 0) {
        this.#watches.delete(turn.thread.id)
      }
    }
  }

  /** Called for every notification that tells of a thread. */
  heard(threadId: string, turnId: string | undefined): void {
    if (this.isWatching) {
      for (const id of this.#upwards(threadId)) {
        for (const { onSign, turn } of this.#watches.get(id) ?? []) {
          if (id !== threadId || turnId === turn.id || turnId === turn.stopId) {
            onSign()
          }
        }
      }
    }
  }

  asked(id: RequestId, asking: Asking): void {
    this.#questions.set(id, asking)
    keepLatest(this.#questions, rememberedQuestions)
  }

  /** What a turn has asked is not asked any more once it is over, whether or not the server says so. */
  turnOver(turnId: string): void {
    for (const [id, asking] of this.#questions) {
      if (asking.turnId === turnId) {
        this.#questions.delete(id)
      }
    }
  }

  settled(id: RequestId): void {
    const asking = this.#questions.get(id)
    if (asking !== undefined && this.#questions.delete(id)) {
      for (const above of this.#upwards(asking.threadId)) {
        for (const { onSign } of this.#watches.get(above) ?? []) {
          onSign()
        }
      }
    }
  }

  /** Whether a question is open on the thread or on one of its sub-agents. */
  isAsking(threadId: string): boolean {
    for (const asking of this.#questions.values()) {
      if (this.#upwards(asking.threadId).has(threadId)) {
        return true
      }
    }
    return false
  }

  /** The thread and those that it is a sub-agent of. */
  #upwards(threadId: string): ReadonlySet<string> {
    const ids = new Set<string>()
    for (let id: string | undefined = threadId; id !== undefined && !ids.has(id); id = this.#parentOf(id)) {
      ids.add(id)
    }
    return ids
  }
}

/** How many open questions are remembered. */
const rememberedQuestions = 1024
