import { TransportError } from "@effect-codex/sdk/CodexError"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ChildProcess, ProcessExit } from "./childProcess.js"
import type { Sink } from "./frameWriter.js"

const describeExit = ({ exitCode, signal }: ProcessExit): string =>
  signal === null ? `the process has ended with exit code ${exitCode}` : `the process was ended by ${signal}`

/** So much is written at once, and the stream tells whether it takes more. */
const fullWrite = 16 * 1024

/**
 * The stdin of a process as a place for frames: one a line.
 *
 * @internal
 */
export const make = ({ exited, stdin }: ChildProcess): Sink => {
  let pending = ""
  const flush = (): void => {
    const lines = pending
    pending = ""
    if (lines !== "" && stdin.writable) {
      stdin.write(lines)
    }
  }
  return {
    stream: stdin,
    isOpen: () => stdin.writable,
    write(frame) {
      if (pending === "") {
        // What is sent together is written together, since each write wakes the process at the other end. The tick
        // comes once the fibers that can go on have done so.
        process.nextTick(flush)
      }
      pending += `${frame}\n`
      if (pending.length >= fullWrite) {
        flush()
      }
    },
    closed: Deferred.poll(exited).pipe(
      Effect.flatMap(Option.match({
        onNone: () => Effect.succeed("the process has closed its input"),
        onSome: Effect.map(describeExit)
      })),
      Effect.flatMap((detail) => new TransportError({ reason: "Closed", detail, cause: stdin.errored ?? undefined }))
    )
  }
}
