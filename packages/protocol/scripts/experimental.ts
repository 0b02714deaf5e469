import type { Definition, Type } from "./model.js"
import { namesIn } from "./model.js"
import type { DefinitionTable } from "./reachability.js"

/**
 * The members of a definition that only the experimental protocol has, as paths: `a.b` for a member of a member,
 * `a[].b` for one of an array's elements, `a.*.b` for one of a map's values.
 */
export const experimentalFields = (
  root: string,
  definitions: DefinitionTable,
  stable: DefinitionTable
): ReadonlyArray<string> => {
  const found = new Set<string>()

  const visitDefinition = (name: string, path: string, above: ReadonlyArray<string>): void => {
    const before = stable.get(name)
    const after = definitions.get(name)
    // A recursive definition says everything on its first level.
    if (before === undefined || after === undefined || above.includes(name)) return
    if (!differs(after, definitions, stable, new Set())) return
    visit(before.type, after.type, path, [...above, name])
  }

  const visit = (before: Type, after: Type, path: string, above: ReadonlyArray<string>): void => {
    if (after.kind === "ref") return visitDefinition(after.name, path, above)
    if (after.kind === "nullable") return visit(before.kind === "nullable" ? before.of : before, after.of, path, above)
    if (after.kind === "array" && before.kind === "array") return visit(before.items, after.items, `${path}[]`, above)
    if (after.kind === "map" && before.kind === "map") return visit(before.values, after.values, `${path}.*`, above)
    if (after.kind === "struct" && before.kind === "struct") {
      for (const member of after.members) {
        const known = before.members.find(({ name }) => name === member.name)
        const inner = path === "" ? member.name : `${path}.${member.name}`
        if (known === undefined) found.add(inner)
        else visit(known.type, member.type, inner, above)
      }
    }
    if (after.kind === "union" && before.kind === "union") {
      if (after.members.length !== before.members.length) {
        throw new Error(`${root}: the union at "${path}" has experimental branches, which the generator can't name`)
      }
      after.members.forEach((member, index) => visit(before.members[index] ?? member, member, path, above))
    }
    if (after.kind === "enum" && before.kind === "enum" && after.values.length !== before.values.length) {
      throw new Error(`${root}: the enum at "${path}" has experimental values, which the generator can't name`)
    }
  }

  visitDefinition(root, "", [])
  return [...found].sort()
}

const differs = (
  definition: Definition,
  definitions: DefinitionTable,
  stable: DefinitionTable,
  seen: Set<string>
): boolean => {
  if (seen.has(definition.name)) return false
  seen.add(definition.name)
  const before = stable.get(definition.name)
  if (before === undefined) return false
  if (JSON.stringify(before.type) !== JSON.stringify(definition.type)) return true
  return namesIn(definition.type).some((name) => {
    const part = definitions.get(name)
    return part !== undefined && differs(part, definitions, stable, seen)
  })
}
