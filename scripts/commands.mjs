/** What the scripts start. On Windows `npm` and what is in `.bin` are batch files, which no `spawn` without a shell takes. */
import { existsSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../", import.meta.url))

/** A program that an installed package brings, run by this Node. */
export const bin = (name, owner = name) => {
  const folder = join(root, "node_modules", owner)
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  return [process.execPath, join(folder, typeof bin === "string" ? bin : bin[name])]
}

/** npm itself: the one that runs this script, else the one that came with Node. */
export const npm = () => {
  const { npm_execpath: running = "" } = process.env
  if (basename(running) === "npm-cli.js") return [process.execPath, running]
  const shipped = join(dirname(process.execPath), "node_modules", "npm", "bin", "npm-cli.js")
  return existsSync(shipped) ? [process.execPath, shipped] : ["npm"]
}
