import { emitDefinition } from "./emitDefinitions.js"
import type { Definition } from "./model.js"
import { namesIn } from "./model.js"

export type DefinitionTable = ReadonlyMap<string, Definition>

/** The given definitions and all that they refer to. */
export const reachable = (definitions: DefinitionTable, roots: Iterable<string>): ReadonlySet<string> => {
  const seen = new Set<string>()
  const open = [...roots]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const definition = definitions.get(name)
    if (definition === undefined) throw new Error(`no definition named ${name}`)
    if (seen.has(name)) continue
    seen.add(name)
    open.push(...namesIn(definition.type))
  }
  return seen
}

/** The definitions of both directions that come out the same in both forms, as does all that they refer to. */
export const sharedDefinitions = (
  definitions: DefinitionTable,
  server: ReadonlySet<string>,
  client: ReadonlySet<string>
): ReadonlySet<string> => {
  const shared = new Set(
    [...definitions.values()]
      .filter(({ name }) => server.has(name) && client.has(name))
      .filter((definition) => emitDefinition(definition, "open") === emitDefinition(definition, "closed"))
      .map(({ name }) => name)
  )
  for (let size = -1; size !== shared.size;) {
    size = shared.size
    for (const name of shared) {
      const definition = definitions.get(name)
      if (definition !== undefined && !namesIn(definition.type).every((part) => shared.has(part))) shared.delete(name)
    }
  }
  return shared
}
