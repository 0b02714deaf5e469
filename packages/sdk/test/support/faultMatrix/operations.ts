import * as Account from "@effect-codex/sdk/Account"
import { AppServer } from "@effect-codex/sdk/AppServer"
import type { Codex } from "@effect-codex/sdk/Codex"
import type { Thread } from "@effect-codex/sdk/Thread"
import * as Faults from "@effect-codex/testing/Faults"
import * as Effect from "effect/Effect"
import type { Predicate } from "effect/Predicate"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/** The thread that the operations are about; the other turn runs on `thread-2`. */
export const threadId = "thread-1"

export interface World {
  readonly codex: Codex["Type"]
  readonly appServer: AppServer["Type"]
  readonly thread: Thread
  /** Closes the Layer. */
  readonly close: Effect.Effect<void>
}

export type Scoped<A> = Effect.Effect<A, { readonly _tag: string }, Scope.Scope>

/** A frame, by which a fault strikes. */
type Frame = (action: Faults.Action) => Faults.Fault

/** What is done, and where it can be struck. */
export interface Struck {
  /** The frames at which a fault is at its worst. */
  readonly points: { readonly [point: string]: Frame }
  /** What comes before, which no fault strikes; it gives the operation. */
  readonly prepare: (world: World) => Scoped<Scoped<unknown>>
}

interface Operation<P extends string> extends Struck {
  readonly points: { readonly [K in P]: Frame }
}

const about = (method: Faults.Method, ofThread: string | undefined = threadId): Predicate<Faults.Frame> => (frame) =>
  frame.method === method && frame.threadId === ofThread

const said = (method: Faults.Method): Frame => (action) => Faults.incoming(Faults.at(1, about(method)), action)

const sent = (method: Faults.Method): Frame => (action) => Faults.outgoing(Faults.at(1, about(method)), action)

/** What belongs to no thread. */
const apart = {
  said: (method: Faults.Method, n = 1): Frame => (action) =>
    Faults.incoming(Faults.at(n, (frame) => frame.method === method), action),
  sent: (method: Faults.Method): Frame => (action) =>
    Faults.outgoing(Faults.at(1, (frame) => frame.method === method), action)
}

const operation = <P extends string>(
  points: Operation<P>["points"],
  prepare: Operation<P>["prepare"]
): Operation<P> => ({ points, prepare })

const atOnce = (run: (world: World) => Scoped<unknown>) => (world: World) => Effect.succeed(run(world))

// Whatever is lost, the turn ends.
const bounds = { stallTimeout: "30 seconds", maxDuration: "2 minutes" } as const

/** What a program does on the SDK. Each `request` and `answer` is that of the operation. */
export const operations = {
  start: operation(
    { request: sent("turn/start"), answer: said("turn/start") },
    atOnce(({ thread }) => thread.startTurn("say"))
  ),
  run: operation(
    {
      request: sent("turn/start"),
      answer: said("turn/start"),
      event: said("turn/started"),
      completion: said("turn/completed")
    },
    atOnce(({ thread }) => thread.run("say", bounds))
  ),
  stream: operation(
    {
      request: sent("turn/start"),
      answer: said("turn/start"),
      event: said("item/agentMessage/delta"),
      completion: said("turn/completed")
    },
    atOnce(({ thread }) => Stream.runDrain(thread.stream("say", bounds)))
  ),
  steer: operation(
    { request: sent("turn/steer"), answer: said("turn/steer"), completion: said("turn/completed") },
    ({ thread }) => Effect.map(thread.startTurn("hang"), (turn) => Effect.zipRight(turn.steer("say"), turn.result))
  ),
  interrupt: operation(
    { request: sent("turn/interrupt"), answer: said("turn/interrupt"), completion: said("turn/completed") },
    ({ thread }) => Effect.map(thread.startTurn("hang"), (turn) => turn.interrupt)
  ),
  approval: operation(
    {
      request: said("item/commandExecution/requestApproval"),
      answer: sent("item/commandExecution/requestApproval"),
      completion: said("serverRequest/resolved")
    },
    atOnce(({ thread }) => thread.run("approval", bounds))
  ),
  tool: operation(
    {
      request: said("item/tool/call"),
      answer: sent("item/tool/call"),
      completion: said("serverRequest/resolved")
    },
    atOnce(({ thread }) => thread.run("tool", bounds))
  ),
  login: operation(
    {
      request: apart.sent("account/login/start"),
      answer: apart.said("account/login/start"),
      completion: apart.said("account/login/completed")
    },
    atOnce(({ appServer }) =>
      Account.loginBrowser().pipe(
        Effect.flatMap(({ completed }) => completed),
        Effect.timeout("2 minutes"),
        Effect.provideService(AppServer, appServer)
      )
    )
  ),
  list: operation(
    {
      request: apart.sent("model/list"),
      answer: apart.said("model/list"),
      completion: apart.said("model/list", 2)
    },
    atOnce(({ codex }) => Stream.runDrain(codex.models()))
  ),
  close: operation(
    { request: sent("turn/interrupt"), answer: said("turn/interrupt"), completion: said("turn/completed") },
    ({ close, thread }) => Effect.map(thread.startTurn("hang"), (turn) => Effect.zipRight(close, turn.result))
  )
}

export type OperationName = keyof typeof operations

export const operationNames: ReadonlyArray<OperationName> = [
  "start",
  "run",
  "stream",
  "steer",
  "interrupt",
  "approval",
  "tool",
  "login",
  "list",
  "close"
]

export type Point<O extends OperationName> = keyof (typeof operations)[O]["points"]
