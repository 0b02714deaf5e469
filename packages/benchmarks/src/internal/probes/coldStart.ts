/** A program of the SDK from its start to the first answer to a request. */
import { AppServer } from "@effect-codex/sdk"
import * as Effect from "effect/Effect"
import { cpuTime, report } from "./probe.js"
import * as Sdk from "./sdk.js"

const program = Effect.flatMap(AppServer.AppServer, (appServer) => appServer.request("thread/loaded/list", {})).pipe(
  Effect.zipRight(Effect.sync(() => report({ milliseconds: performance.now(), cpu: cpuTime() / 1_000 }))),
  Effect.zipRight(Effect.never),
  Effect.provide(Sdk.layer)
)

Effect.runFork(program)
