import { NodeCodex } from "@effect-codex/node"
import { CodexConfig } from "@effect-codex/sdk"
import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NodeChildProcess from "node:child_process"
import { fileURLToPath } from "node:url"

// Also from what is built of this.
const modelFile = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "./model.ts" : "./model.js", import.meta.url))

/** The address of a model that runs in a process of its own, with the flags of this one. */
const model = Effect.acquireRelease(
  Effect.sync(() =>
    NodeChildProcess.spawn(process.execPath, [...process.execArgv, modelFile], { stdio: ["pipe", "pipe", "inherit"] })
  ),
  (child) =>
    Effect.async<void>((resume) => {
      child.once("close", () => resume(Effect.void))
      child.stdin.end()
    }).pipe(
      Effect.interruptible,
      Effect.timeoutOption("5 seconds"),
      Effect.zipRight(Effect.sync(() => child.kill("SIGKILL")))
    )
).pipe(
  Effect.flatMap((child) =>
    Effect.async<string>((resume) => {
      child.stdout.setEncoding("utf8").once("data", (line: string) => resume(Effect.succeed(line.trim())))
      child.once("close", () => resume(Effect.dieMessage("the scripted model ended before it was asked anything")))
    })
  )
)

/** Such a model, and the folders of an app-server that uses it, until the scope is closed. */
export const home = Effect.flatMap(
  model,
  (baseUrl) => TemporaryCodexHome.make({ config: ScriptedModel.codexConfig({ baseUrl }) })
)

/** The app-server on such a model, both until the Layer is closed. */
export const layer = Layer.unwrapScoped(Effect.gen(function*() {
  const { codexHome, cwd } = yield* home
  return NodeCodex.layerExperimental({ codexHome, cwd, env: { HOME: codexHome } }).pipe(
    // On a busy machine a server with so much to do is slow to stop a turn. That is none of what is looked for.
    Layer.provide(CodexConfig.layer({ interruptGrace: "90 seconds", requestTimeout: "2 minutes" }))
  )
}))
