/**
 * A service that has codex do its work, and the program that uses it. `test/service.test.ts` tests it in four ways: in
 * memory, with a transcript, on a scripted model, and live.
 */
import { NodeCodex } from "@effect-codex/node"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Triage from "./service/Triage.js"

const reports = ["The app crashes when I open a file.", "Where do I find my invoices?"]

const program = Effect.gen(function*() {
  const { triage } = yield* Triage.Triage
  const verdicts = yield* Effect.forEach(reports, triage, { concurrency: "unbounded" })
  yield* Effect.forEach(verdicts, ({ kind, title }) => Console.log(`${kind}: ${title}`))
})

program.pipe(Effect.provide(Triage.layer.pipe(Layer.provide(NodeCodex.layer()))), NodeRuntime.runMain)
