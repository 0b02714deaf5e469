import { Retry, type Thread } from "@effect-codex/sdk"
import type { StartTurnError } from "@effect-codex/sdk/Thread"
import type { TurnStreamError } from "@effect-codex/sdk/Turn"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import { type Length, say } from "./talk.js"

/** How a turn of the soak ended, as this program sees it. */
export type Outcome = "completed" | "interrupted" | "failed" | "left" | "timedOut"

export const outcomes: ReadonlyArray<Outcome> = ["completed", "interrupted", "failed", "left", "timedOut"]

type Action = (thread: Thread.Thread, length: Length) => Effect.Effect<Outcome, StartTurnError | TurnStreamError>

/** Somewhere within the time that the turn takes, or a little after. */
const moment = ({ delay, words }: Length) => Effect.map(Random.nextIntBetween(0, words * delay + 500), Duration.millis)

/** What was stopped may have been over, and what was left to end may not have been. */
const told = <E, R>(self: Effect.Effect<{ readonly status: string }, E, R>): Effect.Effect<Outcome, E, R> =>
  Effect.map(
    self,
    ({ status }) => status === "completed" ? "completed" : status === "failed" ? "failed" : "interrupted"
  )

const run: Action = (thread, length) => told(thread.run(say.words(length)))

const read: Action = (thread, length) =>
  Effect.as(Stream.runDrain(thread.stream(say.words(length))), "completed" as const)

const leave: Action = (thread, length) =>
  Effect.flatMap(
    Random.nextIntBetween(1, length.words),
    (events) => thread.stream(say.words(length)).pipe(Stream.take(events), Stream.runDrain, Effect.as("left" as const))
  )

const timeOut: Action = (thread, length) =>
  Effect.flatMap(moment(length), (duration) =>
    told(thread.run(say.words(length))).pipe(
      Effect.timeoutTo({ duration, onSuccess: (outcome) => outcome, onTimeout: (): Outcome => "timedOut" })
    ))

const interrupt: Action = (thread, length) =>
  Effect.gen(function*() {
    const turn = yield* thread.startTurn(say.words(length))
    yield* Effect.flatMap(moment(length), Effect.sleep)
    return yield* told(turn.interrupt)
  }).pipe(Effect.scoped, Effect.catchTag("InterruptTimeout", Effect.die))

const steer: Action = (thread, length) =>
  Effect.gen(function*() {
    const turn = yield* thread.startTurn(say.words(length))
    yield* Effect.flatMap(moment(length), Effect.sleep)
    // A turn that is over takes no more, and a refused word changes nothing.
    yield* turn.steer(say.words({ words: 3, delay: length.delay })).pipe(
      Effect.catchTags({ TurnNotActive: () => Effect.void, TurnNotSteerable: () => Effect.void })
    )
    return yield* told(turn.result)
  }).pipe(Effect.scoped)

const fail: Action = (thread, length) => told(thread.run(say.failure(length)))

const callTool: Action = (thread, { delay, words }) => told(thread.run(say.toolCall(words * delay)))

const leaveTool: Action = (thread, length) =>
  Effect.flatMap(moment(length), (duration) =>
    callTool(thread, length).pipe(
      Effect.timeoutTo({ duration, onSuccess: (outcome) => outcome, onTimeout: (): Outcome => "timedOut" })
    ))

const actions: ReadonlyArray<Action> = [
  run,
  run,
  read,
  leave,
  leave,
  timeOut,
  timeOut,
  interrupt,
  interrupt,
  steer,
  fail,
  callTool,
  leaveTool
]

const length: Effect.Effect<Length> = Effect.gen(function*() {
  return { words: yield* Random.nextIntBetween(5, 30), delay: yield* Random.nextIntBetween(200, 800) }
})

/** One turn of a random kind. What it fails with is none of what a turn of the soak may end in. */
export const one = (thread: Thread.Thread) =>
  Effect.gen(function*() {
    const action = actions[yield* Random.nextIntBetween(0, actions.length)] ?? run
    return yield* Retry.overloaded(action(thread, yield* length))
  }).pipe(
    Effect.catchTag("TurnFailed", () => Effect.succeed<Outcome>("failed"))
  )
