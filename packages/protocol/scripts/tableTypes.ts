/** The types that stand above each method table: the same for every version of the protocol. */

export const clientRequestTypes = `
/**
 * A request's method.
 *
 * @since 0.1.0
 * @category models
 */
export type Method = keyof ClientRequests

/**
 * The methods that need no capability.
 *
 * @since 0.1.0
 * @category models
 */
export type StableMethod = {
  readonly [M in Method]: ClientRequests[M]["stability"] extends "stable" ? M : never
}[Method]

/**
 * The methods that need the \`experimentalApi\` capability.
 *
 * @since 0.1.0
 * @category models
 */
export type ExperimentalMethod = Exclude<Method, StableMethod>

/**
 * The params of a method. It includes \`undefined\` where they may be left out, and is \`undefined\` where there are none.
 *
 * @since 0.1.0
 * @category models
 */
export type Params<M extends Method> = ClientRequests[M]["params"]

/**
 * The result of a method.
 *
 * @since 0.1.0
 * @category models
 */
export type Result<M extends Method> = ClientRequests[M]["result"]

/**
 * What a client needs to know of a request.
 *
 * @since 0.1.0
 * @category models
 */
export interface ClientRequestSpec<M extends Method> {
  readonly method: M
  /** \`undefined\` for a method without params. */
  readonly params: [NonNullable<Params<M>>] extends [never] ? undefined : Schema.Schema<NonNullable<Params<M>>>
  /** Whether a request without params is valid. */
  readonly paramsOptional: boolean
  readonly result: Schema.Schema<Result<M>>
  /** An experimental method needs the \`experimentalApi\` capability. */
  readonly stability: ClientRequests[M]["stability"]
  /**
   * The members of a stable method's params that need the \`experimentalApi\` capability: \`a.b\` for a member of a
   * member, \`a[].b\` for one of an array's elements, \`a.*.b\` for one of a map's values.
   */
  readonly experimentalFields: ReadonlyArray<string>
  /** Whether the method only reads, so that repeating it does no harm. */
  readonly reads: boolean
  /**
   * The first of the compared releases that has the method. It came with that one or with one after the compared one
   * before it; what the oldest of them has may be older still.
   */
  readonly since: string
}
`

export const clientNotificationTypes = `
/**
 * A client notification's method.
 *
 * @since 0.1.0
 * @category models
 */
export type Method = keyof ClientNotifications

/**
 * What a client needs to know of a notification it sends.
 *
 * @since 0.1.0
 * @category models
 */
export interface ClientNotificationSpec<M extends Method> {
  readonly method: M
  /** \`undefined\` for a method without params. */
  readonly params: [NonNullable<ClientNotifications[M]["params"]>] extends [never] ? undefined
    : Schema.Schema<NonNullable<ClientNotifications[M]["params"]>>
}
`

export const serverRequestTypes = `
/**
 * A server request's method.
 *
 * @since 0.1.0
 * @category models
 */
export type Method = keyof ServerRequests

/**
 * The params of a server request.
 *
 * @since 0.1.0
 * @category models
 */
export type Params<M extends Method> = ServerRequests[M]["params"]

/**
 * The answer to a server request.
 *
 * @since 0.1.0
 * @category models
 */
export type Result<M extends Method> = ServerRequests[M]["result"]

/**
 * What a client needs to know of a server request.
 *
 * @since 0.1.0
 * @category models
 */
export interface ServerRequestSpec<M extends Method> {
  readonly method: M
  readonly params: Schema.Schema<Params<M>>
  readonly result: Schema.Schema<Result<M>>
  /** An experimental request is only sent to a client with the \`experimentalApi\` capability. */
  readonly stability: ServerRequests[M]["stability"]
  /** Where the thread's id stands in the params; the value there may be null. */
  readonly threadId: ReadonlyArray<string> | undefined
  /** Where the turn's id stands in the params; the value there may be null. */
  readonly turnId: ReadonlyArray<string> | undefined
  /** Whether it belongs to the first version of the protocol, which names its thread \`conversationId\`. */
  readonly legacy: boolean
}
`

export const serverNotificationTypes = `
/**
 * A server notification's method.
 *
 * @since 0.1.0
 * @category models
 */
export type Method = keyof ServerNotifications

/**
 * The params of a server notification.
 *
 * @since 0.1.0
 * @category models
 */
export type Params<M extends Method> = ServerNotifications[M]["params"]

/**
 * What a notification belongs to: a turn, a thread, an operation of its own (a login, a command, a watch …) or the
 * connection as a whole.
 *
 * The id of that scope may be null in some notifications. Then it belongs to the next wider scope that it names: a
 * notification of a turn to its thread, one of a thread or an operation to the connection.
 *
 * @since 0.1.0
 * @category models
 */
export type Scope = "turn" | "thread" | "operation" | "connection"

/**
 * What a client needs to know of a server notification. Ids are given by where they stand in the params, so that a
 * notification can be routed before, and even if, its body is decoded.
 *
 * @since 0.1.0
 * @category models
 */
export interface ServerNotificationSpec<M extends Method> {
  readonly method: M
  readonly params: Schema.Schema<Params<M>>
  /** An experimental notification is only sent to a client with the \`experimentalApi\` capability. */
  readonly stability: ServerNotifications[M]["stability"]
  readonly scope: ServerNotifications[M]["scope"]
  /** Where the thread's id stands in the params, whatever the scope; the value there may be null. */
  readonly threadId: ReadonlyArray<string> | undefined
  /** Where the turn's id stands in the params; the value there may be null. */
  readonly turnId: ReadonlyArray<string> | undefined
  /** Where the operation's id stands in the params, for the scope \`operation\`; the value there may be null. */
  readonly operationId: ReadonlyArray<string> | undefined
  /**
   * Set where the notification carries a piece of a text. Two that follow each other with equal values in all
   * members of \`sameBy\` say the same as one with both texts, joined.
   */
  readonly delta: { readonly text: string; readonly sameBy: ReadonlyArray<string> } | undefined
}
`
