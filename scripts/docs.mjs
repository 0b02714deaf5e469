/**
 * Compiles every `ts` block of the README, of `docs` and of the `@example`s in the packages' sources, so that what a
 * reader copies works. A block that continues another one is written out whole.
 */
import { readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"

const root = fileURLToPath(new URL("../", import.meta.url))

const sources = () => {
  const found = ["README.md"]
  const walk = (folder, wanted) => {
    for (const entry of ts.sys.readDirectory(join(root, folder), wanted, ["**/node_modules", "**/dist", "**/build"])) {
      found.push(relative(root, entry))
    }
  }
  walk("docs", [".md"])
  for (const name of ["sdk", "node", "testing", "ai", "promise"]) walk(`packages/${name}/src`, [".ts"])
  return found
}

/** Comment stars are blanked, so that positions stay those of the file. */
const blocksOf = (file) => {
  const text = readFileSync(join(root, file), "utf8")
  const plain = file.endsWith(".ts") ? text.replace(/^( *)\*( |$)/gm, "$1 $2") : text
  return Array.from(plain.matchAll(/^ *```ts\n([\s\S]*?)^ *```$/gm), (match) => ({
    file,
    line: plain.slice(0, match.index).split("\n").length,
    code: match[1]
  }))
}

const blocks = new Map()
for (const [index, block] of sources().flatMap(blocksOf).entries()) {
  blocks.set(join(root, "packages/examples/src", `block${index}.ts`), block)
}
if (blocks.size === 0) {
  console.error("No block was found: the search is broken.")
  process.exit(1)
}

const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile)
const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
Object.assign(options, { composite: false, incremental: false, noEmit: true, noUnusedLocals: false, plugins: [] })

const host = ts.createCompilerHost(options)
const { fileExists, getSourceFile } = host
host.fileExists = (file) => blocks.has(file) || fileExists(file)
host.getSourceFile = (file, version, ...rest) =>
  blocks.has(file)
    ? ts.createSourceFile(file, blocks.get(file).code, version, true)
    : getSourceFile(file, version, ...rest)

const program = ts.createProgram(Array.from(blocks.keys()), options, host)
let problems = 0
for (const [path, block] of blocks) {
  const file = program.getSourceFile(path)
  for (
    const { messageText, start } of [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
  ) {
    const line = block.line + 1 + file.getLineAndCharacterOfPosition(start ?? 0).line
    console.error(`${block.file}:${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`)
    problems++
  }
}
console.log(`${blocks.size} blocks, ${problems} problems`)
process.exit(problems === 0 ? 0 : 1)
