/**
 * A conversation with the app-server as a file: recorded once, on whatever app-server and account, and replayed from
 * then on without a process, a network or a cost.
 *
 * A transcript is JSON Lines. The first line says its version; each further one is a frame, or what was no message,
 * with its direction; the last one says how the connection ended, and is missing where the program was killed. What is
 * secret is taken out before it is written.
 *
 * @since 0.1.0
 */
import type { TransportEnd } from "@effect-codex/sdk/Transport"
import { Transport } from "@effect-codex/sdk/Transport"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type { TranscriptError, TranscriptMismatch, TranscriptUnfinished } from "./internal/transcript/errors.js"
import * as internalFile from "./internal/transcript/file.js"
import * as internalRecord from "./internal/transcript/record.js"
import * as internalReplay from "./internal/transcript/replay.js"

export {
  TranscriptEnded,
  TranscriptError,
  TranscriptMismatch,
  TranscriptUnfinished
} from "./internal/transcript/errors.js"

/**
 * The version of the format that is written. Older ones are read, newer ones refused.
 *
 * @since 0.1.0
 * @category constants
 */
export const version = internalFile.version

/**
 * `out` is what the program sends, `in` what the server says.
 *
 * @since 0.1.0
 * @category models
 */
export type Direction = "in" | "out"

/**
 * One frame of a transcript.
 *
 * @since 0.1.0
 * @category models
 */
export interface Frame {
  /** Where it stands in the file, from 1. */
  readonly line: number
  /** Milliseconds since the recording began. */
  readonly ms: number
  readonly direction: Direction
  /** The parsed JSON; a string that is no message stands here as it came. */
  readonly frame: unknown
}

/**
 * How a recording ended: as the transport did, by `LayerClosed` where the program was done first, or by `Stopped` where
 * it was given up while the program went on. `undefined` where nothing says so: the program was killed, or the file cut.
 *
 * @since 0.1.0
 * @category models
 */
export type End =
  | TransportEnd
  | { readonly reason: "LayerClosed" }
  | { readonly reason: "Stopped"; readonly detail: string }
  | undefined

/**
 * A transcript that was read.
 *
 * @since 0.1.0
 * @category models
 */
export interface Transcript {
  readonly path: string
  readonly version: number
  /** The version of the SDK, and of codex as its handshake tells it; `undefined` where the file does not say. */
  readonly sdkVersion: string | undefined
  readonly codexVersion: string | undefined
  readonly recordedAt: string | undefined
  readonly frames: ReadonlyArray<Frame>
  readonly end: End
  /** How many lines the file has. */
  readonly lines: number
}

/**
 * What is taken out of frames. A recording writes them so, and a replay compares them so: give both the same.
 *
 * Without being asked to, what looks like a key or a token is replaced by `[redacted]`, and so are the members that hold
 * one by the protocol, mail addresses and account ids, what the SDK says is secret, and the values of the environment
 * variables whose names say so.
 *
 * @since 0.1.0
 * @category models
 */
