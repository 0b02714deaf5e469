/**
 * Writes the package's sources from the protocol that the pinned codex describes. `--check` writes nothing and exits
 * with 1, naming the files, when one is not what would be written.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { findBinary, pinnedVersion } from "./binary.js"
import { generate } from "./files.js"

const packageFolder = Path.resolve(import.meta.dirname, "..")

const current = (file: string): string | undefined =>
  Fs.existsSync(Path.join(packageFolder, file)) ? Fs.readFileSync(Path.join(packageFolder, file), "utf8") : undefined

const version = pinnedVersion()
const files = generate(findBinary(version), version)
const changed = [...files].filter(([file, text]) => current(file) !== text)

if (!process.argv.includes("--check")) {
  for (const [file, text] of changed) Fs.writeFileSync(Path.join(packageFolder, file), text)
  console.log(`codex ${version}: ${files.size} files, ${changed.length} changed`)
} else if (changed.length === 0) {
  console.log(`codex ${version}: ${files.size} files, all as generated`)
} else {
  for (const [file] of changed) {
    console.error(`${Path.join("packages/protocol", file)} is not what \`npm run generate\` writes`)
  }
  process.exitCode = 1
}
