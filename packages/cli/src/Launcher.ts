/**
 * Where the app-server of a command comes from: a process that is started for it, or what a test puts in its place.
 *
 * @since 0.1.0
 */
import { ProcessTransport } from "@effect-codex/node"
import type { BinaryNotFound, TransportError } from "@effect-codex/sdk/CodexError"
import type { Transport } from "@effect-codex/sdk/Transport"
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The transport to an app-server, as the options of the command line have it. */
  readonly transport: (
    options: ProcessTransport.Options
  ) => Layer.Layer<Transport, BinaryNotFound | TransportError>
}

/**
 * @since 0.1.0
 * @category services
 */
export class Launcher extends Context.Tag("@effect-codex/cli/Launcher")<Launcher, Service>() {}

/**
 * Starts `codex app-server` for every command that needs one.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Launcher> = Layer.succeed(Launcher, { transport: ProcessTransport.layer })
