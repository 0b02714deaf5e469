/**
 * Where the commands read and write: the standard streams of a process, or what a test puts in their place.
 *
 * @since 0.1.0
 */
import * as NodeStream from "@effect/platform-node/NodeStream"
import type { PlatformError } from "@effect/platform/Error"
import * as PlatformErrors from "@effect/platform/Error"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Interrupts from "./internal/interrupts.js"

/**
 * Nobody reads any more what is written: the reader of the pipe has ended.
 *
 * @since 0.1.0
 * @category errors
 */
export class OutputClosed extends Schema.TaggedError<OutputClosed>("@effect-codex/cli/OutputClosed")("OutputClosed", {
  cause: Schema.Defect
}) {
  /** @since 0.1.0 */
  override get message(): string {
    return "Nobody reads the output any more."
  }
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Output {
  readonly isTTY: boolean
  readonly columns: Effect.Effect<number>
  /** Waits until it has been taken. */
  readonly write: (text: string) => Effect.Effect<void, OutputClosed>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** What was asked for, and nothing else. */
  readonly stdout: Output
  /** Progress, notices, errors. */
  readonly stderr: Output
  readonly stdin: {
    readonly isTTY: boolean
    readonly text: Stream.Stream<string, PlatformError>
  }
  readonly env: Readonly<Record<string, string | undefined>>
  /** While the scope is open, Ctrl-C runs this and does not end the program. */
  readonly onInterrupt: (run: () => void) => Effect.Effect<void, never, Scope.Scope>
}

/**
 * @since 0.1.0
 * @category services
 */
export class Stdio extends Context.Tag("@effect-codex/cli/Stdio")<Stdio, Service>() {}

const output = (stream: NodeJS.WriteStream) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      // Without a listener, a pipe whose reader has ended would end the program.
      const ignore = () => {}
      stream.on("error", ignore)
      return ignore
    }),
    (ignore) => Effect.sync(() => stream.off("error", ignore))
  ).pipe(Effect.as<Output>({
    isTTY: stream.isTTY === true,
    columns: Effect.sync(() => stream.columns ?? 80),
    write: (text) =>
      text === "" ? Effect.void : Effect.async((resume) => {
        stream.write(
          text,
          (cause) => resume(cause == null ? Effect.void : Effect.fail(new OutputClosed({ cause })))
        )
      })
  }))

const readFailed = (cause: unknown) =>
  new PlatformErrors.SystemError({ module: "Stream", method: "stdin", reason: "Unknown", cause })

/**
 * The streams of this process.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Stdio> = Layer.scoped(
  Stdio,
  Effect.gen(function*() {
    return {
      stdout: yield* output(process.stdout),
      stderr: yield* output(process.stderr),
      stdin: {
        isTTY: process.stdin.isTTY === true,
        text: Stream.suspend(() => Stream.decodeText(NodeStream.fromReadable(() => process.stdin, readFailed)))
      },
      env: process.env,
      onInterrupt: Interrupts.take
    }
  })
)
