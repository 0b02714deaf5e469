/**
 * A fresh `CODEX_HOME`, and a folder to work in, for the time of a scope.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as internal from "./internal/temporaryCodexHome.js"
import * as ScriptedModel from "./ScriptedModel.js"

/**
 * @since 0.1.0
 * @category services
 */
export class TemporaryCodexHome extends Context.Tag("@effect-codex/testing/TemporaryCodexHome")<TemporaryCodexHome, {
  /** What the app-server is given as `CODEX_HOME`; it holds a `config.toml`. */
  readonly codexHome: string
  /** An empty folder beside it, for threads to work in. */
  readonly cwd: string
}>() {}

/**
 * Makes both folders under the system's temporary folder, their paths free of symbolic links, and writes `config` as
 * `config.toml`. When the scope closes they are removed; while a process still writes there the removal is tried again,
 * for at most 5 seconds, and what then remains is left with a warning in the log.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: (options: {
  readonly config: string
}) => Effect.Effect<TemporaryCodexHome["Type"], PlatformError, Scope.Scope> = internal.make

/**
 * A home whose `config.toml` is {@link ScriptedModel.codexConfig} for the scripted model, with `overrides` merged into
 * it. Start the app-server in a layer above this one, so that it ends before its home does.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  overrides?: { readonly [key: string]: ScriptedModel.ConfigValue }
): Layer.Layer<TemporaryCodexHome, PlatformError, ScriptedModel.ScriptedModel> =>
  Layer.scoped(
    TemporaryCodexHome,
    Effect.flatMap(
      ScriptedModel.ScriptedModel,
      ({ baseUrl }) => make({ config: ScriptedModel.codexConfig({ baseUrl, overrides }) })
    )
  )
