import type * as Client from "@effect-codex/protocol/Client"
import type * as Server from "@effect-codex/protocol/Server"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as AppServer from "../../AppServer.js"
import type { EventsError, RequestError } from "../../CodexError.js"
import type * as McpServers from "../../McpServers.js"
import type { ServerEvent } from "../../TurnEvent.js"
import type { Connection } from "../connection/connection.js"
import { stringAt } from "../connection/envelope.js"
import * as Events from "../connection/events.js"
import { uninterrupted } from "../connection/uninterrupted.js"
import * as Login from "./login.js"
import * as Operations from "./operations.js"

/**
 * The server has no way to cancel such a login: it gives it up by itself, in its time.
 *
 * @internal
 */
export const login = (
  connection: Connection,
  params: Client.McpServerOauthLoginParams
): Effect.Effect<McpServers.Login, RequestError, Scope.Scope> =>
  Effect.gen(function*() {
    // Not by the id of the login, which older servers do not have.
    let identity: Login.Identity = { server: params.name, loginId: null }
    const events = yield* Events.listen(connection, true, (event) => Option.isSome(endOf(identity)(event)))
    const answer = yield* connection.request("mcpServer/oauth/login", params, {
      onResult: (result) => {
        identity = { ...identity, loginId: stringAt(result, ["loginId"]) ?? null }
      }
    })
    const done = yield* Login.completion(identity, {
      ends: Stream.filterMap(events, endOf(identity)),
      isCancelled: () => false
    })
    yield* Effect.addFinalizer(() => Deferred.fail(done, Login.cancelled(identity)))
    return {
      loginId: identity.loginId,
      server: params.name,
      authorizationUrl: answer.authorizationUrl,
      completed: Deferred.await(done)
    }
  })

const completedMethod = "mcpServer/oauthLogin/completed"

/** The params of the event, where it ends this login. */
const endOf = ({ loginId, server }: Login.Identity) => (event: ServerEvent): Option.Option<unknown> => {
  const params = event._tag === "McpServerOauthLoginCompleted"
    ? event
    : event._tag === "Undecodable" && event.method === completedMethod
    ? event.params
    : undefined
  const ended = stringAt(params, ["loginId"]) ?? null
  return stringAt(params, ["name"]) === server && (ended === null || loginId === null || ended === loginId)
    ? Option.some(params)
    : Option.none()
}

/**
 * A subscription for as long as the stream is run.
 *
 * @internal
 */
export const events = (
  connection: Connection,
  params: McpServers.EventsOptions
): Stream.Stream<Server.McpServerEventNotification, RequestError | EventsError, AppServer.ExperimentalApi> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    const subscriptionId = yield* Operations.makeId
    const events = yield* Operations.claim(connection, "subscriptionId", subscriptionId)
    const stop = yield* Effect.map(
      Effect.context<AppServer.ExperimentalApi>(),
      (context) => Effect.provide(connection.request("mcpServer/event/stream/stop", { subscriptionId }), context)
    )
    yield* Effect.addFinalizer(() =>
      stop.pipe(
        Effect.timeout(connection.config.interruptGrace),
        uninterrupted,
        Effect.ignoreLogged
      )
    )
    yield* connection.request("mcpServer/event/stream/start", { ...params, subscriptionId })
    return events.pipe(
      Stream.filterMap((event) =>
        event._tag === "McpServerEventStreamNotification" ? Option.some(event.notification) : Option.none()
      ),
      Stream.takeUntil(({ method }) => method === "notifications/events/terminated")
    )
  }))
