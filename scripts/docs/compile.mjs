/** One program of all blocks, without a file of theirs on the disk. */
import { join } from "node:path"
import ts from "typescript"
import { modulesOf, published, root } from "./blocks.mjs"

export const programOf = (blocks) => {
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

  const modules = published().flatMap(modulesOf).map((file) => join(root, file))
  return ts.createProgram([...blocks.keys(), ...modules], options, host)
}

export const problemsOfTypes = (program, blocks) =>
  Array.from(blocks).flatMap(([path, block]) => {
    const file = program.getSourceFile(path)
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
    return found.map(({ messageText, start }) => {
      const line = block.line + 1 + file.getLineAndCharacterOfPosition(start ?? 0).line
      return `${block.file}:${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`
    })
  })
