import type * as Server from "@effect-codex/protocol/Server"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import type { RequestError } from "../../CodexError.js"
import type * as Goal from "../../Goal.js"
import type { ThreadEvent } from "../../TurnEvent.js"
import * as Bounded from "../connection/bounded.js"
import type { Connection } from "../connection/connection.js"
import * as Race from "../connection/race.js"
import * as RequestErrors from "../connection/requestErrors.js"
import { uninterrupted } from "../connection/uninterrupted.js"
import * as Logs from "../observability/logs.js"
import * as TurnObserver from "../observability/turnObserver.js"
import * as TurnControl from "../turn/turnControl.js"
import * as TurnGate from "../turn/turnGate.js"
import * as TurnWatch from "../turn/turnWatch.js"
import { type Ending, endingOf, resultOf } from "./goalResult.js"
import * as GoalWatch from "./goalWatch.js"
import type { ThreadEntry } from "./threadEntry.js"

/**
 * Pursues a goal: sets it, holds the turns that the server starts for it, and ends with it.
 *
 * It stands in the line of those that wait for the thread to be idle until it is over, since the thread is idle between
 * its turns.
 *
 * @internal
 */
export const run = (
  connection: Connection,
  threadId: string,
  objective: string,
  options: Goal.Options = {},
  onEvent: (event: ThreadEvent) => void = () => {}
): Effect.Effect<Goal.Result, Goal.PursuitError> =>
  Effect.uninterruptibleMask((restore) =>
    TurnGate.withThread(connection, threadId, (thread) =>
      TurnGate.inLine(
        thread,
        restore,
        Effect.acquireUseRelease(
          TurnGate.onceIdle(connection, thread, restore, begin(connection, thread, objective, options, onEvent)),
          (pursuit) =>
            restore(follow(connection, pursuit, options)).pipe(
              Effect.flatMap((ending) => resultOf(pursuit.watch, goalOf(pursuit), ending))
            ),
          (pursuit) => release(connection, pursuit)
        )
      ))
  ).pipe(Effect.mapError(RequestErrors.ofOpening(threadId)))

interface Pursuit {
  readonly watch: GoalWatch.GoalWatch
  /** The goal as it was set. */
  readonly set: Server.ThreadGoal
  /** Ends the watch. */
  readonly end: () => void
}

const goalOf = ({ set, watch }: Pursuit): Server.ThreadGoal => watch.goal ?? set

const begin = (
  connection: Connection,
  thread: ThreadEntry,
  objective: string,
  { timeout, ...params }: Goal.Options,
  onEvent: (event: ThreadEvent) => void
): Effect.Effect<Pursuit, RequestError> =>
  Effect.flatMap(Effect.all([connection.handlersHere, Effect.runtime<never>()]), ([handlers, runtime]) => {
    const { config, registry } = connection
    const observed = TurnObserver.make(
      { threadId: thread.id, method: "thread/goal/set", params: undefined },
      config.recordContent
    )
    const observe = () => Runtime.runSync(runtime)(observed)
    const { end, watch } = GoalWatch.make({ connection, thread, handlers, observe, onEvent })
    let pursuit: Pursuit | undefined
    // Resuming the thread would have the server go on with the goal, so it is not left active.
    const beforeClosing = thread.starting.withPermits(1)(Effect.void).pipe(
      Effect.timeoutOption(config.interruptGrace),
      uninterrupted,
      Effect.zipRight(Effect.suspend(() => pursuit === undefined ? Effect.void : pauseIfActive(connection, pursuit)))
    )
    registry.closing.add(beforeClosing)
    const endAll = () => {
      registry.closing.delete(beforeClosing)
      end()
    }
    const setGoal = connection.request(
      "thread/goal/set",
      { ...params, threadId: thread.id, objective, status: "active" },
      { timeout, onLateResult: () => connection.fork(giveUp(connection, thread.id)) }
    )
    return TurnGate.ready(connection, thread).pipe(
      Effect.zipRight(uninterrupted(setGoal)),
      Effect.tapErrorCause(() => Effect.sync(endAll)),
      Effect.map(({ goal }) => pursuit = { watch, set: goal, end: endAll })
    )
  })

