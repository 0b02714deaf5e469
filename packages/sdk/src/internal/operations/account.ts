import type * as Client from "@effect-codex/protocol/Client"
import type * as Server from "@effect-codex/protocol/Server"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Account from "../../Account.js"
import { type EventsError, type RequestError, UndecodableResult } from "../../CodexError.js"
import type { ServerEvent } from "../../TurnEvent.js"
import * as Bounded from "../connection/bounded.js"
import type { Connection } from "../connection/connection.js"
import { stringAt } from "../connection/envelope.js"
import { uninterrupted } from "../connection/uninterrupted.js"
import * as EventQueue from "../delivery/eventQueue.js"
import * as Login from "./login.js"
import * as Operations from "./operations.js"

const method = "account/login/start"

/** @internal */
export const loginBrowser = (
  connection: Connection,
  options?: Account.BrowserLoginOptions
): Effect.Effect<Account.BrowserLogin, RequestError, Scope.Scope> =>
  login(
    connection,
    { ...options, type: "chatgpt" },
    (answer) => answer.type === "chatgpt" ? { loginId: answer.loginId, authUrl: answer.authUrl } : undefined
  )

/** @internal */
export const loginDevice = (
  connection: Connection
): Effect.Effect<Account.DeviceLogin, RequestError, Scope.Scope> =>
  login(connection, { type: "chatgptDeviceCode" }, (answer) =>
    answer.type === "chatgptDeviceCode"
      ? { loginId: answer.loginId, verificationUrl: answer.verificationUrl, userCode: answer.userCode }
      : undefined)

/**
 * A login that a person completes, in the scope: when it closes before that, the login is cancelled on the server.
 */
const login = <Shown extends Pick<Account.Login, "loginId">>(
  connection: Connection,
  params: Client.LoginAccountParams,
  show: (answer: Server.LoginAccountResponse) => Shown | undefined
): Effect.Effect<Account.Login & Shown, RequestError, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      let opened: string | undefined
      const { events, shown } = yield* Operations.claimAnswered(connection, "loginId", (claim) =>
        restore(
          connection.request(method, params, {
            onResult: (result) => {
              opened = stringAt(result, ["loginId"])
              if (opened !== undefined) {
                claim(opened)
              }
            },
            onLateResult: (result) => {
              const loginId = stringAt(result, ["loginId"])
              if (loginId !== undefined) {
                connection.fork(askToCancel(connection, loginId))
              }
            }
          })
        )).pipe(
          Effect.flatMap(({ answer, events }) => {
            const shown = show(answer)
            return shown === undefined
              ? new UndecodableResult({ method, result: answer, issue: `expected the answer to ${params.type}` })
              : Effect.succeed({ shown, events })
          }),
          // The answer has come and is of no use: it does not decode, or the fiber was interrupted meanwhile.
          Effect.onError(() => opened === undefined ? Effect.void : giveUp(connection, askToCancel(connection, opened)))
        )
      return { ...shown, ...yield* handle(connection, shown.loginId, events) }
    })
  )

/** The login as its program holds it, and its end with the scope. */
const handle = Effect.fnUntraced(function*(
  connection: Connection,
  loginId: string,
  events: Operations.Events<"loginId">
): Effect.fn.Return<Account.Login, never, Scope.Scope> {
  const identity = { server: null, loginId }
  let isCancelled = false
  const done = yield* Login.completion(identity, {
    ends: Stream.map(
      Stream.filter(events, (event) => event._tag === "AccountLoginCompleted" || event._tag === "Undecodable"),
      (event) => event._tag === "Undecodable" ? event.params : event
    ),
    isCancelled: () => isCancelled
  })

  const cancel = Effect.gen(function*() {
    isCancelled = true
    yield* Effect.onError(askToCancel(connection, loginId), () => Effect.sync(() => isCancelled = false))
    // The server says so as well, unless the login had ended before; then nothing is left to wait for.
    yield* Bounded.timeoutOption(Effect.exit(Deferred.await(done)), connection.config.interruptGrace)
    yield* Deferred.fail(done, Login.cancelled(identity))
  })
  const unlessDone = (self: Effect.Effect<void, RequestError>) =>
    Effect.unlessEffect(self, Deferred.isDone(done)).pipe(Effect.asVoid)

  yield* Effect.addFinalizer(() =>
    unlessDone(giveUp(connection, cancel)).pipe(
      Effect.ignore,
      Effect.zipRight(Deferred.fail(done, Login.cancelled(identity)))
    )
  )
  return { loginId, completed: Deferred.await(done), cancel: unlessDone(cancel) }
})

const askToCancel = (connection: Connection, loginId: string): Effect.Effect<void, RequestError> =>
  Effect.asVoid(connection.request("account/login/cancel", { loginId }))

/** What a finalizer does: it does not wait for long, nor fail. */
const giveUp = (connection: Connection, cancel: Effect.Effect<void, RequestError>): Effect.Effect<void> =>
  cancel.pipe(
    Effect.timeout(connection.config.interruptGrace),
    uninterrupted,
    Effect.ignoreLogged
  )

/**
 * Logs in by what the program has: nobody has to do anything. The `secrets` are those of the params.
 *
 * @internal
 */
export const loginWith = (
  connection: Connection,
  params: Client.LoginAccountParams,
  secrets: ReadonlyArray<Redacted.Redacted>
): Effect.Effect<void, RequestError> => Effect.asVoid(connection.request(method, params, { secrets }))

/**
 * The rate limits as they are, then as they become. What came before the answer is older than the answer.
 *
 * @internal
 */
export const rateLimits = (
  connection: Connection
): Stream.Stream<Server.GetAccountRateLimitsResponse, RequestError | EventsError> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    const { config, registry } = connection
    const queue = EventQueue.make<ServerEvent, EventsError>({
      capacity: config.eventCapacity,
      accepts: (event) => event._tag === "AccountRateLimitsUpdated"
    })
    const listener = { queue, outsideThreads: true }
    yield* Effect.addFinalizer(() => Effect.sync(() => registry.unlisten(listener)))
    const first = yield* connection.request("account/rateLimits/read", undefined, {
      onResult: () => registry.listen(listener)
    })
    if (registry.closed !== undefined) {
      queue.end(Exit.fail(registry.closed))
    }
    const later = Stream.mapAccum(EventQueue.toStream(queue), first, (current, event) => {
      const next = event._tag === "AccountRateLimitsUpdated" ? updated(current, event.rateLimits) : current
      return [next, next]
    })
    return Stream.concat(Stream.succeed(first), later)
  }))

/** An update has only what it was sent for: what it leaves open stays as it was known. */
const updated = (
  current: Server.GetAccountRateLimitsResponse,
  update: Server.RateLimitSnapshot
): Server.GetAccountRateLimitsResponse => {
  const shown = current.rateLimits.limitId ?? null
  const limitId = update.limitId ?? shown
  const byLimitId = current.rateLimitsByLimitId ?? {}
  const known = limitId !== null && Object.hasOwn(byLimitId, limitId) ? byLimitId[limitId] : undefined
  return {
    ...current,
    rateLimits: limitId === shown ? overlay(current.rateLimits, update) : current.rateLimits,
    ...(limitId === null
      ? undefined
      : { rateLimitsByLimitId: { ...byLimitId, [limitId]: known === undefined ? update : overlay(known, update) } })
  }
}

const overlay = (known: Server.RateLimitSnapshot, update: Server.RateLimitSnapshot): Server.RateLimitSnapshot => ({
  ...known,
  ...Object.fromEntries(Object.entries(update).filter(([, value]) => value !== null && value !== undefined))
})
