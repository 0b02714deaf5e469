/**
 * Everything that must hold before a change is merged: `npm test`, or `npm test -- types lint` for some of it.
 *
 * Every check runs even if an earlier one failed. The last line printed is `N passed, N failed`: a suite counts by its
 * own tests, any other check as one.
 */
import { spawn, spawnSync } from "node:child_process"
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { bin, npm, root } from "./commands.mjs"

mkdirSync(join(root, "build"), { recursive: true })
const scratch = mkdtempSync(join(root, "build", "check-"))
const minute = 60_000

const readJson = (file) => {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch {
    return undefined
  }
}

/** A suite that ended badly without a failed test of its own (it crashed, hung, found nothing to run) failed once. */
const suite = (passed, failed, skipped, ok) => {
  const broken = failed === 0 && (!ok || passed === 0)
  return { passed, failed: broken ? 1 : failed, skipped }
}

const countTypeTests = (file, ok) => {
  const report = readJson(file)
  if (report === undefined) return suite(0, 0, 0, false)
  const { failed, passed, skipped, todo } = report.testCounts
  // An error outside of a test fails its file and no test.
  return suite(passed, Math.max(failed, report.fileCounts.failed), skipped + todo, ok)
}

const countTests = (file, ok) => {
  const report = readJson(file)
  if (report === undefined) return suite(0, 0, 0, false)
  const uncollected = report.testResults.filter(({ assertionResults, status }) =>
    status === "failed" && !assertionResults.some((test) => test.status === "failed")
  )
  return suite(
    report.numPassedTests,
    report.numFailedTests + uncollected.length,
    report.numPendingTests + report.numTodoTests,
    ok
  )
}

/** What a check of several steps has counted itself. */
const countSteps = (file, ok) => {
  const report = readJson(file)
  return report === undefined ? suite(0, 0, 0, false) : suite(report.passed, report.failed, 0, ok)
}

const countOne = (_file, ok) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 })

const checks = [
  {
    name: "generated",
    title: "the generated protocol is what the binary describes",
    command: [...npm(), "run", "--silent", "generate", "--", "--check"]
  },
  { name: "types", title: "tsc --build", command: [...bin("tsc", "typescript"), "--build", "tsconfig.json"] },
  {
    name: "diagnostics",
    title: "Effect's language service",
    command: [process.execPath, "scripts/diagnostics.mjs"]
  },
  {
    name: "docs",
    title: "the documentation compiles, runs and leads somewhere",
    command: [process.execPath, "scripts/docs.mjs"]
  },
  { name: "lint", title: "eslint", command: [...bin("eslint"), ".", "--max-warnings", "0"] },
  {
    name: "type-tests",
    title: "tstyche",
    command: [...bin("tstyche"), "--reporters", "list,summary,./scripts/tstycheReporter.mjs"],
    count: countTypeTests
  },
  {
    name: "packages",
    title: "what is published",
    // It builds, as `types` does, and two compilers would write the same files at once.
    after: "types",
    command: [process.execPath, "scripts/packages.mjs"],
    count: countSteps
  },
  {
    name: "tests",
    title: "vitest",
    command: [...bin("vitest"), "run", "--reporter=default", "--reporter=json"],
    report: (file) => [`--outputFile.json=${file}`],
    count: countTests,
    alone: true,
    bound: 20 * minute
  }
]

const running = new Set()

const isWindows = process.platform === "win32"

const killGroup = (pid, signal) => {
  try {
    process.kill(-pid, signal)
  } catch {
    // The group is gone already.
  }
}

/** Windows has no groups, only a tree that is found through its root, as long as that lives. */
const killTree = (pid) => {
  if (isWindows) spawnSync("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore" })
  else killGroup(pid, "SIGKILL")
}

/**
 * Runs a check in a process group of its own, so that what a hanging child has started ends with it. What runs beside
 * others writes to a file first; a file, unlike a pipe, is not held open by a grandchild that outlives its parent.
 */
const execute = (check) =>
  new Promise((resolve) => {
    const { alone = false, bound = 10 * minute, command: [file, ...args], count = countOne, name } = check
    const counts = join(scratch, `${name}.json`)
    const log = join(scratch, `${name}.log`)
    const output = alone ? "inherit" : openSync(log, "w")
    const started = performance.now()
    let problem = ""
    const child = spawn(file, [...args, ...(check.report?.(counts) ?? [])], {
      cwd: root,
      detached: !isWindows,
      env: { ...process.env, CHECK_COUNTS: counts, ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}) },
      stdio: ["ignore", output, output]
    })
    if (child.pid !== undefined) running.add(child.pid)
    const timer = setTimeout(() => {
      problem = `killed: still running after ${bound / minute} minutes`
      killTree(child.pid)
    }, bound)
    const finish = (ok) => {
      clearTimeout(timer)
      if (child.pid !== undefined) {
        if (!isWindows) killGroup(child.pid, "SIGKILL")
        running.delete(child.pid)
      }
      if (!alone) closeSync(output)
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      resolve({ ...check, ...count(counts, ok), problem, seconds, log: alone ? "" : readFileSync(log, "utf8") })
    }
    child.once("error", (error) => {
      problem = error.message
      finish(false)
    })
    child.once("exit", (code, signal) => {
      if (problem === "" && signal !== null) problem = `ended by ${signal}`
      finish(code === 0 && problem === "")
    })
  })

const print = ({ failed, log, name, passed, problem, seconds, skipped, title }) => {
  const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`
  console.log(`\n== ${name} (${title}): ${failed > 0 ? "FAILED" : "ok"} in ${seconds} s; ${counts}`)
  if (problem !== "") console.log(problem)
  if (log.trim() !== "") console.log(log.trimEnd())
}

/** Two at a time: each of these keeps about one core busy. */
const runAll = async (selected) => {
  const results = []
  const started = new Map()
  const queue = selected.filter((check) => !check.alone)
  const worker = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      await started.get(check.after)
      const executing = execute(check)
      started.set(check.name, executing)
      const result = await executing
      print(result)
      results.push(result)
    }
  }
  await Promise.all([worker(), worker()])
  for (const check of selected.filter((check) => check.alone)) {
    console.log(`\n== ${check.name} (${check.title})`)
    const result = await execute(check)
    print(result)
    results.push(result)
  }
  return results
}

const summarise = (results) => {
  const sum = (key) => results.reduce((total, result) => total + result[key], 0)
  const skipped = sum("skipped")
  if (skipped > 0) console.log(`\n== no skipped tests: FAILED; ${skipped} skipped`)
  const failed = sum("failed") + (skipped > 0 ? 1 : 0)
  return { failed, line: `${sum("passed")} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}` }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, () => {
    for (const pid of running) killTree(pid)
    process.exit(1)
  })
}
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }))

const names = process.argv.slice(2)
const unknown = names.filter((name) => !checks.some((check) => check.name === name))
const selected = checks.filter((check) => names.length === 0 || names.includes(check.name))
if (unknown.length > 0) {
  console.log(`Unknown: ${unknown.join(", ")}. The checks are: ${checks.map((check) => check.name).join(", ")}`)
}
const { failed, line } = unknown.length > 0
  ? { failed: 1, line: "0 passed, 1 failed" }
  : summarise(await runAll(selected))
if (process.env.CHECK_SUMMARY) writeFileSync(process.env.CHECK_SUMMARY, `${line}\n`)
console.log(`\n${line}`)
process.exitCode = failed > 0 ? 1 : 0
