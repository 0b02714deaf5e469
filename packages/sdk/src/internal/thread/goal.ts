import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { identity } from "effect/Function"
import * as Stream from "effect/Stream"
import type { EventOverflow } from "../../CodexError.js"
import { Delivery } from "../../Delivery.js"
import type * as Goal from "../../Goal.js"
import type { ThreadEvent } from "../../TurnEvent.js"
import type { Handle } from "../connection/connection.js"
import * as RequestErrors from "../connection/requestErrors.js"
import * as EventQueue from "../delivery/eventQueue.js"
import * as Pursuit from "./pursuit.js"

/** @internal */
export const make = ({ current, request }: Handle, threadId: string): Goal.Goal => {
  const onFailure = RequestErrors.ofThread(threadId)
  return {
    get: Effect.mapBoth(request("thread/goal/get", { threadId }), { onFailure, onSuccess: ({ goal }) => goal ?? null }),
    set: (goal) =>
      Effect.mapBoth(request("thread/goal/set", { ...goal, threadId }), { onFailure, onSuccess: ({ goal }) => goal }),
    clear: Effect.mapBoth(request("thread/goal/clear", { threadId }), {
      onFailure,
      onSuccess: ({ cleared }) => cleared
    }),
    run: (objective, options) =>
      Effect.flatMap(current, (connection) => Pursuit.run(connection, threadId, objective, options)),
    stream: (objective, options) =>
      Stream.unwrapScoped(Effect.gen(function*() {
        const connection = yield* current
        const { delivery } = connection.registry
        const policy = (yield* Delivery) ?? delivery.policy
        const queue = EventQueue.make<ThreadEvent, Goal.PursuitError>({ ...delivery, policy, lagged: identity })
        yield* Pursuit.run(connection, threadId, objective, options, (event) => queue.offer(event)).pipe(
          Effect.onExit((exit) => Effect.sync(() => queue.end(Exit.asVoid(exit)))),
          Effect.interruptible,
          Effect.forkScoped
        )
        return EventQueue.toStream<ThreadEvent, Goal.PursuitError | EventOverflow>(queue)
      }))
  }
}
