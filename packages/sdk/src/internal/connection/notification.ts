import { ServerNotifications } from "@effect-codex/protocol/ServerNotifications"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type { ServerEvent } from "../../TurnEvent.js"
import { stringAt } from "./envelope.js"

/**
 * What the router needs of one notification method, worked out on the method's first use.
 *
 * @internal
 */
export interface NotificationMethod {
  readonly scope: "turn" | "thread" | "operation" | "connection" | "unknown"
  readonly turnId: (params: unknown) => string | undefined
  readonly threadId: (params: unknown) => string | undefined
  /** The member that names the operation, where the notification belongs to one. */
  readonly operationKey: string | undefined
  readonly decode: (params: unknown) => ServerEvent
}

const tables: {
  readonly [method: string]: (typeof ServerNotifications)[keyof typeof ServerNotifications] | undefined
} = ServerNotifications

/**
 * The tag of the events of a method.
 *
 * @internal
 */
export const tagOf = (method: string): string =>
  method.split("/").map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join("")

const known = new Map<string, NotificationMethod>()
const deltas = new Map<string, DeltaSpec>()

/** @internal */
export const methodOf = (method: string): NotificationMethod | undefined => {
  const found = known.get(method)
  if (found !== undefined || !Object.hasOwn(tables, method)) {
    return found
  }
  const spec = tables[method]
  if (spec === undefined) {
    return undefined
  }
  const made: NotificationMethod = {
    scope: spec.scope,
    turnId: (params) => stringAt(params, spec.turnId),
    threadId: (params) => stringAt(params, spec.threadId),
    operationKey: spec.operationId?.[0],
    decode: decoder(method, Schema.make<object>(spec.params.ast), spec.delta !== undefined)
  }
  known.set(method, made)
  if (spec.delta !== undefined) {
    deltas.set(tagOf(method), spec.delta)
  }
  return made
}

/**
 * A method that is not in the table. A newer server is expected to keep the routing ids where today's methods have
 * them.
 *
 * @internal
 */
export const unknownMethod = (method: string): NotificationMethod => ({
  scope: "unknown",
  turnId: (params) => stringAt(params, ["turnId"]) ?? stringAt(params, ["turn", "id"]),
  threadId: (params) => stringAt(params, ["threadId"]) ?? stringAt(params, ["thread", "id"]),
  operationKey: undefined,
  decode: (params) => ({ _tag: "Unknown", method, params })
})

const decoder = (method: string, schema: Schema.Schema<object>, isDelta: boolean) => {
  // Excess members are kept: a newer server may tell more than this version knows. Looking for them is five times the
  // work of decoding a delta, which is flat and the same decoded as encoded, so a delta is checked and taken as it is.
  const decode = ParseResult.decodeUnknownEither(schema, isDelta ? undefined : { onExcessProperty: "preserve" })
  const _tag = tagOf(method)
  return (params: unknown): ServerEvent => {
    const result = decode(params)
    // The tag is made of the method that the schema was looked up by, which the compiler cannot follow.
    return Either.isRight(result)
      ? { _tag, ...(isDelta ? params as object : result.right) } as ServerEvent
      : { _tag: "Undecodable", method, params, issue: ParseResult.parseError(result.left) }
  }
}

const member = (event: ServerEvent, key: string): unknown => Reflect.get(event, key)

interface DeltaSpec {
  readonly text: string
  readonly sameBy: ReadonlyArray<string>
}

/**
 * A piece of the text of something.
 *
 * @internal
 */
export interface Delta {
  /** The same for all pieces of one text. */
  readonly key: string
  /** The member of the event that holds it. */
  readonly member: string
  readonly text: string
}

/** @internal */
export const isDelta = (event: ServerEvent): boolean => deltas.has(event._tag)

/** @internal */
export const deltaOf = (event: ServerEvent): Delta | undefined => {
  const spec = deltas.get(event._tag)
  const text = spec === undefined ? undefined : member(event, spec.text)
  return spec === undefined || typeof text !== "string" ? undefined : {
    key: `${event._tag}\n${spec.sameBy.map((key) => member(event, key)).join("\n")}`,
    member: spec.text,
    text
  }
}

/**
 * The event with another text.
 *
 * @internal
 */
export const withText = <Event extends ServerEvent>(event: Event, { member }: Delta, text: string): Event => ({
  ...event,
  [member]: text
})
