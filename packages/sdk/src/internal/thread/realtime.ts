import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import type * as AppServer from "../../AppServer.js"
import { type RealtimeClosed, type RequestError, RequestTimeout } from "../../CodexError.js"
import type * as Realtime from "../../Realtime.js"
import * as Bounded from "../connection/bounded.js"
import type { Connection } from "../connection/connection.js"
import { uninterrupted } from "../connection/uninterrupted.js"
import * as EventQueue from "../delivery/eventQueue.js"
import * as TurnGate from "../turn/turnGate.js"
import * as RealtimeEntry from "./realtimeEntry.js"

const startMethod = "thread/realtime/start"

/**
 * Opens a session on the thread for the scope, and waits until it is open: the server accepts the request before it
 * has reached anybody.
 *
 * @internal
 */
export const open = (
  connection: Connection,
  threadId: string,
  { timeout, ...options }: Realtime.Options
): Effect.Effect<Realtime.Session, RequestError | RealtimeClosed, AppServer.ExperimentalApi | Scope.Scope> =>
  Effect.gen(function*() {
    const { config, registry } = connection
    yield* registry.ensureOpen
    const thread = yield* Effect.acquireRelease(
      Effect.sync(() => registry.retainThread(threadId)),
      (thread) => Effect.sync(() => registry.releaseThread(thread))
    )
    const entry = new RealtimeEntry.RealtimeEntry(registry, threadId)
    const release = yield* makeRelease(connection, entry)
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        thread.subscribers.add(entry)
        thread.sessions.add(release)
      }),
      () =>
        Effect.ensuring(
          release,
          Effect.sync(() => {
            thread.sessions.delete(release)
            thread.subscribers.delete(entry)
          })
        )
    )
    yield* thread.starting.withPermits(1)(TurnGate.ready(connection, thread))

    entry.asked = true
    const deadline = Duration.decode(timeout ?? config.requestTimeout)
    const info = yield* connection.request(startMethod, { ...options, threadId }, { timeout: deadline }).pipe(
      Effect.tapError((error) =>
        // What was refused, or not even sent, is not open.
        Effect.sync(() => entry.asked = error._tag === "RequestTimeout" || error._tag === "UndecodableResult")
      ),
      Effect.zipRight(Deferred.await(entry.started)),
      Bounded.timeoutFail({
        duration: deadline,
        onTimeout: () => new RequestTimeout({ method: startMethod, timeout: deadline })
      })
    )
    return { ...info, threadId, ...yield* face(connection, entry) }
  })

/** Ends the session on the server, and waits for its last word, so that the next session on the thread is not told it. */
const makeRelease = (
  connection: Connection,
  entry: RealtimeEntry.RealtimeEntry
): Effect.Effect<Effect.Effect<void>, never, AppServer.ExperimentalApi> =>
  Effect.map(Effect.context<AppServer.ExperimentalApi>(), (context) =>
    Effect.suspend(() => {
      if (!entry.asked || entry.stopped) {
        return Effect.void
      }
      const { threadId } = entry
      return connection.request("thread/realtime/stop", { threadId }).pipe(
        Effect.zipRight(Deferred.await(entry.lastWord)),
        Effect.timeout(connection.config.interruptGrace),
        Effect.provide(context),
        uninterrupted,
        Effect.ignoreLogged,
        Effect.zipRight(Effect.sync(() => entry.close({ reason: "requested", serverMessage: null })))
      )
    }))

/** What a program does with an open session. */
const face = (
  connection: Connection,
  entry: RealtimeEntry.RealtimeEntry
): Effect.Effect<Omit<Realtime.Session, keyof Realtime.Info | "threadId">, never, AppServer.ExperimentalApi> =>
  Effect.map(Effect.context<AppServer.ExperimentalApi>(), (context) => {
    const { threadId } = entry
    // The server accepts what comes for a session that has ended, and fails the thread for it.
    const unlessOver = (
      append: Effect.Effect<unknown, RequestError, AppServer.ExperimentalApi>
    ): Effect.Effect<void, RequestError | RealtimeClosed> =>
      Effect.suspend((): Effect.Effect<void, RequestError | RealtimeClosed, AppServer.ExperimentalApi> =>
        entry.over ?? Effect.asVoid(append)
      ).pipe(Effect.provide(context))
    const read = (view: RealtimeEntry.View): Realtime.Session["events"] =>
      Stream.unwrapScoped(
        Effect.map(
          Effect.acquireRelease(
            Effect.sync(() => entry.subscribe(view)),
            (queue) => Effect.sync(() => entry.unsubscribe(queue))
          ),
          EventQueue.toStream
        )
      )

    return {
      events: read("events"),
      audio: Stream.filterMap(
        read("audio"),
        (event) => event._tag === "ThreadRealtimeOutputAudioDelta" ? decodeAudio(event.audio) : Option.none()
      ),
      transcript: Stream.filterMap(
        read("transcript"),
        (event) =>
          event._tag === "ThreadRealtimeTranscriptDelta" || event._tag === "ThreadRealtimeTranscriptDone"
            ? Option.some(event)
            : Option.none()
      ),
      items: Stream.filterMap(
        read("items"),
        (event) => event._tag === "ThreadRealtimeItemCompleted" ? Option.some(event.item) : Option.none()
      ),
      sdp: Deferred.await(entry.sdp),
      appendText: (text, options) =>
        unlessOver(connection.request("thread/realtime/appendText", { ...options, threadId, text })),
      appendSpeech: (text) => unlessOver(connection.request("thread/realtime/appendSpeech", { threadId, text })),
      appendAudio: Sink.forEach((chunk) =>
        unlessOver(connection.request("thread/realtime/appendAudio", { threadId, audio: encodeAudio(chunk) }))
      ),
      closed: Deferred.await(entry.ended)
    }
  })

const decodeAudio = ({ data, ...rest }: RealtimeEntry.WireAudio): Option.Option<Realtime.AudioChunk> =>
  Option.map(Option.getRight(Encoding.decodeBase64(data)), (bytes) => ({ ...rest, bytes }))

const encodeAudio = ({ bytes, ...rest }: Realtime.AudioChunk) => ({ ...rest, data: Encoding.encodeBase64(bytes) })
