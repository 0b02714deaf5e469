import type * as Sdk from "@effect-codex/sdk/Turn"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import { identity } from "effect/Function"
import * as Scope from "effect/Scope"
import type { Turn, TurnOptions } from "../Turn.js"
import { type CallSite, callSite } from "./callSite.js"
import type * as Errors from "./errors.js"
import * as Events from "./events.js"
import { toPublic } from "./serverEvent.js"
import * as Session from "./session.js"
import * as Stop from "./stop.js"

/**
 * Starts a turn that is held until it ends, is disposed of, or the session is closed.
 *
 * @internal
 */
export const start = async <E>(
  session: Session.Session,
  at: CallSite,
  begin: (interruptWhen: Effect.Effect<void>) => Effect.Effect<Sdk.Turn, E, Scope.Scope>,
  { signal }: TurnOptions
): Promise<Turn> => {
  const stop = Stop.make()
  const [turn, scope] = await Session.call(
    session,
    at,
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(
        Scope.fork(session.scope, ExecutionStrategy.sequential),
        (scope) =>
          restore(Scope.extend(begin(stop.interruptWhen), scope)).pipe(
            Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause))),
            Effect.map((turn) => [turn, scope] as const)
          )
      )
    ),
    { signal }
  )
  return hold(session, turn, scope, stop, signal)
}

const hold = (
  session: Session.Session,
  turn: Sdk.Turn,
  scope: Scope.CloseableScope,
  stop: Stop.Stop,
  signal: AbortSignal | undefined
): Turn => {
  let ending: Errors.Ending | undefined
  let owned = !turn.joined
  const close = async (): Promise<void> => {
    await Session.settled(Session.fork(session, Scope.close(scope, Exit.void)))
  }
  const over = Session.fork(session, turn.result)
  const end = (by: Errors.Ending): Promise<unknown> | void => {
    if (owned) {
      ending ??= by
      return stop.now(by) ? Session.settled(over) : close()
    }
  }
  const release = Session.onEnding(session, signal, end)
  over.addObserver(() => {
    release()
    void close()
  })
  if (signal?.aborted === true) {
    // It was, while the answer to the start was on its way here.
    void end({ _tag: "Signal", reason: signal.reason })
  }

  /** What is read of the turn hears how it ends when the session is closed. */
  const reading = {
    stop: { now: (by: Errors.Ending) => by._tag === "Close" && owned && stop.now(by) },
    elsewhere: () => ending
  }
  const result: Turn["result"] = (options) =>
    Session.call(session, callSite(result), turn.result, { ...options, ...reading })
  const events: Turn["events"] = (options) =>
    Events.make(session, callSite(events), turn.events, { ...options, ...reading, toPublic })
  const textDeltas: Turn["textDeltas"] = (options) =>
    Events.make(session, callSite(textDeltas), turn.textDeltas, { ...options, ...reading, toPublic: identity })
  const items: Turn["items"] = (options) =>
    Events.make(session, callSite(items), turn.items, { ...options, ...reading, toPublic: identity })
  const steer: Turn["steer"] = (input, { signal, timeoutMs, ...options } = {}) =>
    Session.call(session, callSite(steer), turn.steer(input, { ...options, timeout: timeoutMs }), { signal })
  const interrupt: Turn["interrupt"] = () => Session.call(session, callSite(interrupt), turn.interrupt)

  return {
    id: turn.id,
    threadId: turn.threadId,
    joined: turn.joined,
    events,
    textDeltas,
    items,
    result,
    steer,
    interrupt,
    detach: () => {
      owned = false
      Effect.runSync(turn.detach)
    },
    [Symbol.asyncDispose]: close
  }
}
