import { TransportError } from "@effect-codex/sdk/CodexError"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Writable } from "node:stream"
import type { ChildProcess, ProcessExit } from "./childProcess.js"

const describeExit = ({ exitCode, signal }: ProcessExit): string =>
  signal === null ? `the process has ended with exit code ${exitCode}` : `the process was ended by ${signal}`

const closed = (child: ChildProcess): Effect.Effect<never, TransportError> =>
  Deferred.poll(child.exited).pipe(
    Effect.flatMap(Option.match({
      onNone: () => Effect.succeed("the process has closed its input"),
      onSome: Effect.map(describeExit)
    })),
    Effect.flatMap((detail) =>
      new TransportError({ reason: "Closed", detail, cause: child.stdin.errored ?? undefined })
    )
  )

/** Until the stream takes more, or never will. */
const writable = (stdin: Writable): Effect.Effect<void> =>
  Effect.async((resume) => {
    const detach = (): void => {
      stdin.off("drain", done)
      stdin.off("close", done)
    }
    const done = (): void => {
      detach()
      resume(Effect.void)
    }
    stdin.on("drain", done)
    stdin.on("close", done)
    return Effect.sync(detach)
  })

/**
 * Writes frames to the stdin of a process, each in one piece and none while the pipe is full.
 *
 * @internal
 */
export const make = (child: ChildProcess): (frame: string) => Effect.Effect<void, TransportError> => {
  // Those who wait queue up here, so that they are served in order and only one listens to the stream.
  const turn = Effect.unsafeMakeSemaphore(1).withPermits(1)
  const write = (frame: string): Effect.Effect<void, TransportError> =>
    Effect.suspend(() => {
      if (!child.stdin.writable) {
        return closed(child)
      }
      if (child.stdin.writableNeedDrain) {
        return Effect.zipRight(writable(child.stdin), write(frame))
      }
      child.stdin.write(`${frame}\n`)
      return Effect.void
    })
  return (frame) => turn(write(frame))
}
