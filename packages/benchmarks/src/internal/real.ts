/** The real app-server on a scripted model, for cases in which the server matters. */
import { CodexBinary } from "@effect-codex/node"
import * as Effect from "effect/Effect"
import * as Environment from "../soak/environment.js"
import { ProbeFailed } from "./measure.js"
import type { RealParams } from "./probes/realParams.js"

/** Where probes find it, until the scope is closed. */
export const real = Effect.gen(function*() {
  const { path: binary } = yield* CodexBinary.find()
  const { codexHome, cwd } = yield* Environment.home
  return { binary, codexHome, cwd } satisfies RealParams
}).pipe(Effect.mapError(({ message }) => new ProbeFailed({ probe: "the real app-server", problem: message })))
