import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as AppServer from "../../AppServer.js"
import type { Options as Config } from "../../CodexConfig.js"
import { type RequestError, RequestFailed, ThreadNotFound } from "../../CodexError.js"
import type { Connection, ExchangeOptions, Handle } from "../connection/connection.js"
import { stringAt } from "../connection/envelope.js"
import * as List from "../connection/list.js"
import * as RequestErrors from "../connection/requestErrors.js"
import * as TurnGate from "../turn/turnGate.js"
import type { Succession } from "./succession.js"

/**
 * The face of connections that follow each other: each operation begins on the one that is open, waiting for it where
 * there is none, and stays on that one.
 *
 * @internal
 */
export const make = (
  succession: Succession,
  options: { readonly config: Config; readonly experimentalApi: boolean }
): AppServer.Service => {
  const { requestTimeout } = options.config
  const current = succession.open(requestTimeout)

  const request: Handle["request"] = <M extends AppServer.Method>(
    method: M,
    params: AppServer.Params<M>,
    requestOptions?: ExchangeOptions
  ) =>
    Effect.flatMap(succession.open(requestOptions?.timeout ?? requestTimeout), (connection) => {
      const once = connection.request(method, params, requestOptions)
      return Effect.catchIf(
        once,
        (error) => error instanceof RequestFailed && isNotResumed(connection, params, error),
        (error) => Effect.zipRight(resume(connection, params, error), once)
      )
    })

  return {
    get info() {
      return succession.latest.info
    },
    request: (method, ...[params, requestOptions]) => request(method, params, requestOptions),
    list: List.make(request),
    events: Stream.unwrap(Effect.map(current, () => succession.latest.events)),
    connectionEvents: Stream.unwrap(Effect.map(current, () => succession.latest.connectionEvents)),
    threadEvents: (threadId) => Stream.unwrap(Effect.map(current, () => succession.latest.threadEvents(threadId))),
    closed: succession.ended,
    stats: Effect.suspend(() => succession.latest.stats),
    connection: { ...options, request, current }
  }
}

const threadIdOf = (params: unknown) => stringAt(params, ["threadId"])

/** Whether the server refused because the thread was opened on a connection before, so that nothing has been done. */
const isNotResumed = (connection: Connection, params: unknown, error: RequestFailed): boolean => {
  const threadId = threadIdOf(params)
  return threadId !== undefined && error.method !== "thread/resume" &&
    connection.registry.memory.isUnsubscribed(threadId) &&
    RequestErrors.ofThread(threadId)(error) instanceof ThreadNotFound
}

const resume = (connection: Connection, params: unknown, refusal: RequestError): Effect.Effect<void, RequestError> => {
  const threadId = threadIdOf(params)
  return threadId === undefined ? Effect.fail(refusal) : TurnGate.withThread(
    connection,
    threadId,
    (thread) => thread.starting.withPermits(1)(TurnGate.ready(connection, thread))
  )
}
