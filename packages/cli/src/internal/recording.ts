import { TransportError } from "@effect-codex/sdk/CodexError"
import * as Transcript from "@effect-codex/testing/Transcript"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Launcher } from "../Launcher.js"
import { Stdio } from "../Stdio.js"
import { exitCode, Failure } from "./failure.js"
import * as Format from "./format.js"
import * as Run from "./run.js"

/** @internal */
export interface RecordOptions extends Run.RunOptions {
  readonly file: string
}

const asTransportError = (cause: Transcript.TranscriptError) =>
  new TransportError({ reason: "Open", detail: cause.message, cause })

/**
 * A run, whose conversation with codex is kept in a file.
 *
 * @internal
 */
export const record = (options: RecordOptions) =>
  Effect.gen(function*() {
    const launcher = yield* Launcher
    const { stderr } = yield* Stdio
    yield* Effect.provideService(Run.run(options), Launcher, {
      transport: (given) =>
        Transcript.record(options.file).pipe(
          Layer.mapError(asTransportError),
          Layer.provide(launcher.transport(given)),
          Layer.provide(NodeFileSystem.layer)
        )
    })
    if (!options.quiet) {
      yield* Effect.ignore(stderr.write(`recorded in ${Format.oneLine(options.file)}\n`))
    }
  })

/**
 * The same run on a file in place of codex.
 *
 * @internal
 */
export const replay = (options: RecordOptions) =>
  Effect.gen(function*() {
    yield* Effect.mapError(
      Effect.provide(Transcript.read(options.file), NodeFileSystem.layer),
      ({ message }) =>
        new Failure({
          what: message,
          fix: `\`effect-codex record ${options.file} "…"\` makes a transcript.`,
          code: exitCode.usage
        })
    )
    yield* Effect.provideService(Run.run(options), Launcher, {
      transport: () =>
        Transcript.replay(options.file).pipe(
          Layer.mapError(asTransportError),
          Layer.provide(NodeFileSystem.layer)
        )
    })
  })
