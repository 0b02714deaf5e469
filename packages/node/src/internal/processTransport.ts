import * as Transport from "@effect-codex/sdk/Transport"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Runtime from "effect/Runtime"
import * as CodexBinary from "../CodexBinary.js"
import type { Options } from "../ProcessTransport.js"
import { type ChildProcess, type Guard, spawn } from "./childProcess.js"
import * as ChildStdin from "./childStdin.js"
import * as Command from "./command.js"
import * as FrameReader from "./frameReader.js"
import * as FrameWriter from "./frameWriter.js"
import * as LineSplitter from "./lineSplitter.js"
import * as Redact from "./redact.js"
import { requireFolders } from "./requireFolders.js"
import { shutdown } from "./shutdown.js"
import * as StderrTail from "./stderrTail.js"
import * as TransportRun from "./transportRun.js"
import { atMost } from "./wallClock.js"
import * as Watchdog from "./watchdog.js"

const defaults = {
  closeGrace: "2 seconds",
  terminateGrace: "2 seconds",
  stderrTailBytes: 64 * 1024,
  maxFrameBytes: 256 * 1024 * 1024
} as const

// Of exit, end of stdout and end of stderr the others follow the first at once, unless another process holds the pipes
// or the process lives on without them.
const endGrace = "500 millis"

const awaitEnd = (child: ChildProcess, tail: StderrTail.StderrTail): Effect.Effect<Transport.TransportEnd> =>
  Effect.gen(function*() {
    const { exited, stderrEnded, stdoutEnded } = child
    yield* TransportRun.whichever(Deferred.await(exited), Deferred.await(stdoutEnded))
    yield* atMost(
      Effect.all([Deferred.await(exited), Deferred.await(stdoutEnded), Deferred.await(stderrEnded)], { discard: true }),
      endGrace
    )
    const stderrTail = tail.text()
    const exit = yield* Deferred.poll(exited)
    if (Option.isSome(exit)) {
      return Transport.end("Exited", { ...(yield* exit.value), stderrTail })
    }
    const stdoutEnd = yield* Deferred.poll(stdoutEnded)
    const failure = Option.isSome(stdoutEnd) ? yield* stdoutEnd.value : Option.none()
    return Option.match(failure, {
      onNone: () => Transport.end("EndOfStream", { stderrTail }),
      onSome: (cause) => Transport.end("Failed", { cause, stderrTail })
    })
  })

const droppedFrames = Metric.counter("codex_transport_frames_dropped", {
  description: "Lines on stdout that were longer than maxFrameBytes",
  incremental: true
})

const onDropped = (bytes: number) =>
  Metric.increment(droppedFrames).pipe(
    Effect.zipRight(Effect.logWarning(`A line of ${bytes} bytes on stdout was dropped: it is beyond maxFrameBytes`))
  )

const logStderr = (lines: ReadonlyArray<string>) =>
  Effect.forEach(lines, (line) => Effect.logDebug(line), { discard: true }).pipe(
    Effect.annotateLogs("codex.stream", "stderr")
  )

const onUnguarded = (cause: unknown) =>
  Effect.logDebug(
    "The watchdog has not started: what ignores the end of its input outlives a program that is killed",
    cause
  )

/** @internal */
export const make = Effect.fnUntraced(function*(options: Options = {}) {
  const binary = yield* CodexBinary.find({ binary: options.binary, env: Command.baseEnv(options) })
  yield* requireFolders(options)
  const runFork = Runtime.runFork(yield* Effect.runtime())
  const redact = Redact.make({
    environments: [process.env, Command.plain(options.env ?? {})],
    secrets: Command.secrets(options.env ?? {})
  })
  const learned = Redact.learning()
  const tail = StderrTail.make({
    maxBytes: options.stderrTailBytes ?? defaults.stderrTailBytes,
    redact: (line) => redact(learned.redact(line))
  })
  const reader = FrameReader.make(LineSplitter.make({
    maxBytes: options.maxFrameBytes ?? defaults.maxFrameBytes,
    onDropped: (bytes) => runFork(onDropped(bytes))
  }))
  const timings = {
    closeGrace: options.closeGrace ?? defaults.closeGrace,
    terminateGrace: options.terminateGrace ?? defaults.terminateGrace
  }
  const guard: Guard = options.watchdog === false
    ? () => Effect.void
    : (leader) => Watchdog.start(leader, timings, (cause) => runFork(onUnguarded(cause)))
  const child = yield* Effect.acquireRelease(
    spawn(Command.make(binary, options), {
      onStdout: reader.accept,
      onStderr: (chunk) => {
        const lines = tail.push(chunk)
        if (lines.length > 0) {
          runFork(logStderr(lines))
        }
      }
    }, guard),
    (child) => shutdown(child, timings)
  )
  return {
    run: TransportRun.make(reader, child.stdout, awaitEnd(child, tail)),
    ...FrameWriter.make(ChildStdin.make(child)),
    conceal: (secrets: ReadonlyArray<Redacted.Redacted>) => learned.learn(secrets.map(Redacted.value))
  }
})
