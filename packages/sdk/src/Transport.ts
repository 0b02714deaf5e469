/**
 * The port between the SDK and whatever carries its frames: a child process, a socket, a pair of in-memory ends.
 *
 * A frame is one JSON text, without its line terminator. A transport moves frames and reports how it ended; it knows
 * nothing of what they mean.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { TransportError } from "./CodexError.js"

/**
 * How a transport ended.
 *
 * - `Exited`: the process behind it ended; `exitCode` or `signal` says how.
 * - `EndOfStream`: the other side closed its end.
 * - `Failed`: reading or writing failed; `cause` holds the underlying error.
 *
 * @since 0.1.0
 * @category models
 */
export interface TransportEnd {
  readonly reason: "Exited" | "EndOfStream" | "Failed"
  /** The exit status of the process, where there was one and it exited by itself. */
  readonly exitCode: number | null
  /** The signal that ended the process, where one did. */
  readonly signal: string | null
  /** The last lines the other side wrote to stderr; empty where there is no stderr. Bounded, secrets redacted. */
  readonly stderrTail: string
  /** The underlying failure, where `reason` is `Failed`; of a socket, also how the other side closed it. */
  readonly cause: unknown
}

/**
 * Builds a `TransportEnd`, with everything that is not given empty.
 *
 * @since 0.1.0
 * @category constructors
 */
export const end = (
  reason: TransportEnd["reason"],
  options?: Partial<Omit<TransportEnd, "reason">>
): TransportEnd => ({
  reason,
  exitCode: options?.exitCode ?? null,
  signal: options?.signal ?? null,
  stderrTail: options?.stderrTail ?? "",
  cause: options?.cause
})

/**
 * Frames in, frames out, and how it ended.
 *
 * @since 0.1.0
 * @category services
 */
export class Transport extends Context.Tag("@effect-codex/sdk/Transport")<Transport, {
  /**
   * Runs the read side for as long as the transport lives and succeeds with how it ended. `onFrames` is called
   * synchronously with the frames of each chunk, in order, so that reading costs no fiber wake-up a message; it must
   * not throw. Frames that came before `run` are kept for it. Interrupting `run` detaches the handler. Only one `run`
   * may be active at a time.
   */
  readonly run: (onFrames: (frames: ReadonlyArray<string>) => void) => Effect.Effect<TransportEnd>

  /**
   * Hands one frame to the other side. Waits while the other side takes nothing in; once it succeeds the whole frame
   * is under way, and interrupting it before leaves nothing written.
   */
  readonly send: (frame: string) => Effect.Effect<void, TransportError>

  /**
   * Hands one frame to the other side at once, and tells whether it did: `false` where that would have to be waited for,
   * or cannot be done. A transport that can spares each request the cost of waiting for `send`; one that cannot does
   * without.
   */
  readonly sendNow?: ((frame: string) => boolean) | undefined

  /**
   * Told what is secret in what is about to be sent, so that it is taken out of what the other side says beside its
   * frames: on stderr, or of its end. A transport that passes nothing of that on does without.
   */
  readonly conceal?: ((secrets: ReadonlyArray<Redacted.Redacted>) => void) | undefined
}>() {}
