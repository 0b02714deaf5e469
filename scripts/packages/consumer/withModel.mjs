/** Runs a program on a scripted model: `CODEX_HOME` is all that it is told. */
import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { spawn } from "node:child_process"

const [program] = process.argv.slice(2)

const run = ({ codexHome }) =>
  Effect.async((resume) => {
    const child = spawn(process.execPath, [program], {
      env: { ...process.env, CODEX_HOME: codexHome },
      stdio: "inherit"
    })
    child.once("close", (code) => resume(Effect.succeed(code ?? 1)))
    return Effect.sync(() => child.kill())
  })

const home = TemporaryCodexHome.layer().pipe(
  Layer.provide(ScriptedModel.layer({ "Say hello.": ScriptedModel.text(["Hello ", "there."]) }))
)

process.exitCode = await TemporaryCodexHome.TemporaryCodexHome.pipe(
  Effect.flatMap(run),
  Effect.provide(home),
  Effect.runPromise
)
