import * as CodexError from "@effect-codex/sdk/CodexError"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import type { CodexBinary } from "../CodexBinary.js"
import * as CodexOnPath from "./codexOnPath.js"
import { binaryFrom, type Host, layoutOf, problemWith, type Tried } from "./codexPackage.js"

const OwnManifest = Schema.parseJson(Schema.Struct({
  optionalDependencies: Schema.Struct({ "@openai/codex": Schema.String })
}))

/** The install command with the version this package is tested against; without one where a bundler left it behind. */
const fix = (): string => {
  try {
    const text = Fs.readFileSync(new URL("../../package.json", import.meta.url), "utf8")
    return Option.match(Schema.decodeUnknownOption(OwnManifest)(text), {
      onNone: () => "npm install @openai/codex",
      onSome: (manifest) => `npm install @openai/codex@${manifest.optionalDependencies["@openai/codex"]}`
    })
  } catch {
    return "npm install @openai/codex"
  }
}

/** The links are followed: what stands beside the binary stands beside the file itself. */
const describe = (path: string, source: CodexBinary["source"]): CodexBinary => {
  const { pathDirs, version } = layoutOf(Fs.realpathSync(path))
  return { path, source, pathDirs, ...(version === undefined ? {} : { version }) }
}

/** @internal */
export const host = (env: Readonly<Record<string, string | undefined>>): Host => ({
  platform: process.platform,
  arch: process.arch,
  env,
  roots: [fileURLToPath(import.meta.url), Path.join(process.cwd(), "package.json")]
})

/** @internal */
export const explicit = (binary: string): Effect.Effect<CodexBinary, CodexError.BinaryNotFound> =>
  Effect.suspend(() => {
    const path = Path.resolve(binary)
    const problem = problemWith(path)
    return problem === undefined
      ? Effect.succeed(describe(path, "explicit"))
      : Effect.fail(new CodexError.BinaryNotFound({ tried: [{ place: path, problem }], fix: fix() }))
  })

/** @internal */
export const search = (host: Host): Effect.Effect<CodexBinary, CodexError.BinaryNotFound> =>
  Effect.suspend(() => {
    const tried: Array<Tried> = []
    for (const root of host.roots) {
      const packaged = binaryFrom(host, root, tried)
      if (packaged !== undefined) {
        return Effect.succeed(describe(packaged, "package"))
      }
    }
    const onPath = CodexOnPath.find(host, tried)
    return onPath === undefined
      ? Effect.fail(new CodexError.BinaryNotFound({ tried, fix: fix() }))
      : Effect.succeed(describe(onPath, "PATH"))
  })
