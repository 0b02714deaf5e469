import type { DynamicToolSpec } from "@effect-codex/protocol/Client"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { constVoid } from "effect/Function"
import * as Mailbox from "effect/Mailbox"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type * as AppServer from "../../AppServer.js"
import type { RequestError } from "../../CodexError.js"
import type * as Thread from "../../Thread.js"
import type * as Tool from "../../Tool.js"
import type { Connection } from "../connection/connection.js"
import { stringAt } from "../connection/envelope.js"
import * as RequestErrors from "../connection/requestErrors.js"
import * as Desk from "../serverRequests/desk.js"
import { ownTurn } from "../turn/ownTurn.js"
import * as RunTurn from "../turn/runTurn.js"
import { startTurn } from "../turn/startTurn.js"
import * as Turn from "../turn/turn.js"
import * as TurnControl from "../turn/turnControl.js"
import * as TurnGate from "../turn/turnGate.js"
import * as Turns from "../turn/turns.js"
import * as Goal from "./goal.js"
import * as Realtime from "./realtime.js"
import * as Review from "./review.js"
import * as SubAgents from "./subAgents.js"
import type { ThreadEntry } from "./threadEntry.js"
import * as ThreadSettings from "./threadSettings.js"
import * as ThreadTools from "./threadTools.js"

/** @internal */
export const make = (appServer: AppServer.Service, threadId: string): Thread.Thread => {
  const { connection: handle } = appServer
  const { current, request } = handle
  const orNotFound = RequestErrors.ofThread(threadId)

  return {
    id: threadId,
    ...RunTurn.make(handle, threadId),
    startTurn: (input, options = {}) =>
      Effect.flatMap(
        current,
        (connection) =>
          Effect.map(startTurn(connection, threadId, input, options), (claim) => Turn.make(connection, claim))
      ),
    read: (options) =>
      request("thread/read", { threadId, ...options }).pipe(
        Effect.mapBoth({ onFailure: orNotFound, onSuccess: ({ thread }) => thread })
      ),
    turns: (options) => Stream.mapError(appServer.list("thread/turns/list", { ...options, threadId }), orNotFound),
    items: (options) => Stream.mapError(appServer.list("thread/items/list", { ...options, threadId }), orNotFound),
    setName: (name) =>
      request("thread/name/set", { threadId, name }).pipe(
        Effect.mapBoth({ onFailure: RequestErrors.ofOpening(threadId), onSuccess: constVoid })
      ),
    compact: Effect.flatMap(current, (connection) => ownTurn(connection, "thread/compact/start", { threadId })),
    shellCommand: (command, options) =>
      Effect.flatMap(
        current,
        (connection) => ownTurn(connection, "thread/shellCommand", { ...options, threadId, command })
      ),
    ...Review.make(handle, threadId),
    goal: Goal.make(handle, threadId),
    subAgents: SubAgents.make(appServer, threadId, (id) => make(appServer, id)),
    archive: request("thread/archive", { threadId }).pipe(
      Effect.mapBoth({ onFailure: orNotFound, onSuccess: constVoid })
    ),
    unarchive: request("thread/unarchive", { threadId }).pipe(
      Effect.mapBoth({ onFailure: orNotFound, onSuccess: ({ thread }) => thread })
    ),
    unsubscribe: Effect.flatMap(current, (connection) => unsubscribe(connection, threadId)),
    approvals: Stream.unwrap(Effect.map(current, (connection) => approvals(connection, threadId))),
    realtime: (options) => Effect.flatMap(current, (connection) => Realtime.open(connection, threadId, options)),
    events: appServer.threadEvents(threadId)
  }
}

type OpeningMethod = "thread/start" | "thread/resume" | "thread/fork"

/**
 * Opens a thread, with its tools and with the handlers that were provided where this runs. They stand before the next
 * frame is looked at, which may be a question already.
 *
 * @internal
 */
export const open = (appServer: AppServer.Service) =>
  Effect.fnUntraced(function*<M extends OpeningMethod, const Tools extends ReadonlyArray<Tool.Any>>(
    method: M,
    paramsWith: (dynamicTools: ReadonlyArray<DynamicToolSpec>) => AppServer.Params<M>,
    tools: Tools | undefined
  ): Effect.fn.Return<
    Thread.Opened<AppServer.Result<M>>,
    RequestError,
    AppServer.Requires<M> | Tool.Requirements<Tools>
  > {
    const connection = yield* appServer.connection.current
    const { registry } = connection
    const ambient = yield* connection.handlersHere
    const own = tools === undefined ? undefined : yield* ThreadTools.make(method, tools)
    const params = paramsWith(own?.specs ?? [])
    let opened: string | undefined
    // A thread that is new, and that nobody got to know, would stay loaded for as long as the connection.
    const letGo = (threadId: string | undefined) => {
      if (threadId !== undefined && method !== "thread/resume") {
        connection.fork(unsubscribe(connection, threadId))
      }
    }
    const info = yield* connection.request(method, params, {
      onLateResult: (result) => letGo(stringAt(result, ["thread", "id"])),
      onResult: (result) => {
        const threadId = stringAt(result, ["thread", "id"])
        opened = threadId
        if (threadId !== undefined) {
          // Opening a thread subscribes to it, also where it was unsubscribed before.
          registry.memory.setUnsubscribed(threadId, false)
          registry.memory.setSettings(threadId, ThreadSettings.ofOpening(params))
          registry.memory.setHandlers(threadId, [own?.handlers, ambient].filter(Predicate.isNotUndefined))
        }
      }
    }).pipe(Effect.onInterrupt(() => Effect.sync(() => letGo(opened))))
    return { ...make(appServer, info.thread.id), info }
  })

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
        Effect.zipRight(Effect.suspend(() => Effect.all(Array.from(thread.sessions), { discard: true }))),
        Effect.zipRight(request("thread/unsubscribe", { threadId })),
        Effect.map(() => {
          registry.memory.setUnsubscribed(threadId, true)
          if (thread.active !== undefined) {
            Turns.abandon(registry, thread.active)
          }
        }),
        // What starts at the same time starts before or after, and not while nothing is heard of it.
        thread.starting.withPermits(1)
      )
  return TurnGate.withThread(connection, threadId, quietly)
}
