/** A command in the sandbox of the app-server: what it reads, what it prints as it comes, how it ends. */
import { NodeCodex } from "@effect-codex/node"
import { Command } from "@effect-codex/sdk"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const program = Effect.gen(function*() {
  const sort = yield* Command.exec({ command: ["sort"], streamStdin: true, timeout: "30 seconds" })
  yield* Stream.make("pear\n", "apple\n", "fig\n").pipe(Stream.encodeText, Stream.run(sort.stdin))
  yield* sort.stdout.pipe(
    Stream.decodeText(),
    Stream.splitLines,
    Stream.runForEach((line) => Console.log(`sorted: ${line}`))
  )
  yield* Console.log(`exit code: ${yield* sort.exitCode}`)
})

program.pipe(Effect.scoped, Effect.provide(NodeCodex.layer()), NodeRuntime.runMain)
