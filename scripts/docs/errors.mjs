/** `docs/errors.md` has a row for every error that the packages export, and the row names each of its fields. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import ts from "typescript"
import { modulesOf, published, root } from "./blocks.mjs"

const page = "docs/errors.md"

/** What every error has is told once, above the tables. */
const common = new Set(["_tag", "name", "message", "stack", "toString", "toJSON", "pipe", "commit"])

/** The classes of errors with a tag that a module exports, with the names of their own fields. */
const errorsOf = (checker, file) => {
  const symbol = checker.getSymbolAtLocation(file)
  if (symbol === undefined) return []
  return checker.getExportsOfModule(symbol).flatMap((exported) => {
    const original = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    if (!(original.flags & ts.SymbolFlags.Class)) return []
    const declaration = original.valueDeclaration
    if (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Abstract) return []
    const type = checker.getDeclaredTypeOfSymbol(original)
    const fields = checker.getPropertiesOfType(type)
    const names = fields.map(({ name }) => name)
    if (!["_tag", "message", "stack"].every((name) => names.includes(name))) return []
    const own = fields.filter((field) =>
      !common.has(field.name) && !field.name.startsWith("__") && !field.name.startsWith("#") &&
      // `Error` has a cause of its own; it counts where the class declares one.
      !field.declarations?.every((declared) => declared.getSourceFile().fileName.includes("/typescript/lib/"))
    )
    return [{ name: exported.name, fields: own.map(({ name }) => name) }]
  })
}

export const problemsOfErrors = (program) => {
  const checker = program.getTypeChecker()
  const rows = readFileSync(join(root, page), "utf8").split("\n").filter((line) => line.startsWith("| `"))
  const problems = []
  let found = 0
  for (const folder of published()) {
    for (const module of modulesOf(folder)) {
      for (const { fields, name } of errorsOf(checker, program.getSourceFile(join(root, module)))) {
        found++
        const own = rows.filter((row) => row.startsWith(`| \`${name}\``))
        if (own.length === 0) {
          problems.push(`${page}: no row for ${name}, which ${module} exports`)
          continue
        }
        for (const field of fields) {
          // Plain TypeScript has durations in milliseconds, and says so in their names.
          const spelled = [field, field.replace(/Ms$/, "")].map((word) => `\`${word}\``)
          if (!own.some((row) => spelled.some((word) => row.includes(word)))) {
            problems.push(`${page}: the row for ${name} does not name \`${field}\` (${module})`)
          }
        }
      }
    }
  }
  if (found === 0) problems.push(`${page}: no error was found in the packages: the search is broken`)
  return Array.from(new Set(problems))
}
