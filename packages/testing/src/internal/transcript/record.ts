import { defaults } from "@effect-codex/sdk/CodexConfig"
import type { Transport } from "@effect-codex/sdk/Transport"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import type * as Transcript from "../../Transcript.js"
import { TranscriptError } from "./errors.js"
import * as File from "./file.js"
import * as Journal from "./journal.js"
import { parse } from "./json.js"
import * as Redaction from "./redaction.js"

const defaultMaxBytes = 64 * 1024 * 1024

/** How long closing waits for a disk that takes nothing. */
const flushGrace = "5 seconds"

const ownerOnly = 0o600

/** @internal */
export const make = Effect.fnUntraced(function*(
  inner: Transport["Type"],
  path: string,
  options: Transcript.RecordOptions
): Effect.fn.Return<
  { readonly transport: Transport["Type"]; readonly status: Transcript.Recording["Type"]["status"] },
  TranscriptError,
  FileSystem.FileSystem | Scope.Scope
> {
  const file = yield* open(path)
  const clock = yield* Effect.clock
  const began = clock.unsafeCurrentTimeMillis()
  const wake = yield* Effect.makeLatch(false)
  const redactor = Redaction.make(options)
  const journal = Journal.make({
    maxBytes: options.maxBytes ?? defaultMaxBytes,
    now: () => clock.unsafeCurrentTimeMillis() - began,
    onWork: () => wake.unsafeOpen(),
    header: File.header({ sdk: defaults.clientVersion, recordedAt: new Date(began).toISOString() }),
    render: (text, direction) => {
      const message = parse(text)
      return message === undefined
        ? { direction, text: redactor.message(text, direction) }
        : { direction, frame: redactor.message(message, direction) }
    }
  })

  const giveUp = (detail: string) =>
    Effect.zipRight(
      Effect.sync(() => journal.fail(detail)),
      Effect.logWarning(`the recording has stopped, and the program goes on: ${detail}`).pipe(
        Effect.annotateLogs("transcript", path)
      )
    )

  const writeOnce = Effect.suspend(() => {
    const { stopped, text } = journal.take()
    return (text === "" ? Effect.void : file.writeAll(new TextEncoder().encode(text))).pipe(
      Effect.zipRight(stopped === undefined ? Effect.void : giveUp(stopped))
    )
  }).pipe(
    Effect.catchAll(({ message }) => giveUp(`the file cannot be written: ${message}`)),
    // Of the function that the user has given.
    Effect.catchAllDefect((defect) => Effect.zipRight(giveUp(`\`redact\` threw: ${String(defect)}`), wake.open))
  )
  const write = writeOnce.pipe(
    Effect.zipRight(Effect.suspend(() => journal.isOver() ? Effect.void : Effect.zipRight(wake.await, wake.close))),
    Effect.repeat({ until: () => journal.isOver() })
  )

  const writer = yield* Effect.forkScoped(Effect.interruptible(write))
  // In a fiber of its own: one that is being interrupted could not be interrupted by the deadline.
  const written = writer.await.pipe(
    Effect.interruptible,
    Effect.timeoutOption(flushGrace),
    Effect.withClock(Clock.make()),
    Effect.forkDaemon,
    Effect.flatMap((waiting) => waiting.await)
  )
  yield* Effect.addFinalizer(() =>
    Effect.zipRight(Effect.sync(() => journal.close({ reason: "LayerClosed" })), written)
  )

  return {
    status: Effect.sync(() => journal.status()),
    transport: {
      run: (onFrames) =>
        Effect.map(
          inner.run((frames) => {
            frames.forEach((frame) => journal.add(frame, "in"))
            onFrames(frames)
          }),
          (end) => {
            journal.close(File.endOf(end, redactor.text))
            return end
          }
        ),
      // Noted before it is sent, since its answer may come before `send` is done.
      send: (frame) =>
        Effect.suspend(() => {
          const entry = journal.add(frame, "out")
          return Effect.onExit(inner.send(frame), (exit) =>
            Effect.sync(() => {
              if (!Exit.isSuccess(exit)) {
                journal.unsent(entry)
              }
            }))
        }),
      conceal: (secrets) => {
        redactor.conceal(secrets)
        inner.conceal?.(secrets)
      }
    }
  }
})

const open = (path: string): Effect.Effect<FileSystem.File, TranscriptError, FileSystem.FileSystem | Scope.Scope> =>
  FileSystem.FileSystem.pipe(
    Effect.flatMap((fs) =>
      // The mode is only that of a file that is made.
      Effect.zipLeft(fs.open(path, { flag: "w", mode: ownerOnly }), fs.chmod(path, ownerOnly))
    ),
    Effect.mapError((cause) =>
      new TranscriptError({
        reason: "Open",
        path,
        detail: `The transcript cannot be written, so nothing was started: ${cause.message}`,
        cause
      })
    )
  )
