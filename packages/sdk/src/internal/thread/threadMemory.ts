import type { ThreadTokenUsage, TokenUsageBreakdown } from "@effect-codex/protocol/Server"
import type { Handlers } from "../../ServerRequests.js"
import { keepLatest } from "../connection/keepLatest.js"
import * as Usage from "../turn/usage.js"
import type { ThreadSettings } from "./threadSettings.js"

/**
 * What is remembered of threads from one connection to the next, where one follows another.
 *
 * @internal
 */
export interface Carried {
  readonly handlers: Map<string, ReadonlyArray<Handlers>>
  readonly parents: Map<string, string>
  readonly settings: Map<string, ThreadSettings>
  /** Whether there was a connection before, on which threads were opened that are not open on this one. */
  readonly reconnected: boolean
}

/**
 * What is remembered of threads that nobody holds: a thread is a value, and costs nothing while it is not used. Each
 * kind of memory is bounded, and its oldest give way.
 *
 * @internal
 */
export class ThreadMemory {
  /** Threads the connection was unsubscribed from. */
  readonly #unsubscribed = new Set<string>()
  /** Where all other threads have to be resumed first, those that are open on this connection. */
  readonly #opened: Set<string> | undefined
  /** What the threads had used when it was last reported. */
  readonly #totals = new Map<string, TokenUsageBreakdown>()
  /** What answers the questions of a thread, where it was opened with handlers, until it is closed. */
  readonly #handlers: Map<string, ReadonlyArray<Handlers>>
  /** The threads that sub-agents were started from, by their own. */
  readonly #parents: Map<string, string>
  /** What threads were opened with. */
  readonly #settings: Map<string, ThreadSettings>
  readonly #isLast: boolean

  constructor(carried: Carried | undefined) {
    this.#handlers = carried?.handlers ?? new Map()
    this.#parents = carried?.parents ?? new Map()
    this.#settings = carried?.settings ?? new Map()
    this.#isLast = carried === undefined
    this.#opened = carried?.reconnected === true ? new Set() : undefined
    if (carried?.reconnected === true) {
      // The server tells of no end of a thread that it has not loaded.
      keepLatest(this.#handlers, rememberedHandlers)
    }
  }

  /** Whether nothing is heard of the thread before it is resumed. */
  isUnsubscribed(threadId: string): boolean {
    return this.#unsubscribed.has(threadId) || this.#opened?.has(threadId) === false
  }

  setUnsubscribed(threadId: string, unsubscribed: boolean): void {
    this.#unsubscribed.delete(threadId)
    this.#opened?.delete(threadId)
    if (!unsubscribed && this.#opened !== undefined) {
      this.#opened.add(threadId)
      keepLatest(this.#opened, openedThreads)
    }
    if (unsubscribed) {
      this.#unsubscribed.add(threadId)
      // A later turn there resumes the thread, and finds its handlers.
      keepLatest(this.#unsubscribed, unsubscribedThreads, (oldest) => this.#handlers.delete(oldest))
    }
  }

  handlersOf(threadId: string): ReadonlyArray<Handlers> {
    return this.#handlers.get(threadId) ?? []
  }

  /** Sets what answers the questions of the thread; nothing forgets it. */
  setHandlers(threadId: string, handlers: ReadonlyArray<Handlers>): void {
    if (handlers.length === 0) {
      this.#handlers.delete(threadId)
    } else {
      this.#handlers.set(threadId, handlers)
    }
  }

  settingsOf(threadId: string): ThreadSettings | undefined {
    return this.#settings.get(threadId)
  }

  setSettings(threadId: string, settings: ThreadSettings): void {
    this.#settings.delete(threadId)
    this.#settings.set(threadId, settings)
    keepLatest(this.#settings, rememberedSettings)
  }

  parentOf(threadId: string): string | undefined {
    return this.#parents.get(threadId)
  }

  setParent(threadId: string, parentId: string): void {
    // An agent may also write to the one that has spawned it.
    for (let id: string | undefined = parentId; id !== undefined; id = this.#parents.get(id)) {
      if (id === threadId) {
        return
      }
    }
    this.#parents.set(threadId, parentId)
    keepLatest(this.#parents, rememberedParents)
  }

  /** Takes note of what a thread has used, and says how much that is since the last time. */
  noteUsage(threadId: string, usage: ThreadTokenUsage): TokenUsageBreakdown {
    const before = this.#totals.get(threadId)
    this.#totals.delete(threadId)
    this.#totals.set(threadId, usage.total)
    keepLatest(this.#totals, rememberedTotals)
    return Usage.since(usage, before)
  }

  /** Forgets a thread that the server has closed, unless a later turn may resume it. */
  closeThread(threadId: string): void {
    this.#parents.delete(threadId)
    if (!this.isUnsubscribed(threadId)) {
      this.#handlers.delete(threadId)
    }
  }

  /** Forgets everything that no later connection asks for. */
  end(): void {
    this.#totals.clear()
    if (this.#isLast) {
      this.#handlers.clear()
      this.#parents.clear()
      this.#settings.clear()
    }
  }
}

/** How many threads of sub-agents are remembered with the thread they were started from. */
const rememberedParents = 1024

/** How many threads are remembered with what they had used. */
const rememberedTotals = 1024

/** How many threads are remembered with what they were opened with. */
const rememberedSettings = 1024

/** How many threads of earlier connections are remembered with their handlers. */
const rememberedHandlers = 1024

/** How many threads are remembered as open on this connection, where it is not the first. */
const openedThreads = 1024

/** How many threads are remembered as unsubscribed. */
const unsubscribedThreads = 1024
