/** On what and with what a run was made. */
import { PROTOCOL_VERSION } from "@effect-codex/protocol/ProtocolVersion"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Os from "node:os"
import * as Path from "node:path"
import * as AiSdk from "./aiSdk.js"

const require = createRequire(import.meta.url)

/** Not every package lets its manifest be resolved, so it is looked for above its entry. */
const versionOf = (name: string): string => {
  for (const folder of require.resolve.paths(name) ?? []) {
    const manifest = Path.join(folder, name, "package.json")
    if (Fs.existsSync(manifest)) {
      return String(JSON.parse(Fs.readFileSync(manifest, "utf8")).version)
    }
  }
  return "unknown"
}

const packages = ["effect", "vscode-jsonrpc", "@openai/codex-sdk", "typescript"]

/** How busy the machine is: what else runs on it makes every figure worse, and the spread wider. */
export const load = (): string => Os.loadavg().slice(0, 1).map((load) => load.toFixed(1)).join()

export const machine = (loadBefore: string): string => {
  const [cpu] = Os.cpus()
  const versions = packages.map((name) => `${name} ${versionOf(name)}`)
  return [
    `${new Date().toISOString().slice(0, 10)}, ${Os.cpus().length} x ${cpu?.model.trim() ?? "an unknown processor"}, ` +
    `${Math.round(Os.totalmem() / 1024 ** 3)} GB, ${Os.type()} ${Os.release()}; Node.js ${process.versions.node}, ` +
    `codex ${PROTOCOL_VERSION}, ${versions.join(", ")}, ai-sdk-provider-codex-cli ${AiSdk.version}.`,
    `Load of the machine: ${loadBefore} before, ${load()} at the end.`
  ].join(" ")
}
