import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"

/**
 * What an error is called, for a log: its message may hold what was asked or answered.
 *
 * @internal
 */
export const nameOf = (error: unknown): string =>
  Predicate.hasProperty(error, "_tag") && typeof error._tag === "string"
    ? error._tag
    : error instanceof Error
    ? error.name
    : typeof error

/**
 * Goes on where an effect fails, and says so in the debug log.
 *
 * @internal
 */
export const ignore = (what: string) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<void, never, R> =>
  Effect.matchCauseEffect(self, {
    onSuccess: () => Effect.void,
    onFailure: (cause) => Effect.logDebug(`${what}: ${nameOf(Cause.squash(cause))}`)
  })

/**
 * Where something does not fit its schema. What stands there is left out.
 *
 * @internal
 */
export const placesOf = (error: ParseResult.ParseError): string =>
  ParseResult.ArrayFormatter.formatErrorSync(error).map(({ _tag, path }) => `${path.join(".") || "params"}: ${_tag}`)
    .join(", ")

/**
 * Has the log say what it is about, as far as that is known.
 *
 * @internal
 */
export const annotate = (annotations: { readonly [name: string]: string | undefined }) =>
  Effect.annotateLogs(
    Object.fromEntries(Object.entries(annotations).filter(([, value]) => value !== undefined))
  )
