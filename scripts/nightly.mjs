/**
 * What is played at random, far longer than `npm test` has time for: `npm run nightly`. A failure prints its seed and
 * how to play it again.
 */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../", import.meta.url))

const child = spawn(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "schedules.test.ts", "Faults.sdk.test.ts"],
  { cwd: root, stdio: "inherit", env: { SCHEDULES_RUNS: "100000", FAULTS_SEEDS: "2000", ...process.env } }
)

child.once("exit", (code) => {
  process.exitCode = code ?? 1
})
