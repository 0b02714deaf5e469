import { readFileSync } from "node:fs"
import { publint as lint } from "publint"
import { formatMessage } from "publint/utils"
import { bin, root } from "../commands.mjs"
import { succeed } from "./execute.mjs"

/** Suggestions count as much as errors. */
export const publint = async ({ manifest, tarball }) => {
  const { messages } = await lint({ pack: { tarball: new Uint8Array(readFileSync(tarball)).buffer }, strict: true })
  if (messages.length > 0) throw new Error(messages.map((message) => formatMessage(message, manifest)).join("\n"))
}

/**
 * `esm-only` leaves out `require` and the resolution of before Node 12, which is what being ESM means; no rule is ignored.
 * By itself it looks at the entry and not at `./*`, so every module is named.
 */
export const attw = async ({ entryPoints, tarball }) => {
  const options = ["--profile", "esm-only", "--format", "ascii", "--no-emoji", "--no-definitely-typed"]
  await succeed([...bin("attw", "@arethetypeswrong/cli"), tarball, ...options, "--entrypoints", ...entryPoints], {
    cwd: root
  })
}
