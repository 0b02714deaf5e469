import * as Effect from "effect/Effect"
import { Passed } from "../CodexError.js"
import type { Handler, Handlers, Kind, Requirements } from "../ServerRequests.js"

type AnyHandler<R> = Handler<Kind, unknown, R> | undefined

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

/** @internal */
export const orElse = <const A extends Handlers<unknown>, const B extends Handlers<unknown>>(
  first: A,
  second: B
): Handlers<Requirements<A> | Requirements<B>> => {
  type R = Requirements<A> | Requirements<B>
  const either = (handler: AnyHandler<R>, other: AnyHandler<R>): AnyHandler<R> =>
    handler === undefined || other === undefined
      ? handler ?? other
      : (question) =>
        Effect.catchIf(
          Effect.suspend(() => handler(question)),
          (error) => error instanceof Passed,
          () => other(question)
        )
  // Both have handlers by kind, and each stays under its own.
  const [some, others] = [first, second] as ReadonlyArray<Handlers<R>> as [ByKind<R>, ByKind<R>]
  return Object.fromEntries(
    Object.keys({ ...some, ...others }).map((kind) => [kind, either(some[kind], others[kind])])
  )
}

interface ByKind<R> {
  readonly [kind: string]: AnyHandler<R>
}
