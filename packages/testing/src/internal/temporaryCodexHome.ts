import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type * as TemporaryCodexHome from "../TemporaryCodexHome.js"

const removalRetries = Schedule.spaced("50 millis").pipe(Schedule.intersect(Schedule.recurs(99)))
const removalBound = "5 seconds"

// A server that is just ending may put a file back while the folder is being emptied. Its time is real time.
const remove = (fs: FileSystem.FileSystem, folder: string): Effect.Effect<void> =>
  fs.remove(folder, { recursive: true, force: true }).pipe(
    Effect.retry(removalRetries),
    Effect.interruptible,
    Effect.timeout(removalBound),
    Effect.withClock(Clock.make()),
    Effect.catchAll((error) =>
      Effect.logWarning(`a temporary CODEX_HOME could not be removed: ${error.message}`).pipe(
        Effect.annotateLogs("folder", folder)
      )
    )
  )

/** @internal */
export const make = (options: {
  readonly config: string
}): Effect.Effect<TemporaryCodexHome.TemporaryCodexHome["Type"], PlatformError, Scope.Scope> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const folder = yield* Effect.acquireRelease(
      fs.makeTempDirectory({ prefix: "effect-codex-home-" }),
      (folder) => remove(fs, folder)
    )
    const root = yield* fs.realPath(folder)
    const codexHome = path.join(root, "home")
    const cwd = path.join(root, "work")
    yield* fs.makeDirectory(codexHome)
    yield* fs.makeDirectory(cwd)
    yield* fs.writeFileString(path.join(codexHome, "config.toml"), options.config)
    return { codexHome, cwd }
  }).pipe(Effect.provide([NodeFileSystem.layer, NodePath.layer]))
