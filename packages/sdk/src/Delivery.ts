/**
 * What happens when the reader of a stream of events is slower than the server. Each run of such a stream has a queue
 * of its own, of `eventCapacity` events; the policy says what becomes of what does not fit. The connection and other
 * readers notice nothing.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import { dual } from "effect/Function"
import * as Stream from "effect/Stream"

/**
 * What a full queue does:
 *
 * - `coalesce` (the default): deltas of the same item are merged, so that no character is lost. They are merged up to
 *   the next event that is no delta, so an item's beginning and end stay where they were.
 * - `slide`: the oldest deltas are dropped, and a `Lagged` event stands where they were.
 * - `fail`: the stream fails with `EventOverflow`, after what was queued.
 *
 * Only deltas are ever merged or dropped. A queue that is full of other events ends its stream with `EventOverflow`,
 * after what was queued, whatever the policy.
 *
 * @since 0.1.0
 * @category models
 */
export type Policy = "coalesce" | "slide" | "fail"

/**
 * The policy of the streams that are run here; `undefined` stands for the one in `CodexConfig`.
 *
 * @since 0.1.0
 * @category services
 */
export class Delivery extends Context.Reference<Delivery>()("@effect-codex/sdk/Delivery", {
  defaultValue: (): Policy | undefined => undefined
}) {}

/**
 * Chooses the policy of one reader: of a turn's, a thread's or the connection's stream of events. What the turn has
 * kept for its first reader is taken over with the policy of that reader.
 *
 * @example
 * ```ts
 * import { Codex, Delivery } from "@effect-codex/sdk"
 * import { Effect, Stream } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const codex = yield* Codex.Codex
 *   const thread = yield* codex.startThread()
 *   yield* thread.stream("Tell a long story.").pipe(
 *     Delivery.withPolicy("slide"),
 *     Stream.runForEach((event) => Effect.logDebug(event._tag))
 *   )
 * })
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const withPolicy: {
  (policy: Policy): <A, E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<A, E, R>
  <A, E, R>(self: Stream.Stream<A, E, R>, policy: Policy): Stream.Stream<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Stream.Stream<A, E, R>, policy: Policy): Stream.Stream<A, E, R> =>
    Stream.provideService(self, Delivery, policy)
)
