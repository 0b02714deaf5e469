import type { StartTurnError, Thread } from "@effect-codex/sdk/Thread"
import type { Turn, TurnOptions } from "@effect-codex/sdk/Turn"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Env } from "./env.js"

/** A turn that the server has accepted, in the scope of the test. */
export const start = (
  { say, server, thread: first }: Env,
  turnId: string,
  options: TurnOptions & { readonly thread?: Thread } = {}
): Effect.Effect<Turn, StartTurnError, Scope.Scope> =>
  Effect.gen(function*() {
    const { thread = first, ...turnOptions } = options
    const starting = yield* Effect.fork(thread.startTurn("hi", turnOptions))
    const { id } = yield* server.takeRequest("turn/start")
    yield* say.accepted(id, turnId)
    return yield* starting
  })

/** The same, and the server has said that it runs. */
export const running = (env: Env, turnId: string, options: TurnOptions & { readonly thread?: Thread } = {}) =>
  Effect.tap(start(env, turnId, options), () => env.say.started(turnId, {}, (options.thread ?? env.thread).id))
