import { isReadonlyRecord as isRecord } from "effect/Predicate"

/** @internal */
export interface JsonSchema {
  readonly [keyword: string]: unknown
}

/**
 * A value as the encoded side of the Schema has it, and in how many places it is not what was asked for.
 *
 * @internal
 */
export interface Restored {
  readonly value: unknown
  readonly misfits: number
}

/**
 * A part of what is asked for: the JSON Schema that the model is held to, and the way back from what it writes. The two
 * differ where a strict API cannot say what the Schema says.
 *
 * @internal
 */
export interface Shape {
  /** To be called once every definition is there. */
  readonly schema: () => JsonSchema
  /** Whether `null` is one of its values. */
  readonly nullable: () => boolean
  readonly restore: (value: unknown) => Restored
}

/**
 * A scalar, which is written as it is.
 *
 * @internal
 */
export const scalar = (schema: JsonSchema, accepts: (value: unknown) => boolean): Shape => ({
  schema: () => schema,
  nullable: () => accepts(null),
  restore: (value) => ({ value, misfits: accepts(value) ? 0 : 1 })
})

/** @internal */
export const array = (element: Shape, annotations: JsonSchema): Shape => ({
  schema: () => ({ ...annotations, type: "array", items: element.schema() }),
  nullable: () => false,
  restore(value) {
    if (!Array.isArray(value)) {
      return { value, misfits: 1 }
    }
    const elements = value.map(element.restore)
    return { value: elements.map(({ value }) => value), misfits: total(elements) }
  }
})

/** @internal */
export interface Member {
  readonly shape: Shape
  readonly optional: boolean
}

/**
 * An object of these members. All of them are asked for, and one that is optional is `null` in place of absent, unless
 * `null` is a value of its own.
 *
 * @internal
 */
export const object = (members: ReadonlyMap<string, Member>, annotations: JsonSchema): Shape => ({
  schema: () => ({
    ...annotations,
    type: "object",
    properties: Object.fromEntries(
      Array.from(members, ([name, member]) => [name, isNullInPlace(member) ? orNull(member) : member.shape.schema()])
    ),
    required: Array.from(members.keys()),
    additionalProperties: false
  }),
  nullable: () => false,
  restore(value) {
    if (!isRecord(value)) {
      return { value, misfits: 1 }
    }
    const restored = Object.entries(value).flatMap(([name, content]): Array<Restored & { readonly name: string }> => {
      const member = members.get(name)
      if (member === undefined) {
        return [{ name, value: content, misfits: 1 }]
      }
      return content === null && isNullInPlace(member) ? [] : [{ name, ...member.shape.restore(content) }]
    })
    const missing = Array.from(members).filter(([name, { optional }]) => !optional && !Object.hasOwn(value, name))
    return {
      value: Object.fromEntries(restored.map(({ name, value }) => [name, value])),
      misfits: total(restored) + missing.length
    }
  }
})

const isNullInPlace = ({ optional, shape }: Member): boolean => optional && !shape.nullable()

const orNull = ({ shape }: Member): JsonSchema => {
  const schema = shape.schema()
  return Array.isArray(schema["anyOf"])
    ? { ...schema, anyOf: [...schema["anyOf"], { type: "null" }] }
    : { anyOf: [schema, { type: "null" }] }
}

/**
 * A tuple, as an object that has its elements by their index: arrays have elements of one kind only.
 *
 * @internal
 */
export const tuple = (elements: ReadonlyArray<Member>, annotations: JsonSchema): Shape => {
  const members = object(new Map(elements.map((element, index) => [String(index), element])), annotations)
  return {
    ...members,
    restore(value) {
      const restored = members.restore(value)
      if (!isRecord(value) || !isRecord(restored.value)) {
        return restored
      }
      const byIndex = restored.value
      let length = elements.length
      while (length > 0 && !Object.hasOwn(byIndex, length - 1)) {
        length--
      }
      return { ...restored, value: Array.from({ length }, (_, index) => byIndex[index]) }
    }
  }
}

/**
 * A record, as an array of its entries: objects have members that are known beforehand only.
 *
 * @internal
 */
export const record = (value: Shape, annotations: JsonSchema): Shape => {
  const key = scalar({ type: "string" }, (value) => typeof value === "string")
  const entry = object(
    new Map([["key", { shape: key, optional: false }], ["value", { shape: value, optional: false }]]),
    {}
  )
  const entries = array(entry, annotations)
  return {
    ...entries,
    restore(value) {
      const restored = entries.restore(value)
      return Array.isArray(restored.value) && restored.value.every(isEntry)
        ? { ...restored, value: Object.fromEntries(restored.value.map(({ key, value }) => [key, value])) }
        : restored
    }
  }
}

const isEntry = (u: unknown): u is { readonly key: string; readonly value: unknown } =>
  isRecord(u) && typeof u["key"] === "string"

/**
 * One of several. What is written is taken for the member that it fits best, the first of them where several do.
 *
 * @internal
 */
export const union = (members: ReadonlyArray<Shape>, annotations: JsonSchema): Shape => {
  // Each member asks the unions below it again, which would double the work with every level.
  const known = new WeakMap<object, Restored>()
  const restore = (value: unknown): Restored => {
    let best: Restored = { value, misfits: Number.POSITIVE_INFINITY }
    for (const member of members) {
      const restored = member.restore(value)
      if (restored.misfits < best.misfits) {
        best = restored
      }
      if (best.misfits === 0) {
        break
      }
    }
    return best
  }
  return {
    schema: () => ({ ...annotations, anyOf: members.map((member) => member.schema()) }),
    nullable: () => members.some((member) => member.nullable()),
    restore(value) {
      if (typeof value !== "object" || value === null) {
        return restore(value)
      }
      const found = known.get(value) ?? restore(value)
      known.set(value, found)
      return found
    }
  }
}

/**
 * A definition by its name, which may be one that is not there yet.
 *
 * @internal
 */
export const reference = (name: string, definition: () => Shape): Shape => ({
  schema: () => ({ $ref: `#/$defs/${name}` }),
  nullable: () => definition().nullable(),
  restore: (value) => definition().restore(value)
})

const total = (parts: ReadonlyArray<Restored>): number => parts.reduce((sum, { misfits }) => sum + misfits, 0)
