/** The way of a message through the SDK, out of `Turn.events`. */
import { AppServer } from "@effect-codex/sdk"
import type { TurnEvent } from "@effect-codex/sdk/TurnEvent"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import { Meter, orderOf, type Params, params, report } from "./probe.js"
import * as Sdk from "./sdk.js"

const given = params<Params & { readonly read: "folded" | "byChunk" | "byEvent" }>()
const read = Sdk[given.read]

const program = Effect.scoped(Effect.gen(function*() {
  const threads = yield* Sdk.threads(given.turns)
  const appServer = yield* AppServer.AppServer
  const runFork = Runtime.runFork(yield* Effect.runtime())
  const meter = new Meter(given, () => runFork(appServer.request("thread/loaded/list", {})))
  const onEvent = (event: TurnEvent) => {
    if (event._tag === "ItemAgentMessageDelta") {
      meter.saw()
    }
  }
  const turns = yield* Sdk.turns(threads, orderOf(given))
  yield* Effect.forEach(turns, (turn) => read(turn, onEvent), { concurrency: "unbounded", discard: true })
  report(meter.sample)
  return yield* Effect.never
}))

program.pipe(Effect.provide(Sdk.layer), NodeRuntime.runMain)
