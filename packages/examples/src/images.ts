/**
 * Images in what a turn is given: a file, by a path that the app-server reads, and one that this program has in memory,
 * as a `data:` URL. Text and images stand in the order in which the model gets them.
 */
import { Codex, Input } from "@effect-codex/sdk"
import { CodexTest, ScriptedModel } from "@effect-codex/testing"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Layer from "effect/Layer"
import { fileURLToPath } from "node:url"
import { describe } from "./images/model.js"

const flag = fileURLToPath(new URL("images/flag.png", import.meta.url))

const program = Effect.gen(function*() {
  const codex = yield* Codex.Codex
  const thread = yield* codex.startThread({ sandbox: "read-only" })

  const one = yield* thread.run(["What is this?", Input.localImage(flag)])
  yield* Console.log(one.finalResponse)

  const { readFile } = yield* FileSystem.FileSystem
  const url = `data:image/png;base64,${Encoding.encodeBase64(yield* readFile(flag))}`
  const two = yield* thread.run(["Is this", Input.localImage(flag), "the same as this?", Input.image(url)])
  yield* Console.log(two.finalResponse)
})

// Without a script it would be `NodeCodex.layer()`.
const script: ScriptedModel.Script = ({ input }) => ScriptedModel.text(describe(input))

program.pipe(
  Effect.provide(Layer.merge(CodexTest.layer({ script }), NodeFileSystem.layer)),
  NodeRuntime.runMain
)
