/**
 * What a release is made of: `changeset version`, and what follows from the new version elsewhere: the default
 * `clientVersion` of `CodexConfig`, and the lockfile.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { bin, npm, root } from "./commands.mjs"
import { succeed } from "./packages/execute.mjs"

console.log(await succeed([...bin("changeset", "@changesets/cli"), "version"], { cwd: root }))

const { version } = JSON.parse(readFileSync(join(root, "packages", "sdk", "package.json"), "utf8"))
const config = join(root, "packages", "sdk", "src", "CodexConfig.ts")
const before = readFileSync(config, "utf8")
const after = before.replace(/^( {2}clientVersion: )"[^"]*"/m, `$1"${version}"`)
if (!after.includes(`clientVersion: "${version}"`)) throw new Error("CodexConfig has no clientVersion any more")
writeFileSync(config, after)

await succeed([...npm(), "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"], {
  cwd: root,
  bound: 5 * 60_000
})
