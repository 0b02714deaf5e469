import type * as Server from "@effect-codex/protocol/Server"
import * as Deferred from "effect/Deferred"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import { type ConnectionClosed, type EventOverflow, RealtimeClosed } from "../../CodexError.js"
import type * as Realtime from "../../Realtime.js"
import type { ThreadEvent } from "../../TurnEvent.js"
import { stringAt } from "../connection/envelope.js"
import { tagOf } from "../connection/notification.js"
import type { Registry } from "../connection/registry.js"
import * as EventQueue from "../delivery/eventQueue.js"
import type { Subscriber } from "./threadEntry.js"

/** @internal */
export type WireAudio = Server.ThreadRealtimeAudioChunk

type End = RealtimeClosed | ConnectionClosed

type Queue = EventQueue.EventQueue<Realtime.Event, End | EventOverflow>

/**
 * The streams of a session's handle: all events, or those of one kind.
 *
 * @internal
 */
export type View = "events" | "audio" | "transcript" | "items"

const accepts: { readonly [V in View]: ((event: Realtime.Event) => boolean) | undefined } = {
  events: undefined,
  audio: (event) => event._tag === "ThreadRealtimeOutputAudioDelta",
  transcript: (event) =>
    event._tag === "ThreadRealtimeTranscriptDelta" || event._tag === "ThreadRealtimeTranscriptDone",
  items: (event) => event._tag === "ThreadRealtimeItemCompleted"
}

const views: ReadonlyArray<View> = ["events", "audio", "transcript", "items"]

const makeQueue = (view: View, capacity: number): Queue => EventQueue.make({ capacity, accepts: accepts[view] })

const isRealtime = (event: ThreadEvent): event is Realtime.Event =>
  event._tag === "Unknown" || event._tag === "Undecodable"
    ? event.method.startsWith("thread/realtime/")
    : event._tag.startsWith("ThreadRealtime")

/** Who asked for the end of a session is not surprised by it. */
const exitOf = (over: End): Exit.Exit<void, End> =>
  over._tag === "RealtimeClosed" && over.reason === "requested" ? Exit.void : Exit.fail(over)

/**
 * What is known of a session: it hears of its thread, synchronously.
 *
 * A thread has one session at a time, and its events do not say which one they are of. What comes before `started` is
 * the end of the one before, but for an error, which is all that comes of a session that could not be opened.
 *
 * @internal
 */
export class RealtimeEntry implements Subscriber {
  readonly threadId: string
  readonly #registry: Registry
  readonly #subscribers: Set<Queue>
  /** What came since the session was opened, for the first reader of each view. */
  readonly #kept: Map<View, Queue>
  /** Whether the server was asked to open it, so that it may be open there. */
  asked = false
  #opened = false
  /** How it ended. */
  over: End | undefined
  readonly started: Deferred.Deferred<Realtime.Info, End> = Deferred.unsafeMake(FiberId.none)
  readonly sdp: Deferred.Deferred<string, End> = Deferred.unsafeMake(FiberId.none)
  readonly ended: Deferred.Deferred<End> = Deferred.unsafeMake(FiberId.none)
  /** Done when nothing more is to come of it. */
  readonly lastWord: Deferred.Deferred<void> = Deferred.unsafeMake(FiberId.none)
  stopped = false

  constructor(registry: Registry, threadId: string) {
    this.threadId = threadId
    this.#registry = registry
    const capacity = registry.options.eventCapacity
    this.#kept = new Map(views.map((view) => [view, makeQueue(view, capacity)]))
    this.#subscribers = new Set(this.#kept.values())
  }

  offer(event: ThreadEvent): void {
    if (!this.asked || !isRealtime(event)) {
      return
    }
    const [tag, params] = event._tag === "Undecodable" || event._tag === "Unknown"
      ? [tagOf(event.method), event.params]
      : [event._tag, event]
    if (tag === "ThreadRealtimeStarted") {
      this.#start(params)
    }
    if (this.#opened) {
      for (const queue of this.#subscribers) {
        queue.offer(event)
      }
    }
    if (tag === "ThreadRealtimeSdp") {
      const sdp = stringAt(params, ["sdp"])
      if (sdp !== undefined) {
        Deferred.unsafeDone(this.sdp, Exit.succeed(sdp))
      }
    } else if (tag === "ThreadRealtimeError") {
      this.close({ reason: "error", serverMessage: stringAt(params, ["message"]) ?? null })
    } else if (tag === "ThreadRealtimeClosed" && (this.#opened || this.over !== undefined)) {
      this.close({ reason: stringAt(params, ["reason"]) ?? "closed", serverMessage: null })
      this.#stop()
    }
  }

  #start(params: unknown): void {
    if (this.#opened) {
      // Another session has taken its place, which servers before 0.169 say in no other way.
      this.close({ reason: "requested", serverMessage: null })
      this.#stop()
    } else if (this.over === undefined) {
      this.#opened = true
      Deferred.unsafeDone(
        this.started,
        Exit.succeed({
          realtimeSessionId: stringAt(params, ["realtimeSessionId"]) ?? null,
          version: stringAt(params, ["version"]) ?? "unknown"
        })
      )
    }
  }

  end(): void {
    if (this.#registry.closed !== undefined) {
      this.#finish(this.#registry.closed)
      this.#stop()
    }
  }

  /** The first end counts. */
  close(details: Pick<RealtimeClosed, "reason" | "serverMessage">): void {
    this.#finish(new RealtimeClosed({ threadId: this.threadId, ...details }))
  }

  /** A queue of its own for one more reader: what was kept for the first one of the view, else what comes from now on. */
  subscribe(view: View): Queue {
    const kept = this.#kept.get(view)
    if (kept !== undefined) {
      this.#kept.delete(view)
      return kept
    }
    const queue = makeQueue(view, this.#registry.options.eventCapacity)
    if (this.over === undefined) {
      this.#subscribers.add(queue)
    } else {
      queue.end(exitOf(this.over))
    }
    return queue
  }

  unsubscribe(queue: Queue): void {
    this.#subscribers.delete(queue)
  }

  #finish(over: End): void {
    if (this.over !== undefined) {
      return
    }
    this.over = over
    for (const queue of this.#subscribers) {
      queue.end(exitOf(over))
    }
    this.#subscribers.clear()
    Deferred.unsafeDone(this.started, Exit.fail(over))
    Deferred.unsafeDone(this.sdp, Exit.fail(over))
    Deferred.unsafeDone(this.ended, Exit.succeed(over))
  }

  #stop(): void {
    this.stopped = true
    Deferred.unsafeDone(this.lastWord, Exit.void)
  }
}
