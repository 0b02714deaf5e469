import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as TransportRun from "../src/internal/transportRun.js"

/** Has a fiber yield after every so many operations, so that what follows strikes at another step of it each time. */
const stepped = <A, E>(self: Effect.Effect<A, E>, operations: number) =>
  Effect.withMaxOpsBeforeYield(Effect.zipRight(Effect.yieldNow(), Effect.exit(self)), operations)

/** Some operations without a yield, so that the first one falls into what follows. */
const prefix = Effect.forEach(Array.from({ length: 12 }), () => Effect.void, { discard: true })

/** Every number of operations, with every number of yields that are waited for. */
const steps = Array.from({ length: 40 }, (_, index) => 12 + index).flatMap((operations) =>
  [1, 2, 3, 4, 5].map((yields) => ({ operations, yields }))
)

const underWay = (self: Effect.Effect<unknown, unknown>, { operations, yields }: (typeof steps)[number]) =>
  Effect.fork(stepped(Effect.zipRight(prefix, self), operations)).pipe(
    Effect.tap(Effect.replicateEffect(Effect.yieldNow(), yields, { discard: true }))
  )

it.effect("at whatever step a race is interrupted, it ends", () =>
  Effect.forEach(steps, (step) =>
    Effect.gen(function*() {
      const race = yield* underWay(TransportRun.whichever(Effect.never, Effect.never), step)
      const interruption = yield* Effect.fork(Fiber.interrupt(race))
      yield* TestClock.adjust("1 second")
      assert.isTrue(Option.isSome(yield* Fiber.poll(interruption)), JSON.stringify(step))
    })))
