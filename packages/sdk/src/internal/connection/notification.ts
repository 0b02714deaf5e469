import { ServerNotifications } from "@effect-codex/protocol/ServerNotifications"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import type { ServerEvent } from "../../TurnEvent.js"
import * as Delta from "../delivery/delta.js"
import { isRecord, stringAt } from "./envelope.js"

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
  /** Whether it tells of a turn, under `turnId` and `threadId`, and nothing but a piece of a text. */
  readonly isTurnDelta: boolean
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
    isTurnDelta: spec.delta !== undefined && spec.scope === "turn",
    decode: spec.delta === undefined
      ? decoder(method, Schema.make<object>(spec.params.ast))
      : deltaDecoder(method, Schema.make<object>(spec.params.ast))
  }
  known.set(method, made)
  if (spec.delta !== undefined) {
    Delta.register(tagOf(method), spec.delta)
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
  isTurnDelta: false,
  decode: (params) => ({ _tag: "Unknown", method, params })
})

const decoder = (method: string, schema: Schema.Schema<object>) => {
  // Excess members are kept: a newer server may tell more than this version knows.
  const decode = ParseResult.decodeUnknownEither(schema, { onExcessProperty: "preserve" })
  const _tag = tagOf(method)
  return (params: unknown): ServerEvent => {
    const result = decode(params)
    // The tag is made of the method that the schema was looked up by, which the compiler cannot follow.
    return Either.isRight(result)
      ? { ...result.right, _tag } as ServerEvent
      : { _tag: "Undecodable", method, params, issue: ParseResult.parseError(result.left) }
  }
}

/**
 * Deltas are flat, the same decoded as encoded, and nearly all that a server says. So one is checked and taken as it is;
 * where all its members are plain, without the schema, which a ninth of the time of one turn went to.
 */
const deltaDecoder = (method: string, schema: Schema.Schema<object>) => {
  const decode = ParseResult.decodeUnknownEither(schema)
  const fits = plainFit(schema.ast) ?? (() => false)
  const _tag = tagOf(method)
  return (params: unknown): ServerEvent => {
    if (!fits(params)) {
      const result = decode(params)
      if (Either.isLeft(result)) {
        return { _tag: "Undecodable", method, params, issue: ParseResult.parseError(result.left) }
      }
    }
    // Tagged in place: it was parsed for this event, and nobody else has it.
    return Object.assign(params as object, { _tag }) as ServerEvent
  }
}

/** Whether a value is an object with these members of these types, for a schema that asks for no more than that. */
const plainFit = (ast: SchemaAST.AST): ((u: unknown) => boolean) | undefined => {
  if (ast._tag === "Suspend") {
    return plainFit(ast.f())
  }
  if (ast._tag !== "TypeLiteral" || ast.indexSignatures.length > 0) {
    return undefined
  }
  const members: Array<readonly [key: string, type: string]> = []
  for (const { isOptional, name, type } of ast.propertySignatures) {
    const typeOf = plainTypes[type._tag]
    if (isOptional || typeOf === undefined || typeof name !== "string") {
      return undefined
    }
    members.push([name, typeOf])
  }
  return (u) => {
    if (!isRecord(u)) {
      return false
    }
    for (let i = 0; i < members.length; i++) {
      const member = members[i]
      if (member === undefined || typeof u[member[0]] !== member[1]) {
        return false
      }
    }
    return true
  }
}

const plainTypes: { readonly [tag: string]: string | undefined } = {
  StringKeyword: "string",
  NumberKeyword: "number",
  BooleanKeyword: "boolean"
}
