import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { OutputOverflow, type RequestError, UndecodableResult } from "../../CodexError.js"
import type { OutputError, Process, TerminalSize } from "../../Process.js"
import type { Connection } from "../connection/connection.js"
import { uninterrupted } from "../connection/uninterrupted.js"
import * as ByteQueue from "../delivery/byteQueue.js"
import type * as Operations from "./operations.js"
import * as Stdin from "./stdin.js"

/**
 * What is heard of a process: its output and its end.
 *
 * @internal
 */
export interface Running {
  readonly receiver: Operations.Receiver<Operations.Event<"processHandle"> | Operations.Event<"processId">>
  readonly stdout: ByteQueue.ByteQueue<OutputError>
  readonly stderr: ByteQueue.ByteQueue<OutputError>
  readonly exit: Deferred.Deferred<number, RequestError>
  /** Ends the process for everyone who waits for it. The first end counts. */
  readonly end: (exit: Exit.Exit<number, RequestError>) => void
}

/**
 * How a process is spoken to.
 *
 * @internal
 */
export interface Requests<R> {
  readonly write: (input: Stdin.Piece) => Effect.Effect<unknown, RequestError, R>
  readonly resize: (size: TerminalSize) => Effect.Effect<unknown, RequestError, R>
  readonly kill: Effect.Effect<unknown, RequestError, R>
}

/** @internal */
export const makeRunning = Effect.fnUntraced(function*(bufferBytes: number | undefined): Effect.fn.Return<Running> {
  const capacity = bufferBytes ?? defaultBufferBytes
  const queue = (stream: "stdout" | "stderr") =>
    ByteQueue.make<OutputError>(capacity, () => new OutputOverflow({ stream, capacity }))
  const stdout = yield* queue("stdout")
  const stderr = yield* queue("stderr")
  const exit = yield* Deferred.make<number, RequestError>()

  const endOutput = (exit: Exit.Exit<void, RequestError>) => {
    stdout.end(exit)
    stderr.end(exit)
  }
  const end: Running["end"] = (with_) => {
    endOutput(Exit.asVoid(with_))
    Deferred.unsafeDone(exit, with_)
  }

  const offer: Running["receiver"]["offer"] = (event) => {
    switch (event._tag) {
      case "CommandExecOutputDelta":
      case "ProcessOutputDelta":
        return Either.match(Encoding.decodeBase64(event.deltaBase64), {
          onLeft: ({ message }) =>
            endOutput(Exit.fail(undecodable(methods[event._tag], event, message ?? "not base64"))),
          onRight: event.stream === "stderr" ? stderr.offer : stdout.offer
        })
      case "ProcessExited":
        return end(Exit.succeed(event.exitCode))
      case "Undecodable": {
        const failure = Exit.fail(undecodable(event.method, event.params, event.issue.message))
        return event.method === "process/exited" ? end(failure) : endOutput(failure)
      }
    }
  }

  return { receiver: { offer, end }, stdout, stderr, exit, end }
})

/** @internal */
export const makeHandle = <R>(running: Running, requests: Requests<R>): Effect.Effect<Process, never, R> =>
  Effect.map(Effect.context<R>(), (context) => ({
    stdin: Stdin.make(running.exit, (piece) => Effect.provide(requests.write(piece), context)),
    stdout: running.stdout.stream,
    stderr: running.stderr.stream,
    exitCode: Deferred.await(running.exit),
    isRunning: Effect.map(Deferred.isDone(running.exit), (done) => !done),
    resize: (size) => Effect.asVoid(Effect.provide(requests.resize(size), context)),
    kill: Stdin.unlessEnded(running.exit, Effect.provide(Effect.asVoid(requests.kill), context), undefined)
  }))

/**
 * What closing the scope of a process does: it is killed where it still runs, and waited for within the grace.
 *
 * @internal
 */
export const release = <R>(
  { config }: Connection,
  { exit }: Running,
  kill: Effect.Effect<unknown, RequestError, R>
): Effect.Effect<void, never, R> =>
  Effect.flatMap(Deferred.isDone(exit), (done) =>
    done ? Effect.void : kill.pipe(
      Effect.zipRight(Effect.exit(Deferred.await(exit))),
      Effect.timeoutOption(config.interruptGrace),
      Effect.map(Option.isSome),
      // Else it has ended meanwhile, or never began, or ends with the connection.
      Effect.catchAll((error) => Effect.succeed(error._tag !== "RequestTimeout")),
      uninterrupted,
      Effect.tap((over) =>
        over ? Effect.void : Effect.logWarning("the server did not confirm the end of a process within the grace")
      ),
      Effect.asVoid
    ))

/**
 * The wire's milliseconds; none where nothing was said, or for ever.
 *
 * @internal
 */
export const toMillis = (timeout: Duration.DurationInput | undefined): number | undefined => {
  const duration = timeout === undefined ? Duration.infinity : Duration.decode(timeout)
  return Duration.isFinite(duration) ? Math.ceil(Duration.toMillis(duration)) : undefined
}

const methods = {
  CommandExecOutputDelta: "command/exec/outputDelta",
  ProcessOutputDelta: "process/outputDelta"
} as const

const defaultBufferBytes = 8 * 1024 * 1024

const undecodable = (method: string, result: unknown, issue: string) => new UndecodableResult({ method, result, issue })
