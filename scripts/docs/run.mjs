/**
 * Runs the blocks that say `ts run`, each as a process of its own, on the real app-server and a scripted model (see
 * `player.mjs`). A block runs as it stands where it is a whole program. One that only declares `program`, an Effect, is
 * given a `Codex`, as its reader would do it; one that declares tests is run by Vitest.
 */
import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import ts from "typescript"
import { root } from "./blocks.mjs"

const place = ({ file, line }) => `${file}:${line}`
const url = (name) => JSON.stringify(pathToFileURL(join(root, "scripts/docs", name)).href)

const kindOf = (block) => {
  if (/from "@effect\/vitest"/.test(block.code)) return "test"
  const { statements } = ts.createSourceFile("block.ts", block.code, ts.ScriptTarget.Latest, true)
  const acts = statements.some((statement) => {
    let found = ts.isExpressionStatement(statement) || ts.isForOfStatement(statement)
    const look = (node) => {
      if (ts.isAwaitExpression(node)) found = true
      // What is awaited in a function is not awaited by the block.
      if (!ts.isFunctionLike(node)) ts.forEachChild(node, look)
    }
    if (!found) look(statement)
    return found
  })
  if (acts) return "whole"
  const declares = statements.some((statement) =>
    ts.isVariableStatement(statement) &&
    statement.declarationList.declarations.some(({ name }) => ts.isIdentifier(name) && name.text === "program")
  )
  return declares ? "program" : "idle"
}

const start = (args) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] })
    let said = ""
    child.stdout.setEncoding("utf8").on("data", (chunk) => (said += chunk))
    child.stderr.setEncoding("utf8").on("data", (chunk) => (said += chunk))
    child.once("error", (error) => resolve({ status: -1, said: error.message }))
    child.once("close", (status) => resolve({ status, said }))
  })

const readJson = (file) => {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch {
    return undefined
  }
}

const play = async (folder, jobs) => {
  if (jobs.length === 0) return []
  const list = join(folder, "jobs.json")
  const report = join(folder, "report.json")
  writeFileSync(list, JSON.stringify(jobs))
  const player = join(root, "scripts/docs/player.mjs")
  const { said } = await start(["--conditions=effect-codex-source", "--import", "tsx", player, list, report])
  return readJson(report) ?? [`The blocks were not run:\n${said}`]
}

const test = async (folder, jobs) => {
  if (jobs.length === 0) return []
  const config = join(folder, "vitest.config.ts")
  const shared = JSON.stringify(join(root, "vitest.shared.ts"))
  writeFileSync(
    config,
    `import { mergeConfig } from "vitest/config"\nimport shared from ${shared}\n` +
      `export default mergeConfig(shared, { test: { include: ["*.test.ts"], maxWorkers: 2, minWorkers: 1 } })\n`
  )
  const report = join(folder, "tests.json")
  const { said } = await start([
    join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    `--root=${folder}`,
    `--config=${config}`,
    "--reporter=json",
    `--outputFile=${report}`
  ])
  const results = readJson(report)?.testResults ?? []
  return jobs.flatMap((job) => {
    const result = results.find(({ name }) => name === job.path)
    if (result === undefined) return [`${job.place}: its tests were not run:\n${said}`]
    if (result.status === "passed" && result.assertionResults.length > 0) return []
    const failed = result.assertionResults.flatMap(({ failureMessages }) => failureMessages)
    return [`${job.place}: ${[...failed, result.message].filter((text) => text !== "").join("\n")}`]
  })
}

/** The number of blocks that were run, and what went wrong. */
export const run = async (blocks) => {
  mkdirSync(join(root, "build"), { recursive: true })
  const folder = mkdtempSync(join(root, "build", "docs-"))
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }))
  const problems = []
  const jobs = Array.from(blocks.values()).filter((block) => block.runs).flatMap((block, index) => {
    const kind = kindOf(block)
    if (kind === "idle") {
      problems.push(`${place(block)}: there is nothing to run; declare \`program\`, or run it`)
      return []
    }
    const path = join(folder, kind === "test" ? `${index}.test.ts` : `${index}.ts`)
    const footer = kind === "program" ? `\n;(await import(${url("main.mjs")})).main(program)\n` : ""
    writeFileSync(path, block.code + footer)
    return [{ kind, path, place: place(block), prints: block.prints }]
  })
  problems.push(...await play(folder, jobs.filter(({ kind }) => kind !== "test")))
  problems.push(...await test(folder, jobs.filter(({ kind }) => kind === "test")))
  return { count: jobs.length, problems }
}
