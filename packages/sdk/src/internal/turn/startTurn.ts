import type * as Client from "@effect-codex/protocol/Client"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as AppServer from "../../AppServer.js"
import { type RequestError, type RequestFailed, TurnActive, UndecodableResult } from "../../CodexError.js"
import type { Input } from "../../Input.js"
import { toParts } from "../../Input.js"
import type { StartTurnError } from "../../Thread.js"
import type { TurnOptions } from "../../Turn.js"
import * as Bounded from "../connection/bounded.js"
import type { Connection } from "../connection/connection.js"
import { stringAt } from "../connection/envelope.js"
import * as Race from "../connection/race.js"
import * as Request from "../connection/request.js"
import * as RequestErrors from "../connection/requestErrors.js"
import type { ThreadEntry } from "../thread/threadEntry.js"
import * as TurnControl from "./turnControl.js"
import type { TurnEntry } from "./turnEntry.js"
import * as TurnGate from "./turnGate.js"
import type { Claim } from "./turns.js"
import * as Turns from "./turns.js"

/**
 * Starts a turn, or joins the active one, for the scope: when it closes, a turn that was started here and is still
 * open is stopped on the server.
 *
 * @internal
 */
export const startTurn = (
  connection: Connection,
  threadId: string,
  input: Input,
  options: TurnOptions
): Effect.Effect<Claim, StartTurnError, Scope.Scope> =>
  TurnGate.claimScoped(
    connection,
    threadId,
    (thread, restore) => begin(connection, thread, input, options, restore),
    options.stallTimeout
  ).pipe(
    Effect.mapError(RequestErrors.ofInput(connection.registry, threadId)),
    Effect.tap((claim) =>
      claim.joined || options.interruptWhen === undefined
        ? Effect.void
        : stopWhen(connection, claim.entry, options.interruptWhen)
    )
  )

/** While the scope is open and the turn is, stops the turn once the effect ends. */
const stopWhen = (
  connection: Connection,
  entry: TurnEntry,
  interruptWhen: Effect.Effect<unknown, unknown>
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.exit(interruptWhen).pipe(
    Race.first(Effect.exit(Deferred.await(entry.done))),
    Effect.zipRight(TurnControl.release(connection, entry)),
    Effect.interruptible,
    Effect.forkScoped,
    Effect.asVoid
  )

const begin = Effect.fnUntraced(function*(
  connection: Connection,
  thread: ThreadEntry,
  input: Input,
  { interruptWhen: _, stallTimeout: __, timeout, whenActive, ...params }: TurnOptions,
  restore: TurnGate.Restore
): Effect.fn.Return<Claim, StartTurnError> {
  const parts = toParts(input)
  const encoded = yield* Request.encode(
    "turn/start",
    { ...params, threadId: thread.id, input: parts },
    connection.experimentalApi
  )
  const start: Effect.Effect<Claim, StartTurnError> = exchangeStart(connection, thread, {
    method: "turn/start",
    params: encoded,
    timeout
  })
  const exclusively = TurnGate.exclusively(thread, restore)

  switch (whenActive ?? "wait") {
    case "fail": {
      const startOrFail = Effect.suspend(() =>
        thread.active === undefined
          ? start
          // What was active when the connection ended is not active any more.
          : connection.registry.closed ?? new TurnActive({ threadId: thread.id, turnId: thread.active.id })
      )
      // What is known to be active need not wait for a start that is under way.
      return yield* thread.active === undefined ? exclusively(startOrFail) : startOrFail
    }
    case "join": {
      const joinOrStart: Effect.Effect<Claim, StartTurnError> = Effect.suspend(() => {
        const active = thread.active
        return active === undefined ? start : Effect.catchTag(
          restore(join(connection, active, parts, timeout)),
          "RequestFailed",
          (refusal) => Effect.zipRight(restore(awaitEndOrRefuse(active, refusal)), joinOrStart)
        )
      })
      return yield* exclusively(joinOrStart)
    }
    case "wait":
      return yield* TurnGate.whenIdle(connection, thread, restore, start)
  }
})

/**
 * A start and its answer, which names the turn: the router claims it before it looks at the next frame.
 *
 * @internal
 */
export const exchangeStart = (
  connection: Connection,
  thread: ThreadEntry,
  { method, params, stopLate = TurnControl.stopUnowned, timeout }: {
    readonly method: AppServer.Method
    readonly params: unknown
    readonly timeout: TurnOptions["timeout"]
    /** What is done about a turn that is named only after the deadline. */
    readonly stopLate?: typeof TurnControl.stopUnowned
  }
): Effect.Effect<Claim, RequestError> =>
  TurnGate.claiming(connection, thread, { method, params }, (claim) => {
    let claimed: Claim | undefined
    return connection.exchange(method, params, {
      timeout,
      onResult: (result) => {
        const turnId = turnIdOf(result)
        if (turnId !== undefined) {
          claimed = claim(turnId)
        }
      },
      onLateResult: (result) => {
        const turnId = turnIdOf(result)
        if (turnId !== undefined) {
          connection.fork(stopLate(connection, thread.id, turnId))
        }
      }
    }).pipe(
      Effect.flatMap((result): Effect.Effect<Claim, RequestError> =>
        claimed === undefined
          ? new UndecodableResult({ method, result, issue: "turn.id: expected a string" })
          : Effect.succeed(claimed)
      )
    )
  })

const turnIdOf = (result: unknown) => stringAt(result, ["turn", "id"])

const join = (
  connection: Connection,
  active: TurnEntry,
  input: ReadonlyArray<Client.UserInput>,
  timeout: TurnOptions["timeout"]
): Effect.Effect<Claim, RequestError> =>
  connection.request("turn/steer", { threadId: active.thread.id, expectedTurnId: active.id, input }, { timeout }).pipe(
    TurnControl.onceBegun(connection, active),
    Effect.map(() => Turns.join(connection.registry, active))
  )

/** Why a turn was not joined: because it has ended, of which word may still be under way, or else the refusal. */
const awaitEndOrRefuse = (entry: TurnEntry, refusal: RequestFailed): Effect.Effect<void, RequestFailed> =>
  Effect.exit(Deferred.await(entry.done)).pipe(
    Bounded.timeoutFail({ duration: "1 second", onTimeout: () => refusal }),
    Effect.asVoid
  )
