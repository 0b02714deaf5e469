import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { assert, describe, it } from "vitest"

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const page = readFileSync(fileOf("../../../docs/migrating.md"), "utf8")
const official = fileOf("./fixtures/official.ts")

/** What the page has programs changed: from here to there, in its order. */
const changes = (page.split("### The changes, word by word")[1]?.split("###")[0] ?? "")
  .split("\n")
  .flatMap((line): ReadonlyArray<readonly [from: string, to: string]> => {
    const [, from, to] = /^\| `(.+?)` \| (?:`(.+?)` )?\|$/.exec(line) ?? []
    // A cell is one line; in a pattern over several, `\n      ` stands for their break.
    const lines = (cell: string) => cell.replaceAll("\\n      ", "\n      ")
    return from === undefined ? [] : [[lines(from), lines(to ?? "")]]
  })

const compile = (program: string): ReadonlyArray<string> => {
  const root = fileOf("../../../")
  const { config } = ts.readConfigFile(`${root}tsconfig.base.json`, (path) => ts.sys.readFile(path))
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
  const checked = { ...options, composite: false, incremental: false, noEmit: true }
  const host = ts.createCompilerHost(checked)
  const read = host.getSourceFile
  host.getSourceFile = (file, version, ...rest) =>
    file === official ? ts.createSourceFile(file, program, version, true) : read(file, version, ...rest)
  const built = ts.createProgram([official], checked, host)
  const source = built.getSourceFile(official)
  return [...built.getSyntacticDiagnostics(source), ...built.getSemanticDiagnostics(source)].map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, "\n")
  )
}

describe("a program for @openai/codex-sdk", () => {
  const program = readFileSync(official, "utf8")

  it("is one for this package after the changes that the page lists, each of which it needs", () => {
    assert.isAbove(changes.length, 20)
    const migrated = changes.reduce((text, [from, to]) => {
      assert.include(text, from, "a change that the program does not need")
      return text.replaceAll(from, () => to)
    }, program)
    assert.notInclude(migrated, "@openai/codex-sdk\"")
    assert.deepStrictEqual(compile(migrated), [])
  }, 120_000)

  it("compiles as it is for that SDK, and without the changes not for this package", () => {
    assert.deepStrictEqual(compile(program), [])
    assert.isNotEmpty(compile(program.replace("@openai/codex-sdk\"", "@effect-codex/promise\"")))
  }, 120_000)
})
