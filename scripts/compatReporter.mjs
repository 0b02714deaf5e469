import { writeFileSync } from "node:fs"

const stateOf = (test) => {
  const { errors = [], note, state } = test.result()
  return { name: test.fullName, state, note, problem: errors[0]?.message.split("\n")[0] }
}

/**
 * Writes what became of each test to the file that `COMPAT_REPORT` names, with the reason of each that was skipped, which
 * vitest's own reports leave out.
 */
export default class CompatReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const file = process.env.COMPAT_REPORT
    if (file === undefined) return
    const tests = Array.from(modules).flatMap((module) => Array.from(module.children.allTests(), stateOf))
    // A file that cannot be loaded, or an error outside of all tests, has no test to be found in.
    const others = [...Array.from(modules).flatMap((module) => module.errors()), ...unhandledErrors]
    writeFileSync(file, JSON.stringify({ tests, problems: others.map(({ message }) => message.split("\n")[0]) }))
  }
}
