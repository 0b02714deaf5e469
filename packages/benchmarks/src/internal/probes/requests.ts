/** Requests of the SDK: one at a time, then 64 in flight. */
import { AppServer } from "@effect-codex/sdk"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import { params, report } from "./probe.js"
import { inFlight, type RequestParams, Timing } from "./requesting.js"
import * as Sdk from "./sdk.js"

const { count, warmUp } = params<RequestParams>()

const program = Effect.gen(function*() {
  const appServer = yield* AppServer.AppServer
  const request = appServer.request("thread/loaded/list", {})
  const times = (count: number, concurrency: number) =>
    Effect.forEach(Array.from({ length: count }), () => request, { concurrency, discard: true })
  yield* times(warmUp, 1)
  const one = new Timing(count)
  yield* times(count, 1)
  const sequential = one.end()
  yield* times(warmUp, inFlight)
  const many = new Timing(count)
  yield* times(count, inFlight)
  report({ ...sequential, ...many.end("Many") })
  return yield* Effect.never
})

program.pipe(Effect.provide(Sdk.layer), NodeRuntime.runMain)
