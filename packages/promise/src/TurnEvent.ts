/**
 * What the server tells on its own, as an async iterable brings it: one value a notification, whose `_tag` is the
 * notification's method in PascalCase (`turn/completed` is `TurnCompleted`, `item/agentMessage/delta` is
 * `ItemAgentMessageDelta`), its params beside it.
 *
 * @since 0.1.0
 */
import type * as Server from "@effect-codex/protocol/Server"
import type * as Sdk from "@effect-codex/sdk/TurnEvent"

/**
 * What a turn is made of: messages, reasoning, commands, changes of files, tool calls, told apart by `type`.
 *
 * @since 0.1.0
 * @category models
 */
export type ThreadItem = Server.ThreadItem

/**
 * What is read once, from where it is first read: with `for await`, which leaves it with `break`, `return` and `throw`
 * as well. Iterating it a second time begins nothing anew.
 *
 * @since 0.1.0
 * @category models
 */
export interface Events<out A> extends AsyncIterator<A, undefined, undefined>, AsyncDisposable {
  readonly return: () => Promise<IteratorReturnResult<undefined>>
  readonly throw: (error: unknown) => Promise<IteratorReturnResult<undefined>>
  readonly [Symbol.asyncIterator]: () => Events<A>
}

/**
 * A notification whose params do not fit the schema of its method, as it came; `issue` says what does not fit.
 *
 * @since 0.1.0
 * @category models
 */
export interface Undecodable extends Omit<Sdk.Undecodable, "issue"> {
  readonly issue: string
}

/**
 * What a turn tells. `Unknown` is what this version does not know, `Lagged` stands where deltas were dropped.
 *
 * @since 0.1.0
 * @category models
 */
export type TurnEvent = Exclude<Sdk.TurnEvent, Sdk.Undecodable> | Undecodable

/**
 * What is told of a thread, its turns' events included.
 *
 * @since 0.1.0
 * @category models
 */
export type ThreadEvent = Exclude<Sdk.ThreadEvent, Sdk.Undecodable> | Undecodable

/**
 * Everything that the server tells.
 *
 * @since 0.1.0
 * @category models
 */
export type ServerEvent = Exclude<Sdk.ServerEvent, Sdk.Undecodable> | Undecodable
