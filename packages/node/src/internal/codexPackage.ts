import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Path from "node:path"

/**
 * Where a program runs and what it sees: everything the search for the binary depends on.
 *
 * @internal
 */
export interface Host {
  readonly platform: string
  readonly arch: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Files from which packages are resolved, in order; a file need not exist, its folder is what counts. */
  readonly roots: ReadonlyArray<string>
}

/** @internal */
export interface Tried {
  readonly place: string
  readonly problem: string
}

/**
 * What stands around a binary in its package.
 *
 * @internal
 */
export interface Layout {
  readonly pathDirs: ReadonlyArray<string>
  readonly version: string | undefined
}

const osNames: Readonly<Record<string, { readonly name: string; readonly triple: string }>> = {
  android: { name: "linux", triple: "unknown-linux-musl" },
  darwin: { name: "darwin", triple: "apple-darwin" },
  linux: { name: "linux", triple: "unknown-linux-musl" },
  win32: { name: "win32", triple: "pc-windows-msvc" }
}

const archNames: Readonly<Record<string, string>> = { arm64: "aarch64", x64: "x86_64" }

const Manifest = Schema.parseJson(Schema.Struct({
  version: Schema.optional(Schema.String),
  pathDir: Schema.optional(Schema.String)
}))

const decodeManifest = Schema.decodeUnknownOption(Manifest)

/**
 * Why `path` cannot be run, or `undefined` where it can.
 *
 * @internal
 */
export const problemWith = (path: string): string | undefined => {
  try {
    if (!Fs.statSync(path).isFile()) {
      return "not a file"
    }
  } catch {
    return "no such file"
  }
  try {
    Fs.accessSync(path, Fs.constants.X_OK)
    return undefined
  } catch {
    return "not executable by this user"
  }
}

/** @internal */
export const executableName = (host: Host): string => host.platform === "win32" ? "codex.exe" : "codex"

const isDirectory = (path: string): boolean => Fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

const readManifest = (path: string): Option.Option<typeof Manifest.Type> => {
  try {
    return decodeManifest(Fs.readFileSync(path, "utf8"))
  } catch {
    return Option.none()
  }
}

/**
 * Reads what stands beside a binary: `<root>/bin/codex` with `codex-package.json` and `codex-path`, or, before that
 * layout, `<root>/codex/codex` with `path`.
 *
 * @internal
 */
export const layoutOf = (binary: string): Layout => {
  const folder = Path.dirname(binary)
  const root = Path.dirname(folder)
  const manifest = Option.getOrUndefined(readManifest(Path.join(root, "codex-package.json")))
  const pathDir = Path.join(root, manifest?.pathDir ?? (Path.basename(folder) === "codex" ? "path" : "codex-path"))
  return { pathDirs: isDirectory(pathDir) ? [pathDir] : [], version: manifest?.version }
}

const resolveFrom = (root: string, specifier: string): string | undefined => {
  try {
    return createRequire(root).resolve(specifier)
  } catch {
    return undefined
  }
}

/**
 * The binary that the installed `@openai/codex` holds, as it is seen from `root`. What was looked at in vain is added
 * to `tried`.
 *
 * The platform package is found by its folder, never by the name in its `package.json`: it is installed under an alias
 * of `@openai/codex`.
 *
 * @internal
 */
export const binaryFrom = (host: Host, root: string, tried: Array<Tried>): string | undefined => {
  const os = osNames[host.platform]
  const arch = archNames[host.arch]
  if (os === undefined || arch === undefined) {
    tried.push({ place: "@openai/codex", problem: `it has no binary for ${host.platform}-${host.arch}` })
    return undefined
  }
  const launcher = resolveFrom(root, "@openai/codex/package.json")
  const platformName = `@openai/codex-${os.name}-${host.arch}`
  const platform = resolveFrom(launcher ?? root, `${platformName}/package.json`)
  if (launcher === undefined && platform === undefined) {
    tried.push({ place: `@openai/codex, resolved from ${root}`, problem: "not installed" })
    return undefined
  }
  if (platform === undefined) {
    tried.push({ place: `${platformName}, resolved from ${launcher ?? root}`, problem: "not installed" })
  }
  const executable = executableName(host)
  for (const manifest of [platform, launcher]) {
    if (manifest === undefined) continue
    const vendor = Path.join(Path.dirname(manifest), "vendor", `${arch}-${os.triple}`)
    for (const binary of [Path.join(vendor, "bin", executable), Path.join(vendor, "codex", executable)]) {
      const problem = problemWith(binary)
      if (problem === undefined) {
        return binary
      }
      if (!tried.some(({ place }) => place === binary)) {
        tried.push({ place: binary, problem })
      }
    }
  }
  return undefined
}
