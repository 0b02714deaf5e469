/**
 * The command line of codex, as a value: the tree of its commands, and how a program runs it.
 *
 * @since 0.1.0
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import type * as Terminal from "@effect/platform/Terminal"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Commands from "./internal/commands.js"
import * as Main from "./internal/main.js"
import * as Launcher from "./Launcher.js"
import * as Stdio from "./Stdio.js"

/**
 * What the commands need.
 *
 * @since 0.1.0
 * @category models
 */
export type Environment =
  | Stdio.Stdio
  | Launcher.Launcher
  | FileSystem.FileSystem
  | Path.Path
  | Terminal.Terminal

/**
 * Every command, for a program that has it among its own.
 *
 * @since 0.1.0
 * @category commands
 */
export const command = Commands.command

/**
 * Runs a command line, without the names of the runtime and the script, and succeeds with the exit code that says how it
 * went. What went wrong was told on stderr by then.
 *
 * @example
 * ```ts
 * import { Cli } from "@effect-codex/cli"
 * import { Effect } from "effect"
 *
 * const program = Cli.run(["run", "What does this repository do?"]).pipe(Effect.provide(Cli.layer))
 * ```
 *
 * @since 0.1.0
 * @category running
 */
export const run: (args: ReadonlyArray<string>) => Effect.Effect<number, never, Environment> = Main.run

/**
 * The process's own streams, and an app-server for every command that needs one.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Environment> = Layer.mergeAll(Stdio.layer, Launcher.layer, NodeContext.layer)
