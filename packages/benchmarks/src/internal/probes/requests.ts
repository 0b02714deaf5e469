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
  const one = (count: number) => Effect.replicateEffect(request, count, { discard: true })
  const many = (count: number) =>
    Effect.forEach(
      Array.from({ length: inFlight }, (_, worker) => Math.floor((count + worker) / inFlight)),
      one,
      { concurrency: "unbounded", discard: true }
    )
  yield* one(warmUp)
  const oneByOne = new Timing(count)
  yield* one(count)
  const sequential = oneByOne.end()
  yield* many(warmUp)
  const parallel = new Timing(count)
  yield* many(count)
  report({ ...sequential, ...parallel.end("Many") })
  return yield* Effect.never
})

program.pipe(Effect.provide(Sdk.layer), NodeRuntime.runMain)
