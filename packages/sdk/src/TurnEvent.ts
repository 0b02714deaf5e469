/**
 * What the server tells on its own: one tagged value a notification. The `_tag` is the notification's method in
 * PascalCase (`turn/completed` is `TurnCompleted`, `item/agentMessage/delta` is `ItemAgentMessageDelta`), and its
 * params stand beside it.
 *
 * @since 0.1.0
 */
import type { ServerNotifications } from "@effect-codex/protocol/ServerNotifications"
import type * as ParseResult from "effect/ParseResult"

/**
 * The tag of a method: `turn/completed` gives `TurnCompleted`.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Tag<Method extends string> = Method extends `${infer Head}/${infer Tail}` ?
  `${Capitalize<Head>}${Tag<Tail>}`
  : Capitalize<Method>

/**
 * The event of one notification method.
 *
 * @since 0.1.0
 * @category type-level
 */
export type Of<Method extends keyof ServerNotifications> =
  & { readonly _tag: Tag<Method> }
  & ServerNotifications[Method]["params"]

/**
 * A notification whose method this SDK does not know, as it came.
 *
 * @since 0.1.0
 * @category models
 */
export interface Unknown {
  readonly _tag: "Unknown"
  readonly method: string
  readonly params: unknown
}

/**
 * A notification whose params do not fit the schema of its method, as it came.
 *
 * @since 0.1.0
 * @category models
 */
export interface Undecodable {
  readonly _tag: "Undecodable"
  readonly method: string
  readonly params: unknown
  readonly issue: ParseResult.ParseError
}

/**
 * Stands where deltas were dropped, since the reader was too slow: only in streams that are read with the policy
 * `slide` of `Delivery`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Lagged {
  readonly _tag: "Lagged"
  /** How many deltas. */
  readonly dropped: number
}

/**
 * The notification methods of a scope.
 *
 * @since 0.1.0
 * @category type-level
 */
export type MethodOf<Scope extends ServerNotifications[keyof ServerNotifications]["scope"]> = {
  [Method in keyof ServerNotifications]: ServerNotifications[Method]["scope"] extends Scope ? Method : never
}[keyof ServerNotifications]

type EventOf<Method extends keyof ServerNotifications> = { readonly [M in Method]: Of<M> }[Method]

/**
 * What a turn's stream carries.
 *
 * @since 0.1.0
 * @category models
 */
export type TurnEvent = EventOf<MethodOf<"turn">> | Unknown | Undecodable | Lagged

/**
 * What a thread's stream carries: its own notifications and those of all its turns.
 *
 * @since 0.1.0
 * @category models
 */
export type ThreadEvent = EventOf<MethodOf<"turn" | "thread">> | Unknown | Undecodable | Lagged

/**
 * Every notification of the connection.
 *
 * @since 0.1.0
 * @category models
 */
export type ServerEvent = EventOf<keyof ServerNotifications> | Unknown | Undecodable | Lagged

/**
 * The notifications that belong to no thread: to an operation of their own (a login, a command, a watch) or to the
 * whole connection.
 *
 * @since 0.1.0
 * @category models
 */
export type ConnectionEvent = EventOf<MethodOf<"operation" | "connection">> | Unknown | Undecodable | Lagged
