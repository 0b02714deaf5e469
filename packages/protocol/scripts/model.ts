/** What the generator understands of a definition, free of the ways JSON Schema has to say it. */
export type Type =
  | { readonly kind: "unknown" }
  | { readonly kind: "null" }
  | { readonly kind: "boolean" }
  | { readonly kind: "string"; readonly nonEmpty: boolean }
  | { readonly kind: "number"; readonly range: NumberRange }
  | { readonly kind: "enum"; readonly values: ReadonlyArray<string>; readonly closed: boolean }
  | { readonly kind: "ref"; readonly name: string }
  | { readonly kind: "array"; readonly items: Type }
  | { readonly kind: "map"; readonly values: Type }
  | { readonly kind: "nullable"; readonly of: Type }
  | StructType
  | UnionType

/** The numbers we may send; a server may send any. */
export interface NumberRange {
  readonly integer: boolean
  readonly minimum: number | undefined
  readonly maximum: number | undefined
}

export interface StructType {
  readonly kind: "struct"
  readonly description: string | undefined
  readonly members: ReadonlyArray<Member>
  /** Whether members beyond the named ones are part of the type. */
  readonly rest: boolean
}

export interface Member {
  readonly name: string
  readonly type: Type
  readonly optional: boolean
  /** Required, but only by newer servers: an older one may not send it. */
  readonly late: boolean
  readonly description: string | undefined
}

/** Whether the member may be missing, in what the server sends (`open`) or in what we send (`closed`). */
export const isOptional = (member: Member, form: "open" | "closed"): boolean =>
  member.optional || (form === "open" && member.late)

export interface UnionType {
  readonly kind: "union"
  readonly members: ReadonlyArray<Type>
  readonly discriminant: Discriminant | undefined
}

/**
 * How the object members of a union are told apart: by the value of one member (`tag`), or by which members are
 * there (`keys`, one list a member of the union).
 */
export type Discriminant =
  | { readonly by: "tag"; readonly tag: string; readonly known: ReadonlyArray<string> }
  | { readonly by: "keys"; readonly known: ReadonlyArray<ReadonlyArray<string>> }

export interface Definition {
  readonly name: string
  readonly description: string | undefined
  readonly type: Type
}

export const unknownType: Type = { kind: "unknown" }

export const nullable = (of: Type): Type =>
  of.kind === "nullable" || of.kind === "unknown" || of.kind === "null" ? of : { kind: "nullable", of }

/** The direct parts of a type. */
export const partsOf = (type: Type): ReadonlyArray<Type> => {
  switch (type.kind) {
    case "array":
      return [type.items]
    case "map":
      return [type.values]
    case "nullable":
      return [type.of]
    case "struct":
      return type.members.map((member) => member.type)
    case "union":
      return type.members
    default:
      return []
  }
}

/** The definitions a type refers to. */
export const namesIn = (type: Type): ReadonlyArray<string> =>
  type.kind === "ref" ? [type.name] : partsOf(type).flatMap(namesIn)
