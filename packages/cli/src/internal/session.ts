import type { AppServer } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import * as CodexConfig from "@effect-codex/sdk/CodexConfig"
import type { BinaryNotFound, HandshakeError, TransportError } from "@effect-codex/sdk/CodexError"
import type * as Thread from "@effect-codex/sdk/Thread"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { Launcher } from "../Launcher.js"
import { exitCode, Failure, usage } from "./failure.js"
import type { ServerOptions, ThreadOptions } from "./options.js"
import * as Options from "./options.js"

/**
 * `Codex` on the app-server that the options of the command line name.
 *
 * @internal
 */
export const codex = (options: ServerOptions) =>
  Layer.unwrapEffect(Effect.gen(function*() {
    const { transport } = yield* Launcher
    const given = yield* Options.processOptions(options)
    const layer: Layer.Layer<
      Codex.Codex | AppServer,
      HandshakeError | BinaryNotFound | TransportError
    > = Layer.provide(Codex.layer, transport(given)).pipe(
      Layer.provide(CodexConfig.layer({ clientName: "effect-codex" }))
    )
    return layer
  }))

/** @internal */
export interface Opened {
  readonly thread: Thread.Thread
  readonly model: string
  readonly cwd: string
  readonly resumed: boolean
}

/**
 * The thread that the options name: a new one, or one to go on with.
 *
 * @internal
 */
export const openThread = Effect.fnUntraced(function*(options: ThreadOptions) {
  const codex = yield* Codex.Codex
  const given = yield* Options.threadOptions(options)
  if (Option.isNone(options.resume)) {
    const thread = yield* codex.startThread({ ...given, ...(options.ephemeral ? { ephemeral: true } : {}) })
    return { thread, model: thread.info.model, cwd: thread.info.cwd, resumed: false } satisfies Opened
  }
  if (options.ephemeral) {
    return yield* usage("--ephemeral is for a new thread, and --resume goes on with one that is stored.")
  }
  const id = options.resume.value === "last"
    ? yield* lastThread(given.cwd)
    : options.resume.value
  const thread = yield* codex.resumeThread(id, { ...given, excludeTurns: true })
  return { thread, model: thread.info.model, cwd: thread.info.cwd, resumed: true } satisfies Opened
})

/**
 * The id of the thread of a folder that was changed last.
 *
 * @internal
 */
export const lastThread = Effect.fnUntraced(function*(folder: string | undefined) {
  const codex = yield* Codex.Codex
  const cwd = folder ?? process.cwd()
  const last = yield* codex.threads({ cwd, sortKey: "updated_at", limit: 1, sourceKinds }).pipe(Stream.runHead)
  return yield* Option.match(last, {
    onNone: () =>
      Effect.fail(
        new Failure({
          what: `There is no thread in ${cwd} to go on with.`,
          fix: "`effect-codex threads --all` lists those of every folder.",
          code: exitCode.failed
        })
      ),
    onSome: ({ id }) => Effect.succeed(id)
  })
})

/**
 * Threads that a person or a program of theirs has started, whatever it was.
 *
 * @internal
 */
export const sourceKinds = ["cli", "vscode", "exec", "appServer", "unknown"] as const
