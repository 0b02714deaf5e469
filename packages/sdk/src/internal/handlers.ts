import * as Effect from "effect/Effect"
import { Passed } from "../CodexError.js"
import type { Handler, Handlers, Kind, Requirements } from "../ServerRequests.js"

/** @internal */
export const none: Handlers = {}

/** @internal */
export const pass: Effect.Effect<never, Passed> = Effect.suspend(() => new Passed())

/**
 * The same handlers, with what they need taken from here.
 *
 * @internal
 */
export const provided = <const H extends Handlers<unknown>>(
  handlers: H
): Effect.Effect<Handlers, never, Requirements<H>> =>
  Effect.map(Effect.context<Requirements<H>>(), (context) => {
    const provide = (handler: Handler<Kind, unknown, unknown>): Handler<Kind> => (question) =>
      // Requirements<H> is what all the handlers of H need.
      Effect.provide(handler(question) as Effect.Effect<never, unknown, Requirements<H>>, context)
    return Object.fromEntries(
      Object.entries(handlers).map(([kind, handler]) => [
        kind,
        // Each stays under its own kind.
        handler === undefined ? undefined : provide(handler as Handler<Kind, unknown, unknown>)
      ])
    )
  })
