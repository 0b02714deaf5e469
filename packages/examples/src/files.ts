/** A file that grows, and its changes as the app-server sees them. */
import { NodeCodex } from "@effect-codex/node"
import { Files } from "@effect-codex/sdk"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"

const program = Effect.gen(function*() {
  const { makeTempDirectoryScoped } = yield* FileSystem.FileSystem
  const log = `${yield* makeTempDirectoryScoped()}/service.log`
  yield* Files.writeFile(log, "started\n")

  yield* Stream.iterate("started\n", (text) => `${text}served\n`).pipe(
    Stream.schedule(Schedule.spaced("300 millis")),
    Stream.runForEach((text) => Files.writeFile(log, text)),
    Effect.forkScoped
  )

  yield* Files.watch(log).pipe(
    Stream.mapEffect(() => Files.readFileString(log)),
    Stream.take(3),
    Stream.runForEach((text) => Console.log(`lines: ${text.trimEnd().split("\n").length}`))
  )
})

program.pipe(
  Effect.scoped,
  Effect.provide(Layer.merge(NodeCodex.layer(), NodeFileSystem.layer)),
  NodeRuntime.runMain
)
