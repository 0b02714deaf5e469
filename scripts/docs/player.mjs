/** Plays blocks of the documentation, two at a time, each in a `CODEX_HOME` of its own on one scripted model. */
import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { spawn } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { script } from "./model.mjs"

const [, , list, report] = process.argv
const bound = "90 seconds"

/** The environment of whoever runs the checks has no say in what a block does. */
const environment = (codexHome) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(CODEX|OPENAI)_/.test(name))),
  CODEX_HOME: codexHome,
  HOME: codexHome
})

const finish = (child) =>
  Effect.async((resume) => {
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (chunk) => (stdout += chunk))
    child.stderr.setEncoding("utf8").on("data", (chunk) => (stderr += chunk))
    child.once("error", (error) => resume(Effect.succeed({ status: error.message, stdout, stderr })))
    child.once("close", (code, signal) => resume(Effect.succeed({ status: code ?? signal, stdout, stderr })))
  })

const verdict = (job, { status, stderr, stdout }) => {
  if (status !== 0) return [`${job.place}: it ended with ${status}\n${stdout}${stderr}`]
  if (job.prints !== undefined && job.prints !== stdout) {
    return [`${job.place}: it printed\n${stdout}and not\n${job.prints}`]
  }
  return []
}

const play = (job) =>
  Effect.gen(function*() {
    const home = Context.get(yield* Layer.build(TemporaryCodexHome.layer()), TemporaryCodexHome.TemporaryCodexHome)
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(
          process.execPath,
          ["--conditions=effect-codex-source", "--import", import.meta.resolve("tsx"), job.path],
          {
            cwd: home.cwd,
            env: environment(home.codexHome),
            stdio: ["ignore", "pipe", "pipe"]
          }
        )
      ),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    return yield* finish(child).pipe(
      Effect.map((end) => verdict(job, end)),
      Effect.timeoutTo({
        duration: bound,
        onSuccess: (problems) => problems,
        onTimeout: () => [`${job.place}: it still ran after ${bound}`]
      })
    )
  }).pipe(Effect.scoped)

Effect.forEach(JSON.parse(readFileSync(list, "utf8")), play, { concurrency: 2 }).pipe(
  Effect.tap((problems) => Effect.sync(() => writeFileSync(report, JSON.stringify(problems.flat())))),
  Effect.provide(ScriptedModel.layer(script)),
  NodeRuntime.runMain
)