export interface Redaction {
  /** Further secrets, to be replaced wherever they stand. */
  readonly secrets?: ReadonlyArray<Redacted.Redacted> | undefined
  /**
   * Folders whose paths are replaced by their names: `{ work: "/srv/project" }` has `/srv/project/a.ts` written as
   * `<work>/a.ts`, which a replay turns into the folder that it is given under that name. `home`, `codexHome` and `cwd`
   * are there by default: the user's home, the server's `CODEX_HOME`, and where the program runs.
   */
  readonly folders?: { readonly [name: string]: string } | undefined
  /** What to write in place of a message, after everything else was taken out; also of a line that is none. */
  readonly redact?: ((frame: unknown, direction: Direction) => unknown) | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface RecordOptions extends Redaction {
  /** How long the file gets, by default 64 MiB. What comes then is not recorded, which the log and the file say. */
  readonly maxBytes?: number | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ReplayOptions extends Redaction {
  /** Members of what the program sends that are not compared, such as `params.cwd`. */
  readonly ignore?: ReadonlyArray<string> | undefined
  /** When what the server said comes: as soon as it can (the default), or by the `Clock`, as far apart as it was. */
  readonly pace?: "atOnce" | "recorded" | undefined
}

/**
 * What has become of a recording.
 *
 * @since 0.1.0
 * @category services
 */
export class Recording extends Context.Tag("@effect-codex/testing/Transcript/Recording")<Recording, {
  readonly status: Effect.Effect<{
    /** Lines in the file, or on their way there. */
    readonly lines: number
    readonly bytes: number
    /** Frames that were not recorded, because the recording had stopped. */
    readonly leftOut: number
    /** Why it stopped, where it has. */
    readonly stopped: Option.Option<string>
  }>
}>() {}

/**
 * How far a replay is. A test ends with `finished`.
 *
 * @example
 * ```ts
 * import { Codex } from "@effect-codex/sdk"
 * import { CodexTest, Transcript } from "@effect-codex/testing"
 * import { Effect } from "effect"
 *
 * const test = Effect.gen(function*() {
 *   const codex = yield* Codex.Codex
 *   const thread = yield* codex.startThread()
 *   yield* thread.run("hi")
 *   const replay = yield* Transcript.Replay
 *   yield* replay.finished
 * }).pipe(Effect.provide(CodexTest.layerReplay("test/hi.jsonl")))
 * ```
 *
 * @since 0.1.0
 * @category services
 */
export class Replay extends Context.Tag("@effect-codex/testing/Transcript/Replay")<Replay, {
  /**
   * Waits until everything was said that can be said by now, and fails where the program has sent something else than
   * it did when it was recorded, or not all of it.
   */
  readonly finished: Effect.Effect<void, TranscriptMismatch | TranscriptUnfinished>
  /** What the program sent when it was recorded, and has not sent yet. */
  readonly unused: Effect.Effect<ReadonlyArray<Frame>>
  /** What the program sent that it did not send when it was recorded. It ends the connection, so there is one at most. */
  readonly mismatch: Effect.Effect<Option.Option<TranscriptMismatch>>
}>() {}

/**
 * Reads a transcript. What a program that was killed has left of it is read to its last whole line.
 *
 * @since 0.1.0
 * @category constructors
 */
export const read: (path: string) => Effect.Effect<Transcript, TranscriptError, FileSystem.FileSystem> =
  internalFile.read

/**
 * Records what passes through the transport of the context, into a new file in place of the one that was there, that
 * only its owner can read. The Layer fails where the file cannot be opened; what goes wrong later stops the recording,
 * with one warning in the log, and never the program.
 *
 * A file holds one connection: of a supervised app-server, the latest.
 *
 * @example
 * ```ts
 * import { ProcessTransport } from "@effect-codex/node"
 * import { Codex } from "@effect-codex/sdk"
 * import { Transcript } from "@effect-codex/testing"
 * import { NodeFileSystem } from "@effect/platform-node"
 * import { Layer } from "effect"
 *
 * const CodexRecorded = Codex.layer.pipe(
 *   Layer.provide(Transcript.record("session.jsonl")),
 *   Layer.provide([ProcessTransport.layer(), NodeFileSystem.layer])
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const record = (
  path: string,
  options?: RecordOptions
): Layer.Layer<Transport | Recording, TranscriptError, Transport | FileSystem.FileSystem> =>
  Layer.scopedContext(
    Effect.map(
      Effect.flatMap(Transport, (inner) => internalRecord.make(inner, path, options ?? {})),
      ({ status, transport }) => Context.make(Transport, transport).pipe(Context.add(Recording, { status }))
    )
  )

/**
 * A transport that says what the server said when the transcript was recorded.
 *
 * What the program sends is looked for among what it sent then and has not sent yet: the same method and the same
 * params, whatever the id, the trace context and the version of the client; so requests that are independent may come
 * in any order. What the server said comes in the order it came in, each frame once everything was sent that had been
 * sent before it. So a program that does the same sees the same, however many threads it has.
 *
 * Anything else that it sends ends the connection: `ConnectionClosed` says what was sent, what the transcript has in its
 * place, and where they differ.
 *
 * @example
 * ```ts
 * import { Codex } from "@effect-codex/sdk"
 * import { Transcript } from "@effect-codex/testing"
 * import { NodeFileSystem } from "@effect/platform-node"
 * import { Layer } from "effect"
 *
 * const CodexReplayed = Codex.layer.pipe(
 *   Layer.provideMerge(Transcript.replay("session.jsonl")),
 *   Layer.provide(NodeFileSystem.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const replay = (
  path: string,
  options?: ReplayOptions
): Layer.Layer<Transport | Replay, TranscriptError, FileSystem.FileSystem> =>
  Layer.scopedContext(
    Effect.map(
      Effect.flatMap(internalFile.read(path), (transcript) => internalReplay.make(transcript, options ?? {})),
      ({ replay, transport }) => Context.make(Transport, transport).pipe(Context.add(Replay, replay))
    )
  )
