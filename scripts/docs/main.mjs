/** What a block that declares `program` leaves to its reader. */
import { NodeCodex } from "@effect-codex/node"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"

export const main = (program) =>
  program.pipe(Effect.scoped, Effect.provide(NodeCodex.layerExperimental()), NodeRuntime.runMain)
