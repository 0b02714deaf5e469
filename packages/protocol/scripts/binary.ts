import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Os from "node:os"
import * as Path from "node:path"

const nodePackage = Path.resolve(import.meta.dirname, "../../node/package.json")

const readJson = <A>(path: string): A => JSON.parse(Fs.readFileSync(path, "utf8")) as A

/** The version of codex that `@effect-codex/node` depends on, and the protocol is generated from. */
export const pinnedVersion = (): string => {
  const manifest = readJson<{ readonly optionalDependencies?: Readonly<Record<string, string>> }>(nodePackage)
  const version = manifest.optionalDependencies?.["@openai/codex"]
  if (version === undefined) throw new Error(`${nodePackage} does not pin @openai/codex in optionalDependencies`)
  return version
}

/** The codex executable for this platform, which must be of the pinned version. */
export const findBinary = (version: string): string => {
  const launcher = createRequire(nodePackage).resolve("@openai/codex/package.json")
  const platformManifest = createRequire(launcher).resolve(
    `@openai/codex-${process.platform}-${process.arch}/package.json`
  )
  const vendor = Path.join(Path.dirname(platformManifest), "vendor")
  for (const target of Fs.readdirSync(vendor)) {
    const description = Path.join(vendor, target, "codex-package.json")
    if (!Fs.existsSync(description)) continue
    const found = readJson<{ readonly version: string; readonly entrypoint: string }>(description)
    if (found.version !== version) {
      throw new Error(`the pinned codex is ${version}, the installed one ${found.version}: run npm install`)
    }
    return Path.join(vendor, target, found.entrypoint)
  }
  throw new Error(`no codex executable under ${vendor}`)
}

/** Has the binary write its own JSON Schemas into a temporary directory, which `use` reads and which is then removed. */
export const withSchemas = <A>(binary: string, experimental: boolean, use: (directory: string) => A): A => {
  const directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "codex-schema-"))
  try {
    const flags = experimental ? ["--experimental"] : []
    execFileSync(binary, ["app-server", "generate-json-schema", ...flags, "--out", directory], { stdio: "ignore" })
    return use(directory)
  } finally {
    Fs.rmSync(directory, { recursive: true, force: true })
  }
}

export const readSchema = <A>(directory: string, name: string): A => readJson<A>(Path.join(directory, `${name}.json`))
