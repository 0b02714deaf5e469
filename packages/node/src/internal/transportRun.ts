import type { TransportEnd } from "@effect-codex/sdk/Transport"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type { FrameReader, OnFrames, Source } from "./frameReader.js"

/**
 * What ends first, with the other interrupted, even where the caller cannot be: the loser would be waited for. A caller
 * of `Effect.raceFirst` that is interrupted at the wrong step waits for fibers that never start.
 *
 * @internal
 */
export const whichever = <A, B>(one: Effect.Effect<A>, other: Effect.Effect<B>): Effect.Effect<A | B> =>
  Effect.flatten(Effect.raceAll<Effect.Effect<Exit.Exit<A | B>>>([Effect.exit(one), Effect.exit(other)]))

/**
 * `Transport.run`: the handler is attached until `end`, and what it throws is a defect of whoever runs it.
 *
 * @internal
 */
export const make =
  (reader: FrameReader, source: Source, end: Effect.Effect<TransportEnd>) =>
  (onFrames: OnFrames): Effect.Effect<TransportEnd> =>
    Effect.acquireUseRelease(
      Effect.gen(function*() {
        if (reader.isAttached()) {
          return yield* Effect.dieMessage("Only one Transport.run may be active at a time")
        }
        const crashed = yield* Deferred.make<never>()
        reader.attach(onFrames, (cause) => Deferred.unsafeDone(crashed, Effect.die(cause)))
        return crashed
      }),
      (crashed) =>
        Effect.sync(() => reader.start(source)).pipe(
          Effect.zipRight(whichever(end, Deferred.await(crashed))),
          Effect.tap(() => Effect.sync(reader.finish))
        ),
      () => Effect.sync(() => reader.detach(source))
    )
