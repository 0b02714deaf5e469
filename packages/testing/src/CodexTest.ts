/**
 * The real app-server on a scripted model: for tests that show what a program does with codex itself, without an
 * account, a network or a cost.
 *
 * @since 0.1.0
 */
import { type NodeCodex, ProcessTransport } from "@effect-codex/node"
import type { AppServer, ExperimentalApi } from "@effect-codex/sdk/AppServer"
import * as Codex from "@effect-codex/sdk/Codex"
import type { HandshakeError } from "@effect-codex/sdk/CodexError"
import { Transport } from "@effect-codex/sdk/Transport"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import type { PlatformError } from "@effect/platform/Error"
import type { ServeError } from "@effect/platform/HttpServerError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Faults from "./Faults.js"
import * as MemoryTransport from "./MemoryTransport.js"
import * as ScriptedModel from "./ScriptedModel.js"
import * as TemporaryCodexHome from "./TemporaryCodexHome.js"
import * as Transcript from "./Transcript.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** What the model says. Default: it echoes what the user says. */
  readonly script?: ScriptedModel.Script | undefined
  /** Merged into `config.toml`. */
  readonly config?: { readonly [key: string]: ScriptedModel.ConfigValue } | undefined
  /** How the process is started and ended. */
  readonly process?: Omit<ProcessTransport.Options, "codexHome"> | undefined
  /** What goes wrong between the program and the app-server. */
  readonly faults?: ReadonlyArray<Faults.Fault> | undefined
  /** Where to record what the program and the app-server say, for `layerReplay`. What faults do is in it too. */
  readonly record?: string | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface MemoryOptions {
  /** What the turns say. Default: they echo what the user says. */
  readonly script?: MemoryTransport.Script | undefined
  /** What answers requests in place of the app-server in memory. */
  readonly answers?: MemoryTransport.Answers | undefined
  /** What goes wrong between the program and the app-server. */
  readonly faults?: ReadonlyArray<Faults.Fault> | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export type LayerError = NodeCodex.LayerError | PlatformError | ServeError | Transcript.TranscriptError

/**
 * What a test is given beside `Codex`: the model, for its requests, the folders, and what the faults did.
 *
 * @since 0.1.0
 * @category models
 */
export type Harness = ScriptedModel.ScriptedModel | TemporaryCodexHome.TemporaryCodexHome | Faults.Log

/**
 * The real app-server, found as `CodexBinary.find` says, in a temporary `CODEX_HOME`, on a `ScriptedModel`. Threads
 * work in a temporary folder unless they are given another.
 *
 * @example
 * ```ts
 * import { Codex } from "@effect-codex/sdk"
 * import { CodexTest, ScriptedModel } from "@effect-codex/testing"
 * import { Effect } from "effect"
 *
 * const test = Effect.gen(function*() {
 *   const codex = yield* Codex.Codex
 *   const thread = yield* codex.startThread()
 *   const { finalResponse } = yield* thread.run("hi")
 *   return finalResponse === "Hello."
 * }).pipe(Effect.provide(CodexTest.layer({ script: [ScriptedModel.text(["Hel", "lo."])] })))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Options): Layer.Layer<Codex.Codex | AppServer | Harness, LayerError> =>
  onModel(Codex.layer, options)

/**
 * The same with the `experimentalApi` capability.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerExperimental = (
  options?: Options
): Layer.Layer<Codex.Codex | AppServer | ExperimentalApi | Harness, LayerError> =>
  onModel(Codex.layerExperimental, options)

/**
 * No app-server at all, but one in memory that runs turns by the same script: without a process, and under `TestClock`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory = (
  { answers, faults, script }: MemoryOptions = {}
): Layer.Layer<Codex.Codex | AppServer | MemoryTransport.Server | Faults.Log, HandshakeError> =>
  Codex.layer.pipe(
    Layer.provideMerge(Faults.layer(faults ?? [])),
    Layer.provideMerge(MemoryTransport.layer(script ?? ScriptedModel.echo, { answers }))
  )

/**
 * No app-server at all, but what one said when the transcript was recorded, by `layerRecord` or with `record`: without a
 * process, and under `TestClock`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerReplay = (
  path: string,
  options?: Transcript.ReplayOptions
): Layer.Layer<Codex.Codex | AppServer | Transcript.Replay, HandshakeError | Transcript.TranscriptError> =>
  onTranscript(Codex.layer, path, options)

/**
 * The same with the `experimentalApi` capability, which it has to have been recorded with.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerReplayExperimental = (
  path: string,
  options?: Transcript.ReplayOptions
): Layer.Layer<
  Codex.Codex | AppServer | ExperimentalApi | Transcript.Replay,
  HandshakeError | Transcript.TranscriptError
> => onTranscript(Codex.layerExperimental, path, options)

/**
 * The user's own codex, with its account and its costs, as `NodeCodex.layer` starts it, and all that is said recorded for
 * `layerReplay`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerRecord = (
  path: string,
  options?: Transcript.RecordOptions & { readonly process?: ProcessTransport.Options | undefined }
): Layer.Layer<
  Codex.Codex | AppServer | Transcript.Recording,
  NodeCodex.LayerError | Transcript.TranscriptError
> => onOwnCodex(Codex.layer, path, options)

/**
 * The same with the `experimentalApi` capability.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerRecordExperimental = (
  path: string,
  options?: Transcript.RecordOptions & { readonly process?: ProcessTransport.Options | undefined }
): Layer.Layer<
  Codex.Codex | AppServer | ExperimentalApi | Transcript.Recording,
  NodeCodex.LayerError | Transcript.TranscriptError
> => onOwnCodex(Codex.layerExperimental, path, options)

const onTranscript = <Out>(
  codex: Layer.Layer<Out, HandshakeError, Transport>,
  path: string,
  options: Transcript.ReplayOptions | undefined
) =>
  codex.pipe(
    Layer.provideMerge(Transcript.replay(path, options)),
    Layer.provide(NodeFileSystem.layer)
  )

const onOwnCodex = <Out>(
  codex: Layer.Layer<Out, HandshakeError, Transport>,
  path: string,
  options: Transcript.RecordOptions & { readonly process?: ProcessTransport.Options | undefined } = {}
) =>
  codex.pipe(
    Layer.provideMerge(Transcript.record(path, options)),
    Layer.provide([ProcessTransport.layer(options.process), NodeFileSystem.layer])
  )

/** Folders of the moment get the names that stand for those of the program, where the transcript is replayed. */
const recorded = (
  path: string | undefined
): Layer.Layer<Transport, Transcript.TranscriptError, Transport | TemporaryCodexHome.TemporaryCodexHome> =>
  path === undefined ? Layer.service(Transport) : Layer.unwrapEffect(Effect.map(
    TemporaryCodexHome.TemporaryCodexHome,
    ({ codexHome, cwd }) =>
      Transcript.record(path, { folders: { codexHome, cwd } }).pipe(Layer.provide(NodeFileSystem.layer))
  ))

const onModel = <Out>(
  codex: Layer.Layer<Out, HandshakeError, Transport>,
  options: Options = {}
): Layer.Layer<Out | Harness, LayerError> =>
  codex.pipe(
    Layer.provide(recorded(options.record)),
    Layer.provideMerge(Faults.layer(options.faults ?? [])),
    Layer.provide(Layer.unwrapEffect(Effect.map(
      TemporaryCodexHome.TemporaryCodexHome,
      ({ codexHome, cwd }) =>
        // Commands run in login shells, whose profile is the user's own unless they have another home.
        ProcessTransport.layer({
          cwd,
          ...options.process,
          env: { HOME: codexHome, ...options.process?.env },
          codexHome
        })
    ))),
    Layer.provideMerge(TemporaryCodexHome.layer(options.config)),
    Layer.provideMerge(ScriptedModel.layer(options.script ?? ScriptedModel.echo))
  )
