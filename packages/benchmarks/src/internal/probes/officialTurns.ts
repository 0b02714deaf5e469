/** As many runs of `@openai/codex-sdk`, which starts a process for each. */
import { Codex } from "@openai/codex-sdk"
import { params, report } from "./probe.js"
import { environment, type RealParams } from "./realParams.js"

const given = params<RealParams & { readonly turns: number; readonly prompt: string }>()

const began = performance.now()
const codex = new Codex({
  codexPathOverride: given.binary,
  env: { PATH: process.env["PATH"] ?? "", ...environment(given) }
})
const results = await Promise.all(
  Array.from(
    { length: given.turns },
    () =>
      codex.startThread({ sandboxMode: "read-only", skipGitRepoCheck: true, workingDirectory: given.cwd }).run(
        given.prompt
      )
  )
)
report({
  seconds: (performance.now() - began) / 1_000,
  turns: results.filter(({ finalResponse }) => finalResponse.length > 0).length
})
