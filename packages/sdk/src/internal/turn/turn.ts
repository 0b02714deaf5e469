import * as Channel from "effect/Channel"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { type ConnectionClosed, InterruptTimeout } from "../../CodexError.js"
import { Delivery } from "../../Delivery.js"
import { toParts } from "../../Input.js"
import type { Turn } from "../../Turn.js"
import type { TurnResult } from "../../TurnResult.js"
import type { Connection } from "../connection/connection.js"
import * as RequestErrors from "../connection/requestErrors.js"
import * as EventQueue from "../delivery/eventQueue.js"
import * as TurnControl from "./turnControl.js"
import * as TurnEntry from "./turnEntry.js"
import type { Claim } from "./turns.js"

/** @internal */
export const make = (connection: Connection, { entry, joined }: Claim): Turn => {
  const threadId = entry.thread.id
  const { config: { interruptGrace }, registry } = connection

  // Not by a scope around a stream, by which every chunk would go through one more channel.
  const read = (view: TurnEntry.View): Turn["events"] =>
    Stream.fromChannel(Channel.acquireUseRelease(
      Effect.map(
        Delivery,
        (policy = registry.delivery.policy) =>
          TurnEntry.subscribe(entry, { view, delivery: { ...registry.delivery, policy }, joined })
      ),
      EventQueue.toChannel,
      (queue) => Effect.sync(() => TurnEntry.unsubscribe(entry, queue))
    ))

  return {
    id: entry.id,
    threadId,
    joined,
    events: read("events"),
    textDeltas: Stream.filterMap(
      read("textDeltas"),
      (event) => event._tag === "ItemAgentMessageDelta" ? Option.some(event.delta) : Option.none()
    ),
    items: Stream.filterMap(
      read("items"),
      (event) => event._tag === "ItemCompleted" ? Option.some(event.item) : Option.none()
    ),
    result: Deferred.await(entry.done),
    steer: (input, { timeout, ...options } = {}) =>
      connection.request("turn/steer", { ...options, threadId, expectedTurnId: entry.id, input: toParts(input) }, {
        timeout
      }).pipe(
        TurnControl.onceBegun(connection, entry),
        Effect.mapError(RequestErrors.ofSteer(registry, threadId, entry.id)),
        Effect.asVoid
      ),
    interrupt: Effect.flatMap(
      TurnControl.stop(connection, entry),
      (exit): Effect.Effect<TurnResult, ConnectionClosed | InterruptTimeout> =>
        Option.isSome(exit)
          ? report(exit.value)
          : new InterruptTimeout({ threadId, turnId: entry.id, grace: Duration.decode(interruptGrace) })
    ),
    detach: Effect.sync(() => {
      if (!joined) {
        entry.owned = false
      }
    })
  }
}

/** How a turn ended is no failure of having stopped it. */
const report = (exit: TurnEntry.TurnExit): Effect.Effect<TurnResult, ConnectionClosed> =>
  Effect.catchTags(exit, {
    TurnInterrupted: ({ partial }) => Effect.succeed(partial),
    TurnStalled: ({ partial }) => Effect.succeed(partial),
    TurnFailed: ({ partial }) => Effect.succeed(partial)
  })
