/**
 * A realtime session of a thread: text and audio in, text and audio out, for as long as its scope is open. It is opened
 * by `thread.realtime(…)`, needs the experimental API, and may change with any version of the server.
 *
 * @since 0.1.0
 */
import type * as Client from "@effect-codex/protocol/Client"
import type * as Server from "@effect-codex/protocol/Server"
import type { ServerNotifications } from "@effect-codex/protocol/ServerNotifications"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Sink from "effect/Sink"
import type * as Stream from "effect/Stream"
import type { ConnectionClosed, EventOverflow, RealtimeClosed, RequestError } from "./CodexError.js"
import type * as TurnEvent from "./TurnEvent.js"

/**
 * What a session is opened with: the server's own params.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends Omit<Client.ThreadRealtimeStartParams, "threadId"> {
  /** How long the session may take to open, in place of the configured `requestTimeout`. */
  readonly timeout?: Duration.DurationInput | undefined
}

/**
 * Sound, as the server has it: samples of 16 bits, little-endian.
 *
 * @since 0.1.0
 * @category models
 */
export interface AudioChunk {
  readonly bytes: Uint8Array
  /** In samples a second, for example 24,000. */
  readonly sampleRate: number
  readonly numChannels: number
  readonly samplesPerChannel?: number | null
  readonly itemId?: string | null
}

type Method = Extract<keyof ServerNotifications, `thread/realtime/${string}`>

/**
 * What the server tells of a session.
 *
 * @since 0.1.0
 * @category models
 */
export type Event = { readonly [M in Method]: TurnEvent.Of<M> }[Method] | TurnEvent.Unknown | TurnEvent.Undecodable

/**
 * What either side says: bit by bit, then the whole of it.
 *
 * @since 0.1.0
 * @category models
 */
export type Transcript =
  | TurnEvent.Of<"thread/realtime/transcript/delta">
  | TurnEvent.Of<"thread/realtime/transcript/done">

/**
 * What a session's streams fail with: how it ended where that was not asked for, or the reader's own slowness.
 *
 * @since 0.1.0
 * @category models
 */
export type StreamError = RealtimeClosed | ConnectionClosed | EventOverflow

/**
 * What the server says of a session when it has opened it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Info {
  /** The id that was asked for, else one of the server's. */
  readonly realtimeSessionId: string | null
  readonly version: Server.RealtimeConversationVersion
}

/**
 * An open session. It belongs to the scope it was opened in and is stopped when that closes, or when the thread is
 * unsubscribed. A thread has one session: opening another one ends it.
 *
 * Its streams end when the session was stopped on request, and fail with `RealtimeClosed` where it ended otherwise. The
 * first run of each begins at the beginning of the session; every other run gets what comes from then on. Runs do not
 * take events from one another.
 *
 * @since 0.1.0
 * @category models
 */
export interface Session extends Info {
  readonly threadId: string

  /** Everything that is told of the session, from `ThreadRealtimeStarted` on. */
  readonly events: Stream.Stream<Event, StreamError>

  /** What is to be played. A chunk that is not base64 is left out; `events` has it as it came. */
  readonly audio: Stream.Stream<AudioChunk, StreamError>

  /** What is said, by the user too where that was audio. */
  readonly transcript: Stream.Stream<Transcript, StreamError>

  /** The items of the session as they complete. */
  readonly items: Stream.Stream<Server.ThreadRealtimeItem, StreamError>

  /** The server's answer to the SDP offer of a session whose transport is `webrtc`; waits for it. */
  readonly sdp: Effect.Effect<string, RealtimeClosed | ConnectionClosed>

  /** Says something by text, as the user unless another role is given. */
  readonly appendText: (
    text: string,
    options?: Omit<Client.ThreadRealtimeAppendTextParams, "threadId" | "text">
  ) => Effect.Effect<void, RequestError | RealtimeClosed>

  /** Has the agent speak a text. */
  readonly appendSpeech: (text: string) => Effect.Effect<void, RequestError | RealtimeClosed>

  /** Takes what the user says, chunk by chunk: the next one is sent when the server has accepted the one before. */
  readonly appendAudio: Sink.Sink<void, AudioChunk, never, RequestError | RealtimeClosed>

  /** Waits for the end of the session and succeeds with it. */
  readonly closed: Effect.Effect<RealtimeClosed | ConnectionClosed>
}
