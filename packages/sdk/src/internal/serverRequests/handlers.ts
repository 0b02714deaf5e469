import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { Passed } from "../../CodexError.js"
import type { Handler, Handlers, Kind, Requirements } from "../../ServerRequests.js"

/** @internal */
export const none: Handlers = {}

/** @internal */
export const pass: Effect.Effect<never, Passed> = Effect.suspend(() => new Passed())

/**
 * Provides what was there when a handler was given. Its spans belong to the question all the same, and not to what the
 * program did back then.
 *
 * @internal
 */
export const provide = <R>(given: Context.Context<R>) => <A, E>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E> =>
  Effect.mapInputContext(self, (here: Context.Context<never>) => {
    const merged = Context.merge(here, given)
    return Option.match(Context.getOption(here, Tracer.ParentSpan), {
      onNone: (): Context.Context<R> => merged,
      onSome: (span) => Context.add(merged, Tracer.ParentSpan, span)
    })
  })

interface ByKind<R> {
  readonly [kind: string]: Handler<Kind, unknown, R> | undefined
}

/** Handlers whose kinds do not matter: each stays under its own, and all of them need `Requirements<H>`. */
const byKind = <H extends Handlers<unknown>>(handlers: H): ByKind<Requirements<H>> => handlers as ByKind<never>

const mapKinds = <R>(
  handlers: ByKind<unknown>,
  f: (kind: string) => Handler<Kind, unknown, R> | undefined
): Handlers<R> => Object.fromEntries(Object.keys(handlers).map((kind) => [kind, f(kind)]))

/**
 * The same handlers, with what they need taken from here.
 *
 * @internal
 */
export const provided = <const H extends Handlers<unknown>>(
  handlers: H
): Effect.Effect<Handlers, never, Requirements<H>> =>
  Effect.map(Effect.context<Requirements<H>>(), (context) =>
    mapKinds(byKind(handlers), (kind) => {
      const handler = byKind(handlers)[kind]
      return handler === undefined ? undefined : (question) => provide(context)(handler(question))
    }))

/** @internal */
export const orElse = <const A extends Handlers<unknown>, const B extends Handlers<unknown>>(
  first: A,
  second: B
): Handlers<Requirements<A> | Requirements<B>> => {
  const [some, others] = [byKind(first), byKind(second)]
  return mapKinds({ ...some, ...others }, (kind) => {
    const handler = some[kind]
    const other = others[kind]
    return handler === undefined || other === undefined
      ? handler ?? other
      : (question) =>
        Effect.catchIf(
          Effect.suspend(() => handler(question)),
          (error) => error instanceof Passed,
          () => other(question)
        )
  })
}
