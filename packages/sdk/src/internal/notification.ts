import { ServerNotifications } from "@effect-codex/protocol/ServerNotifications"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type { ServerEvent } from "../TurnEvent.js"
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
  readonly decode: (params: unknown) => ServerEvent
  /** Merges two events of this method that both carry a delta of the same thing. */
  readonly merge: (last: ServerEvent, next: ServerEvent) => ServerEvent | undefined
}

const tables: {
  readonly [method: string]: (typeof ServerNotifications)[keyof typeof ServerNotifications] | undefined
} = ServerNotifications

const tagOf = (method: string): string =>
  method.split("/").map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join("")

const known = new Map<string, NotificationMethod>()
const mergeBy = new Map<string, NotificationMethod["merge"]>()

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
    decode: decoder(method, Schema.make<object>(spec.params.ast), spec.delta !== undefined),
    merge: merger(spec.delta)
  }
  known.set(method, made)
  mergeBy.set(tagOf(method), made.merge)
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
  decode: (params) => ({ _tag: "Unknown", method, params }),
  merge: () => undefined
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

interface Delta {
  readonly text: string
  readonly sameBy: ReadonlyArray<string>
}

const merger = (delta: Delta | undefined): NotificationMethod["merge"] => {
  if (delta === undefined) {
    return () => undefined
  }
  return (last, next) => {
    if (last._tag !== next._tag || !delta.sameBy.every((key) => member(last, key) === member(next, key))) {
      return undefined
    }
    const before = member(last, delta.text)
    const after = member(next, delta.text)
    return typeof before === "string" && typeof after === "string"
      ? { ...last, [delta.text]: before + after }
      : undefined
  }
}

/**
 * Merges two events where both carry a delta of the same item, so that no character is lost.
 *
 * @internal
 */
export const merge = <Event extends ServerEvent>(last: Event, next: Event): Event | undefined =>
  // Merging two events of one method gives an event of that method, which the table's type cannot say.
  mergeBy.get(next._tag)?.(last, next) as Event | undefined
