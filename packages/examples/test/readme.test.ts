import { assert, it } from "@effect/vitest"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const folder = fileURLToPath(new URL("../", import.meta.url))
const examples = readdirSync(`${folder}src`).filter((file) => file.endsWith(".ts"))
const readme = readFileSync(`${folder}README.md`, "utf8")

it("every example has a test that runs it", () => {
  const without = examples.filter((file) => {
    const test = `${folder}test/${file.replace(/\.ts$/, ".test.ts")}`
    return !existsSync(test) || !readFileSync(test, "utf8").includes(`"src/${file}"`)
  })
  assert.deepStrictEqual(without, [])
})

it("the README has one row for every example, and none for anything else", () => {
  const rows = Array.from(readme.matchAll(/^\| \[`([^`]+)`\]\(src\/([^)]+)\) \|/gm), ([, name, file]) => [name, file])
  assert.sameDeepMembers(rows, examples.map((file) => [file, file]))
})

it("the README says `script` of exactly those examples that need no account", () => {
  for (const [, file = "", runsOn = ""] of readme.matchAll(/^\| \[`([^`]+)`\].* \| ([^|]+) \|$/gm)) {
    const rest = `${folder}src/${file.slice(0, -3)}`
    const sources = [`${rest}.ts`, ...existsSync(rest) ? readdirSync(rest).map((name) => `${rest}/${name}`) : []]
    const scripted = sources.some((source) => /CodexTest|TemporaryCodexHome/.test(readFileSync(source, "utf8")))
    assert.strictEqual(runsOn.startsWith("script"), scripted, file)
    assert.match(runsOn, /^(script|account|codex)\b/, file)
  }
})
