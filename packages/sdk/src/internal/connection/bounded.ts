import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import type * as Option from "effect/Option"

/**
 * Deadlines for what users call wherever they like. Effect's own interrupt what is late and wait until it has ended,
 * which it never does where the caller cannot be interrupted, as in a finalizer or in the acquisition of a
 * resource. What is bounded here is interrupted by that and by nothing else there, so it should hold nothing that its
 * caller meant to protect.
 *
 * @internal
 */
export const timeoutFail: {
  <E1>(
    options: { readonly duration: Duration.DurationInput; readonly onTimeout: () => E1 }
  ): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E | E1, R>
  <A, E, R, E1>(
    self: Effect.Effect<A, E, R>,
    options: { readonly duration: Duration.DurationInput; readonly onTimeout: () => E1 }
  ): Effect.Effect<A, E | E1, R>
} = dual(
  2,
  <A, E, R, E1>(
    self: Effect.Effect<A, E, R>,
    options: { readonly duration: Duration.DurationInput; readonly onTimeout: () => E1 }
  ): Effect.Effect<A, E | E1, R> => Effect.timeoutFail(Effect.interruptible(self), options)
)

/** @internal */
export const timeoutOption: {
  (
    duration: Duration.DurationInput
  ): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<Option.Option<A>, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, duration: Duration.DurationInput): Effect.Effect<Option.Option<A>, E, R>
} = dual(
  2,
  <A, E, R>(
    self: Effect.Effect<A, E, R>,
    duration: Duration.DurationInput
  ): Effect.Effect<Option.Option<A>, E, R> => Effect.timeoutOption(Effect.interruptible(self), duration)
)
