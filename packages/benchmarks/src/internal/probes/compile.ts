/** The compiler, from its start to its end. */
import { createRequire } from "node:module"
import { cpuTime, params } from "./probe.js"

const { project } = params<{ readonly project: string }>()

process.argv.splice(2, Infinity, "--project", project)
process.on("exit", () => {
  process.stdout.write(`\n${JSON.stringify({ seconds: performance.now() / 1_000, cpu: cpuTime() / 1_000_000 })}\n`)
})
createRequire(import.meta.url)("typescript/lib/tsc.js")
