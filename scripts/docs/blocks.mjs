/** What is checked: the blocks of TypeScript in the README, in `docs` and in the `@example`s of the published packages. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"

export const root = fileURLToPath(new URL("../../", import.meta.url))

const below = (folder, wanted) =>
  ts.sys.readDirectory(join(root, folder), wanted, ["**/node_modules", "**/dist", "**/build"])
    .map((file) => relative(root, file))

/** The folders of the packages that users install. */
export const published = () =>
  readdirSync(join(root, "packages")).filter((folder) => {
    const manifest = join(root, "packages", folder, "package.json")
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).private !== true
  })

/** The modules of a package that users can import, but for the one that exports them all. */
export const modulesOf = (folder) =>
  readdirSync(join(root, "packages", folder, "src"))
    .filter((name) => name.endsWith(".ts") && name !== "index.ts")
    .map((name) => join("packages", folder, "src", name))

const readmes = () =>
  published().map((folder) => join("packages", folder, "README.md")).filter((file) => existsSync(join(root, file)))

export const pages = () => ["README.md", "CONTRIBUTING.md", ...readmes(), ...below("docs", [".md"])]

const sources = () => [...pages(), ...published().flatMap((folder) => below(`packages/${folder}/src`, [".ts"]))]

/**
 * A fence that says `ts run` is run as well; a fence `text` right below it is what it prints. Comment stars are
 * blanked, so that positions stay those of the file.
 */
const blocksOf = (file) => {
  const text = readFileSync(join(root, file), "utf8")
  const plain = file.endsWith(".ts") ? text.replace(/^( *)\*( |$)/gm, "$1 $2") : text
  const fence = /^ *```ts( run)?\n([\s\S]*?)^ *```$(?:\n\n```text\n([\s\S]*?)^```$)?/gm
  return Array.from(plain.matchAll(fence), (match) => ({
    file,
    line: plain.slice(0, match.index).split("\n").length,
    runs: match[1] !== undefined,
    code: match[2],
    prints: match[1] === undefined ? undefined : match[3]
  }))
}

/**
 * Those of the files named, or all of them, by the path that each would have as a source of the examples, which may
 * import every package.
 */
export const blocks = (files) =>
  new Map(
    (files.length === 0 ? sources() : files).flatMap(blocksOf)
      .map((block, index) => [join(root, "packages/examples/src", `block${index}.ts`), block])
  )
