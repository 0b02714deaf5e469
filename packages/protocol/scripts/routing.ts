import type { Definition, Member, Type } from "./model.js"
import type { DefinitionTable } from "./reachability.js"
import * as Reviewed from "./reviewed.js"

export type Scope = "turn" | "thread" | "operation" | "connection"

export type Path = ReadonlyArray<string>

export interface Routing {
  readonly scope: Scope
  readonly threadId: Path | undefined
  readonly turnId: Path | undefined
  readonly operationId: Path | undefined
}

export interface Delta {
  readonly text: string
  readonly sameBy: ReadonlyArray<string>
}

/** The members of an object definition, those beside a union's branches included. */
export const membersOf = (definition: Definition | undefined): ReadonlyArray<Member> => {
  if (definition === undefined) return []
  if (definition.type.kind === "struct") return definition.type.members
  if (definition.type.kind !== "union") return []
  const branches = definition.type.members.map((type) => type.kind === "struct" ? type.members : [])
  const [first = [], ...rest] = branches
  return first.filter((member) => rest.every((branch) => branch.some(({ name }) => name === member.name)))
}

const plain = (type: Type, definitions: DefinitionTable): Type => {
  if (type.kind === "nullable") return plain(type.of, definitions)
  const target = type.kind === "ref" ? definitions.get(type.name)?.type : undefined
  return target === undefined ? type : plain(target, definitions)
}

/** Where an id stands: as `threadId`, or as the `id` of a whole `thread`. */
const idPath = (
  members: ReadonlyArray<Member>,
  entity: "thread" | "turn",
  definitions: DefinitionTable
): Path | undefined => {
  for (const { name, type } of members) {
    const target = plain(type, definitions)
    if (name === `${entity}Id` && target.kind === "string") return [name]
    if (name === entity && target.kind === "struct" && target.members.some((member) => member.name === "id")) {
      return [name, "id"]
    }
  }
  return undefined
}

/** The thread and the turn that a message's params name. */
export const idsOf = (
  params: string | undefined,
  definitions: DefinitionTable
): Pick<Routing, "threadId" | "turnId"> => {
  const members = membersOf(definitions.get(params ?? ""))
  return { threadId: idPath(members, "thread", definitions), turnId: idPath(members, "turn", definitions) }
}

export const routingOf = (method: string, params: string | undefined, definitions: DefinitionTable): Routing => {
  const members = membersOf(definitions.get(params ?? ""))
  const ids = idsOf(params, definitions)
  const operation = members.find(({ name }) => Reviewed.operationIds.has(name))
  if (Reviewed.connectionScoped.has(method)) return { scope: "connection", ...ids, operationId: undefined }
  if (ids.turnId !== undefined) return { scope: "turn", ...ids, operationId: undefined }
  if (operation !== undefined) return { scope: "operation", ...ids, operationId: [operation.name] }
  if (ids.threadId !== undefined) return { scope: "thread", ...ids, operationId: undefined }
  for (const { name } of members) {
    if (/(Id|Handle)$/.test(name) && !Reviewed.otherIds.has(name)) {
      throw new Error(`${method}: is ${name} the id of an operation? Add it to reviewed.ts`)
    }
  }
  return { scope: "connection", ...ids, operationId: undefined }
}

/**
 * A notification carries a piece of a text when it has a string `delta`. Two of them may be joined when all that
 * stands beside it is equal; so it must be all strings and numbers.
 */
export const deltaOf = (params: string | undefined, definitions: DefinitionTable): Delta | undefined => {
  const members = membersOf(definitions.get(params ?? ""))
  const text = members.find(({ name, optional, type }) => name === "delta" && !optional && type.kind === "string")
  if (text === undefined) return undefined
  const others = members.filter((member) => member !== text)
  for (const { name, type } of others) {
    const kind = plain(type, definitions).kind
    if (kind !== "string" && kind !== "number" && kind !== "enum") {
      throw new Error(`${params}.${name} is a ${kind}: can two deltas that differ in it be told apart?`)
    }
  }
  return { text: text.name, sameBy: others.map(({ name }) => name) }
}
