import * as Redacted from "effect/Redacted"
import * as Path from "node:path"
import type { CodexBinary } from "../CodexBinary.js"
import type { Options } from "../ProcessTransport.js"

/**
 * What is handed to the system to start the process.
 *
 * @internal
 */
export interface Command {
  readonly file: string
  readonly args: ReadonlyArray<string>
  readonly cwd: string | undefined
  readonly env: Readonly<Record<string, string>>
}

type Environment = Readonly<Record<string, string | undefined>>

// Names of variables have no case on Windows: two spellings in one environment leave it open which of them counts.
const sameName = (platform: string) => (a: string, b: string): boolean =>
  platform === "win32" ? a.toUpperCase() === b.toUpperCase() : a === b

/**
 * Later environments win over earlier ones; `undefined` removes.
 *
 * @internal
 */
export const mergeEnv = (platform: string, environments: ReadonlyArray<Environment>): Record<string, string> => {
  const same = sameName(platform)
  const merged = new Map<string, string>()
  for (const environment of environments) {
    for (const [name, value] of Object.entries(environment)) {
      Array.from(merged.keys()).filter((known) => same(known, name)).forEach((known) => merged.delete(known))
      if (value !== undefined) {
        merged.set(name, value)
      }
    }
  }
  return Object.fromEntries(merged)
}

/**
 * Puts `folders` first on the `PATH`. Where there is none it stays so: with a first entry the system would no longer
 * fall back on its default.
 *
 * @internal
 */
export const prependPath = (
  platform: string,
  env: Readonly<Record<string, string>>,
  folders: ReadonlyArray<string>
): Readonly<Record<string, string>> => {
  const same = sameName(platform)
  const delimiter = platform === "win32" ? ";" : ":"
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) =>
      same(name, "PATH") ? [name, [...folders, value].join(delimiter)] : [name, value]
    )
  )
}

/**
 * Secrets in the clear, as only the process itself is given them.
 *
 * @internal
 */
export const plain = (env: NonNullable<Options["env"]>): Environment =>
  Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, Redacted.isRedacted(value) ? Redacted.value(value) : value])
  )

/** @internal */
export const secrets = (env: NonNullable<Options["env"]>): Array<string> =>
  Object.values(env).flatMap((value) => Redacted.isRedacted(value) ? [Redacted.value(value)] : [])

/**
 * The environment before anything of the binary is added to it.
 *
 * @internal
 */
export const baseEnv = (options: Options): Record<string, string> =>
  mergeEnv(process.platform, [
    options.extendEnv === false ? {} : process.env,
    plain(options.env ?? {}),
    options.codexHome === undefined ? {} : { CODEX_HOME: Path.resolve(options.codexHome) }
  ])

// A string is written as TOML, of which a JSON string is one: bare, "true" or "1.0" would be read as something else.
const configArgs = (config: NonNullable<Options["config"]>): Array<string> =>
  Object.entries(config).flatMap(([name, value]) => ["-c", `${name}=${JSON.stringify(value)}`])

/** @internal */
export const make = (binary: CodexBinary, options: Options): Command => ({
  file: binary.path,
  args: [...configArgs(options.config ?? {}), ...(options.args ?? ["app-server"])],
  cwd: options.cwd,
  env: prependPath(process.platform, baseEnv(options), binary.pathDirs)
})
