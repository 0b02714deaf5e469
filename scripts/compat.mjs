/**
 * Runs the tests on the real app-server with every release of codex that this SDK is tested with, one after the other,
 * and prints a table: `npm run compat`, or `npm run compat -- 0.150.0 0.160.1` for some of them. `--write` puts the table
 * into `docs/compatibility.md`. It takes minutes a release; `--last` takes what the last runs have reported.
 *
 * The pinned release is the one that is installed. The others are installed by npm into `build/codex`, once. What a test
 * is skipped for stands in `packages/sdk/test/real/releases.ts`; on the pinned release a skipped test counts as failed.
 */
import { spawn } from "node:child_process"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { binaryFrom } from "../packages/node/src/internal/codexPackage.ts"
import { COMPARED_VERSIONS, PROTOCOL_VERSION } from "../packages/protocol/src/ProtocolVersion.ts"
import { bin, npm, root } from "./commands.mjs"

const cache = join(root, "build", "codex")
const page = join(root, "docs", "compatibility.md")
const minute = 60_000

const execute = ([command, ...args], { bound, env = {}, output = "inherit" }) =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", output === "inherit" ? "inherit" : "pipe", "inherit"],
      timeout: bound
    })
    let said = ""
    child.stdout?.setEncoding("utf8").on("data", (chunk) => {
      said += chunk
    })
    child.once("error", ({ message }) => resolve({ ok: false, said: message }))
    child.once("close", (code) => resolve({ ok: code === 0, said }))
  })

const find = (folder) => binaryFrom(process, join(folder, "package.json"), [])

/** The binary of a release, installed where it is not yet; `undefined` for the one that the tests find by themselves. */
const binaryOf = async (version) => {
  if (version === PROTOCOL_VERSION) return undefined
  const folder = join(cache, version)
  const isRelease = async (binary) =>
    binary !== undefined && binary.startsWith(folder) &&
    (await execute([binary, "--version"], { bound: minute, output: "pipe" })).said.trim().endsWith(` ${version}`)
  if (!await isRelease(find(folder))) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, "package.json"), "{ \"private\": true }\n")
    const install = [
      ...npm(),
      "install",
      "--prefix",
      folder,
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      `@openai/codex@${version}`
    ]
    await execute(install, { bound: 10 * minute })
  }
  const binary = find(folder)
  if (!await isRelease(binary)) throw new Error(`@openai/codex@${version} could not be installed into ${folder}`)
  return binary
}

const readReport = (file) => {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch {
    return { tests: [], problems: ["no report: the run crashed, or took too long, or there was none"] }
  }
}

const reportOf = (version) => join(cache, `${version}.json`)

const run = async (version) => {
  const binary = await binaryOf(version)
  const report = reportOf(version)
  mkdirSync(cache, { recursive: true })
  rmSync(report, { force: true })
  const reporters = ["--reporter=dot", "--reporter=./scripts/compatReporter.mjs"]
  const bounds = ["--minWorkers=1", "--maxWorkers=1"]
  await execute(
    [...bin("vitest"), "run", "--project", "sdk", ...bounds, ...reporters, "test/real"],
    {
      bound: 30 * minute,
      env: { COMPAT_REPORT: report, ...(binary === undefined ? {} : { CODEX_TEST_BINARY: binary }) }
    }
  )
}

const resultOf = (version) => {
  const { problems, tests } = readReport(reportOf(version))
  const of = (state) => tests.filter((test) => test.state === state)
  const skipped = of("skipped")
  const unreasoned = version === PROTOCOL_VERSION ? skipped : skipped.filter(({ note }) => note === undefined)
  const failed = [
    ...of("failed").map(({ name, problem }) => `${name}: ${problem}`),
    ...unreasoned.map(({ name }) => `${name}: skipped without a right to be`),
    ...problems
  ]
  return { version, passed: of("passed").length, skipped, failed }
}

const reasonsOf = (skipped) => {
  const counts = new Map()
  for (const { note = "no reason" } of skipped) counts.set(note, (counts.get(note) ?? 0) + 1)
  return Array.from(counts, ([note, count]) => ({ note, count })).sort((a, b) => a.note.localeCompare(b.note))
}

const tableOf = (results) =>
  [
    "| codex | passed | skipped | failed |",
    "|---|---|---|---|",
    ...results.map(({ failed, passed, skipped, version }) =>
      `| ${version} | ${passed} | ${skipped.length} | ${failed.length} |`
    )
  ].join("\n")

/** A reason is told once, with the releases that it holds for. */
const lackingOf = (results) => {
  const reasons = new Map()
  for (const { skipped, version } of results) {
    for (const { count, note } of reasonsOf(skipped)) {
      const row = reasons.get(note) ?? { count, versions: [] }
      row.versions.push(version)
      reasons.set(note, row)
    }
  }
  const split = ([note, { count, versions }]) => {
    const [since, ...reason] = note.split(": ")
    return { since, reason: reason.join(": "), count, versions }
  }
  const rows = Array.from(reasons, split).sort((a, b) =>
    a.since.localeCompare(b.since, "en", { numeric: true }) || a.reason.localeCompare(b.reason)
  )
  return [
    "| from | tests | why not before |",
    "|---|---|---|",
    ...rows.map(({ count, reason, since }) => `| ${since} | ${count} | ${reason} |`)
  ].join("\n")
}

const write = (results) => {
  const [begin, end] = ["<!-- compat -->", "<!-- /compat -->"]
  const text = readFileSync(page, "utf8")
  const [before, after] = [text.indexOf(begin), text.indexOf(end)]
  if (before < 0 || after < before) throw new Error(`${page} has no place for the table: ${begin} … ${end}`)
  const date = new Date().toISOString().slice(0, 10)
  const part = [begin, `Of ${date}:`, "", tableOf(results), "", lackingOf(results), ""].join("\n")
  writeFileSync(page, text.slice(0, before) + part + text.slice(after))
}

const args = process.argv.slice(2)
const asked = args.filter((arg) => !arg.startsWith("-"))
const versions = asked.length === 0 ? COMPARED_VERSIONS : asked
const results = []
for (const version of versions) {
  console.log(`\n== codex ${version}`)
  if (!args.includes("--last")) await run(version)
  const result = resultOf(version)
  results.push(result)
  for (const { count, note } of reasonsOf(result.skipped)) console.log(`skipped ${count}, which hold from ${note}`)
  for (const failure of result.failed) console.log(`FAILED ${failure}`)
}
console.log(`\n${tableOf(results)}`)
if (args.includes("--write")) write(results)
process.exitCode = results.every(({ failed, passed }) => failed.length === 0 && passed > 0) ? 0 : 1
