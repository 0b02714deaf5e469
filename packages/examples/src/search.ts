/** Files that match what is being typed: the experimental search sessions of the app-server. */
import { NodeCodex } from "@effect-codex/node"
import { FuzzyFileSearch } from "@effect-codex/sdk"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"

const typing = Stream.make("q", "quick", "quickstart.ts").pipe(Stream.schedule(Schedule.spaced("200 millis")))

const program = Effect.gen(function*() {
  const session = yield* FuzzyFileSearch.session({ roots: [process.cwd()] })
  yield* Effect.forkScoped(Stream.runForEach(typing, session.search))

  yield* session.results.pipe(
    Stream.filter(({ files }) => files.length > 0),
    Stream.tap(({ files, query }) => Console.log(`${query}: ${files[0]?.path}`)),
    Stream.takeUntil(({ query }) => query === "quickstart.ts"),
    Stream.runDrain
  )
})

program.pipe(Effect.scoped, Effect.provide(NodeCodex.layerExperimental()), NodeRuntime.runMain)
