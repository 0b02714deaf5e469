/** The way of a message through the SDK, out of `Turn.events`. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import { type Params, params, passes, report } from "./probe.js"
import * as Sdk from "./sdk.js"

const given = params<Params & { readonly read?: "event" }>()

const program = Effect.gen(function*() {
  const threads = yield* Sdk.threads(given.turns)
  let sample: Readonly<Record<string, number>> = {}
  for (const order of passes(given)) {
    sample = yield* Sdk.pass(threads, order, given.read === "event" ? Sdk.byEvent : Sdk.byChunk)
  }
  yield* Effect.sync(() => report(sample))
  yield* Effect.never
})

program.pipe(Effect.provide(Sdk.layer), NodeRuntime.runMain)
