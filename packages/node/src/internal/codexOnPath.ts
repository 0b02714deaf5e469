import * as Fs from "node:fs"
import * as Path from "node:path"
import { binaryFrom, type Host, problemWith, type Tried } from "./codexPackage.js"

const launcherPath = /[\\/]@openai[\\/]codex[\\/]bin[\\/]codex\.js$/

// The scripts that npm and pnpm put into a folder of commands name the launcher relative to themselves.
const shimTarget = /(?:\$basedir|%~?dp0%?)[\\/]+([^"'\r\n]*@openai[\\/]codex[\\/]bin[\\/]codex\.js)/

// Large enough for every shim, small enough to read of a binary of hundreds of megabytes.
const headBytes = 8192

const head = (path: string): string => {
  const file = Fs.openSync(path, "r")
  try {
    const buffer = Buffer.alloc(headBytes)
    return buffer.toString("latin1", 0, Fs.readSync(file, buffer, 0, headBytes, 0))
  } finally {
    Fs.closeSync(file)
  }
}

/**
 * The launcher `bin/codex.js` that stands behind a command, where it is one that a package manager made. A script of
 * the user's own is not looked through: it may be there for a reason.
 */
const launcherBehind = (command: string): string | undefined => {
  try {
    const real = Fs.realpathSync(command)
    if (launcherPath.test(real)) {
      return real
    }
    const target = shimTarget.exec(head(command))?.[1]
    return target === undefined ? undefined : Path.resolve(Path.dirname(command), target.replaceAll("\\", "/"))
  } catch {
    return undefined
  }
}

/**
 * The file names `codex` may have, in the order in which the system would try them.
 *
 * @internal
 */
export const commandNames = (host: Host): ReadonlyArray<string> =>
  host.platform === "win32"
    ? (host.env.PATHEXT ?? ".COM;.EXE;.BAT;.CMD").split(";").filter((extension) => extension !== "").map((extension) =>
      `codex${extension.toLowerCase()}`
    )
    : ["codex"]

const pathOf = (host: Host): string =>
  Object.entries(host.env).find(([name]) => host.platform === "win32" ? name.toUpperCase() === "PATH" : name === "PATH")
    ?.[1] ?? ""

/**
 * The binary that `codex` on `PATH` stands for. What was looked at in vain is added to `tried`.
 *
 * @internal
 */
export const find = (host: Host, tried: Array<Tried>): string | undefined => {
  const folders = new Set(pathOf(host).split(host.platform === "win32" ? ";" : ":").filter((folder) => folder !== ""))
  if (folders.size === 0) {
    tried.push({ place: "PATH", problem: "it is empty" })
  }
  for (const folder of folders) {
    for (const name of commandNames(host)) {
      const command = Path.resolve(folder, name)
      const problem = problemWith(command)
      if (problem !== undefined) {
        tried.push({ place: command, problem })
        continue
      }
      const launcher = launcherBehind(command)
      const binary = launcher === undefined ? undefined : binaryFrom(host, launcher, tried)
      if (binary !== undefined) {
        return binary
      }
      if (host.platform !== "win32" || /\.(exe|com)$/i.test(name)) {
        return command
      }
      tried.push({ place: command, problem: "a command script, which cannot be started without a shell" })
    }
  }
  return undefined
}
