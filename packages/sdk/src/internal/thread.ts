import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Mailbox from "effect/Mailbox"
import * as Stream from "effect/Stream"
import type * as AppServer from "../AppServer.js"
import type { RequestError } from "../CodexError.js"
import type { Input } from "../Input.js"
import type * as Thread from "../Thread.js"
import type { TurnOptions } from "../Turn.js"
import { compact } from "./compact.js"
import type { Connection } from "./connection.js"
import * as Desk from "./desk.js"
import { stringAt } from "./envelope.js"
import { startTurn } from "./startTurn.js"
import type { ThreadEntry } from "./threadEntry.js"
import * as Turn from "./turn.js"
import * as TurnControl from "./turnControl.js"
import * as TurnEntry from "./turnEntry.js"
import * as TurnGate from "./turnGate.js"
import * as Turns from "./turns.js"

/** @internal */
export const make = (appServer: AppServer.Service, threadId: string): Thread.Thread => {
  const { connection } = appServer
  const { request } = connection

  const start = (input: Input, options: TurnOptions = {}, views?: ReadonlyArray<TurnEntry.View>) =>
    Effect.map(startTurn(connection, threadId, input, options), (claim) => {
      if (views !== undefined && !claim.joined) {
        TurnEntry.keepOnly(claim.entry, views)
      }
      return Turn.make(connection, claim)
    })

  return {
    id: threadId,
    run: (input, options) => Effect.scoped(Effect.flatMap(start(input, options, []), (turn) => turn.result)),
    stream: (input, options) =>
      Stream.unwrapScoped(Effect.map(start(input, options, ["events"]), (turn) => turn.events)),
    startTurn: (input, options) => start(input, options),
    read: (options) => Effect.map(request("thread/read", { threadId, ...options }), ({ thread }) => thread),
    setName: (name) => Effect.asVoid(request("thread/name/set", { threadId, name })),
    compact: compact(connection, threadId),
    archive: Effect.asVoid(request("thread/archive", { threadId })),
    unarchive: Effect.map(request("thread/unarchive", { threadId }), ({ thread }) => thread),
    unsubscribe: unsubscribe(connection, threadId),
    approvals: approvals(connection, threadId),
    events: appServer.threadEvents(threadId)
  }
}

type OpeningMethod = "thread/start" | "thread/resume" | "thread/fork"

/**
 * Opens a thread, with the handlers that were provided where this runs. They stand before the next frame is looked at,
 * which may be a question already.
 *
 * @internal
 */
export const open =
  (appServer: AppServer.Service) =>
  <M extends OpeningMethod>(
    method: M,
    params: AppServer.Params<M>
  ): Effect.Effect<Thread.Opened<AppServer.Result<M>>, RequestError, AppServer.Requires<M>> => {
    const { connection } = appServer
    const { registry } = connection
    return Effect.flatMap(connection.handlersHere, (handlers) =>
      Effect.map(
        connection.request(method, params, {
          onResult: (result) => {
            const threadId = stringAt(result, ["thread", "id"])
            if (threadId !== undefined) {
              // Opening a thread subscribes to it, also where it was unsubscribed before.
              registry.setUnsubscribed(threadId, false)
              registry.setHandlers(threadId, handlers === undefined ? [] : [handlers])
            }
          }
        }),
        (info) => ({ ...make(appServer, info.thread.id), info })
      ))
  }

/** The questions of the thread that a person answers, first those that are open already. */
const approvals = (connection: Connection, threadId: string): Thread.Thread["approvals"] => {
  const { config: { eventCapacity }, registry } = connection
  return Stream.unwrapScoped(
    Effect.zipRight(
      registry.ensureOpen,
      Effect.acquireRelease(
        Effect.map(Desk.makeReader(eventCapacity), (reader) => {
          const thread = registry.retainThread(threadId)
          const desk = thread.desk ??= Desk.make(eventCapacity)
          if (registry.closed === undefined) {
            desk.add(reader)
          } else {
            reader.unsafeDone(Exit.fail(registry.closed))
          }
          return { desk, reader, thread }
        }),
        ({ desk, reader, thread }) =>
          Effect.sync(() => {
            desk.remove(reader)
            registry.releaseThread(thread)
          })
      )
    ).pipe(Effect.map(({ reader }) => Mailbox.toStream(reader)))
  )
}

const unsubscribe = (connection: Connection, threadId: string): Effect.Effect<void, RequestError> => {
  const { registry, request } = connection
  const quietly = (thread: ThreadEntry) =>
    Effect.suspend(() => thread.active === undefined ? Effect.void : TurnControl.release(connection, thread.active))
      .pipe(
        Effect.zipRight(request("thread/unsubscribe", { threadId })),
        Effect.map(() => {
          registry.setUnsubscribed(threadId, true)
          if (thread.active !== undefined) {
            Turns.abandon(registry, thread.active)
          }
        }),
        // What starts at the same time starts before or after, and not while nothing is heard of it.
        thread.starting.withPermits(1)
      )
  return TurnGate.withThread(connection, threadId, quietly)
}