/** Waits for the end of the goal, which is not over while a turn is active. */
const follow = (
  connection: Connection,
  pursuit: Pursuit,
  { timeout = connection.config.requestTimeout }: Goal.Options
): Effect.Effect<Ending, RequestError> => {
  const { watch, watch: { thread } } = pursuit
  const next: Effect.Effect<Ending, RequestError> = Effect.suspend(() => {
    const { active } = thread
    if (active !== undefined) {
      const watched = watch.held.has(active)
        ? TurnWatch.watch(connection, active, connection.config.stallTimeout)
        : Effect.void
      return watched.pipe(
        Effect.zipRight(Effect.exit(Deferred.await(active.done))),
        Effect.scoped,
        Effect.zipRight(connection.registry.ensureOpen),
        Effect.zipRight(next)
      )
    }
    const ending = endingOf(watch, goalOf(pursuit))
    return ending !== undefined ? Effect.succeed(ending) : Deferred.await(watch.changed).pipe(
      Race.first(Effect.flatMap(connection.closed, Effect.fail)),
      Bounded.timeoutOption(timeout),
      Effect.flatMap(Option.match({ onNone: () => askAgain, onSome: () => next }))
    )
  })
  // Word of the goal may have been lost, or the server does not go on with it.
  const askAgain: Effect.Effect<Ending, RequestError> = Effect.flatMap(
    connection.request("thread/goal/get", { threadId: thread.id }),
    ({ goal }) => {
      GoalWatch.note(watch, goal ?? null)
      return thread.active === undefined
        ? Effect.succeed(endingOf(watch, goalOf(pursuit)) ?? "NotContinued")
        : next
    }
  )
  return next
}

const pause = (connection: Connection, threadId: string) =>
  connection.request("thread/goal/set", { threadId, status: "paused" }, { timeout: connection.config.interruptGrace })

/**
 * A goal that is left active is paused, so that the server starts no further turn for it, now or when the thread is
 * resumed. Then the turn that runs for it is stopped.
 */
const release = (connection: Connection, pursuit: Pursuit): Effect.Effect<void> => {
  const { watch, watch: { thread } } = pursuit
  const stop = Effect.suspend(() =>
    thread.active !== undefined && watch.held.has(thread.active)
      ? TurnControl.release(connection, thread.active)
      : Effect.void
  )
  return pauseIfActive(connection, pursuit).pipe(
    Effect.zipRight(stop),
    Effect.ensuring(Effect.sync(pursuit.end))
  )
}

const pauseIfActive = (connection: Connection, pursuit: Pursuit): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { watch, watch: { thread } } = pursuit
    return watch.cleared || goalOf(pursuit).status !== "active"
      ? Effect.void
      : Effect.zipRight(pause(connection, thread.id), awaitBegun(connection, watch)).pipe(
        uninterrupted,
        Effect.catchAll((error) =>
          Effect.logWarning(`a goal that is not pursued any more could not be paused: ${Logs.nameOf(error)}`)
        ),
        Effect.annotateLogs({ threadId: thread.id })
      )
  })

/** Where no turn is known to be active, one may have been started just before, whose beginning is not heard yet. */
const awaitBegun = (
  connection: Connection,
  watch: GoalWatch.GoalWatch
): Effect.Effect<void, RequestError> => {
  const grace = connection.config.interruptGrace
  const begun: Effect.Effect<void> = Effect.suspend(() =>
    watch.thread.active === undefined ? Effect.zipRight(Deferred.await(watch.changed), begun) : Effect.void
  )
  return Effect.suspend(() =>
    watch.thread.active !== undefined ?
      Effect.void :
      Effect.flatMap(
        connection.request("thread/read", { threadId: watch.thread.id }, { timeout: grace }),
        ({ thread }) => thread.status.type === "active" ? Effect.timeoutOption(begun, grace) : Effect.void
      )
  )
}

/** What is done about a goal that is known to be set only after the deadline. */
const giveUp = (connection: Connection, threadId: string): Effect.Effect<void, RequestError> =>
  Effect.zipRight(pause(connection, threadId), TurnControl.stopActive(connection, threadId))
