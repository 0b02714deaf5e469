/**
 * Holds the documentation to what it says. Every `ts` block of the README, of `docs` and of the `@example`s in the
 * packages' sources compiles, so that what a reader copies works; a block that continues another one is written out
 * whole. What says `ts run` is run as well. Links within the repository lead somewhere, and no error is left out.
 *
 * `node scripts/docs.mjs docs/errors.md` looks at the blocks of some files only.
 */
import { blocks } from "./docs/blocks.mjs"
import { problemsOfTypes, programOf } from "./docs/compile.mjs"
import { problemsOfErrors } from "./docs/errors.mjs"
import { problemsOfLinks } from "./docs/links.mjs"
import { run } from "./docs/run.mjs"

const found = blocks(process.argv.slice(2))
if (found.size === 0) {
  console.error("No block was found: the search is broken.")
  process.exit(1)
}

const program = programOf(found)
const problems = [...problemsOfLinks(), ...problemsOfTypes(program, found), ...problemsOfErrors(program)]
const played = await run(found)
problems.push(...played.problems)
for (const problem of problems) console.error(problem)
console.log(`${found.size} blocks, ${played.count} of them run, ${problems.length} problems`)
process.exit(problems.length === 0 ? 0 : 1)
