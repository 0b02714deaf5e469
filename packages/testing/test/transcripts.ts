import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"

/** The path of a file in a folder that goes when the scope does. */
export const temporaryFile = FileSystem.FileSystem.pipe(
  Effect.flatMap((fs) => fs.makeTempDirectoryScoped({ prefix: "effect-codex-transcript-" })),
  Effect.map((folder) => `${folder}/transcript.jsonl`),
  Effect.provide(NodeFileSystem.layer)
)
