/**
 * `ai-sdk-provider-codex-cli`, which asks for a newer Node.js than this repository does, so that it is none of its
 * dependencies: it is installed into `build/bench`, once.
 */
import * as Effect from "effect/Effect"
import * as NodeChildProcess from "node:child_process"
import * as Fs from "node:fs"
import { built, ProbeFailed } from "./measure.js"

export const version = "2.2.1"

const name = "ai-sdk-provider-codex-cli"
const folder = built("../../../../build/bench")
const entry = `${folder}/node_modules/${name}/dist/index.js`

const install = Effect.async<void, ProbeFailed>((resume) => {
  Fs.mkdirSync(folder, { recursive: true })
  Fs.writeFileSync(`${folder}/package.json`, "{ \"private\": true }\n")
  const args = ["install", "--prefix", folder, "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"]
  const child = NodeChildProcess.spawn("npm", [...args, `${name}@${version}`], { stdio: "ignore" })
  const failed = (problem: string) => resume(Effect.fail(new ProbeFailed({ probe: name, problem })))
  child.once("error", ({ message }) => failed(`npm could not be run: ${message}`))
  child.once("close", (code) => code === 0 ? resume(Effect.void) : failed(`npm install ended with ${code}`))
  return Effect.sync(() => child.kill("SIGKILL"))
}).pipe(Effect.timeoutFail({
  duration: "3 minutes",
  onTimeout: () => new ProbeFailed({ probe: name, problem: "npm install took more than 3 minutes" })
}))

/** The module to import. */
export const installed: Effect.Effect<string, ProbeFailed> = Effect.suspend(() =>
  Effect.as(Fs.existsSync(entry) ? Effect.void : install, entry)
)
