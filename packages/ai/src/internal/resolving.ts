import type * as LanguageModel from "@effect/ai/LanguageModel"
import type * as AiTool from "@effect/ai/Tool"
import type * as Toolkit from "@effect/ai/Toolkit"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import * as Calls from "./calls.js"

/**
 * The same model, whose requests bring their toolkit along to the provider. Where a handler fails its request, that is
 * interrupted, and with it the turn.
 *
 * @internal
 */
export const resolving = (model: LanguageModel.Service): LanguageModel.Service => ({
  generateText: overEffect(model.generateText),
  generateObject: overEffect(model.generateObject),
  streamText: overStream(model.streamText)
})

interface Request extends Calls.Options {
  readonly toolkit?: WithHandler | Effect.Effect<WithHandler, unknown, unknown> | undefined
}

type WithHandler = Toolkit.WithHandler<Record<string, AiTool.Any>>

// What the service says of its errors and requirements follows from the options of each call, which no function that
// changes them can repeat. So here, and only here, they are unknown.
type Run<A> = (request: Request) => A

const overEffect = <F>(generate: F): F => {
  const run = generate as Run<Effect.Effect<unknown, unknown, unknown>>
  const resolved: typeof run = (request) =>
    Effect.flatMap(prepare(request), (prepared) =>
      prepared === undefined ? run(request) : first(
        Effect.provideService(run(prepared.request), Calls.Calls, prepared.calls),
        prepared.calls.failed
      ))
  return resolved as F
}

const overStream = <F>(generate: F): F => {
  const run = generate as Run<Stream.Stream<unknown, unknown, unknown>>
  const resolved: typeof run = (request) =>
    Stream.unwrap(
      Effect.map(prepare(request), (prepared) =>
        prepared === undefined ? run(request) : run(prepared.request).pipe(
          Stream.provideService(Calls.Calls, prepared.calls),
          Stream.interruptWhen(prepared.calls.failed)
        ))
    )
  return resolved as F
}

// A caller of `Effect.raceFirst` that is interrupted at the wrong step waits for fibers that never start.
const first = <A, E, R, E2>(
  self: Effect.Effect<A, E, R>,
  that: Effect.Effect<never, E2>
): Effect.Effect<A, E | E2, R> =>
  Effect.checkInterruptible((interruptible) =>
    Effect.flatten(
      Effect.raceAll<Effect.Effect<Exit.Exit<A, E | E2>, never, R>>([
        Effect.exit(interruptible ? self : Effect.uninterruptible(self)),
        Effect.exit(that)
      ])
    )
  )

const prepare = Effect.fnUntraced(function*(request: Request) {
  const { toolkit: given } = request
  if (given === undefined) {
    return undefined
  }
  const toolkit = Effect.isEffect(given) ? yield* given : given
  return { request: { ...request, toolkit }, calls: yield* Calls.make(toolkit, request) }
})
