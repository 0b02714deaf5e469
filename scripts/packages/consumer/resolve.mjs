/** Loads every module that the packages offer, and asks for some that they keep to themselves. */
import { readFileSync } from "node:fs"

const { closed, open } = JSON.parse(readFileSync("modules.json", "utf8"))

const outcome = (specifier) =>
  import(specifier).then(
    (module) => Object.keys(module).length > 0 ? "loaded" : "types only",
    (error) => error.code ?? error.message
  )

const problems = []
for (const specifier of open) {
  const found = await outcome(specifier)
  if (found !== "loaded" && found !== "types only") problems.push(`${specifier} does not load: ${found}`)
}
for (const specifier of closed) {
  const found = await outcome(specifier)
  // Bun has one code for whatever does not resolve.
  if (!["ERR_PACKAGE_PATH_NOT_EXPORTED", "ERR_MODULE_NOT_FOUND"].includes(found)) {
    problems.push(`${specifier} has to be closed: ${found}`)
  }
}
for (const problem of problems) console.error(problem)
console.log(`${open.length} modules load, ${closed.length} are closed`)
process.exit(problems.length === 0 ? 0 : 1)
