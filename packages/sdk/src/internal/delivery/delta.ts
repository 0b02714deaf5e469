import type { ServerEvent } from "../../TurnEvent.js"
import { isRecord } from "../connection/envelope.js"

/**
 * Which events are pieces of a text, and of which.
 *
 * @internal
 */
export interface DeltaSpec {
  /** The member that holds the piece. */
  readonly text: string
  /** Pieces with the same values here belong to one text. */
  readonly sameBy: ReadonlyArray<string>
}

const specs = new Map<string, DeltaSpec>()

/**
 * From here on events of that tag are known to be pieces.
 *
 * @internal
 */
export const register = (tag: string, spec: DeltaSpec): void => {
  specs.set(tag, spec)
}

const member = (event: ServerEvent, key: string): unknown => isRecord(event) ? event[key] : undefined

/** @internal */
export const isDelta = (event: ServerEvent): boolean => specs.has(event._tag)

/** @internal */
export const specOf = (event: ServerEvent): DeltaSpec | undefined => specs.get(event._tag)

/** @internal */
export const textOf = (event: ServerEvent, spec: DeltaSpec): string | undefined => {
  const text = member(event, spec.text)
  return typeof text === "string" ? text : undefined
}

/**
 * The same for all pieces of one text.
 *
 * @internal
 */
export const keyOf = (event: ServerEvent, { sameBy }: DeltaSpec): string =>
  `${event._tag}\n${sameBy.map((key) => member(event, key)).join("\n")}`

/**
 * Whether two events are pieces of one text: as equal keys would say, without making them.
 *
 * @internal
 */
export const isSameText = (one: ServerEvent, other: ServerEvent, { sameBy }: DeltaSpec): boolean => {
  if (one._tag !== other._tag) {
    return false
  }
  for (const key of sameBy) {
    if (member(one, key) !== member(other, key)) {
      return false
    }
  }
  return true
}

/**
 * The event with another text.
 *
 * @internal
 */
export const withText = <Event extends ServerEvent>(event: Event, spec: DeltaSpec, text: string): Event => ({
  ...event,
  [spec.text]: text
})
