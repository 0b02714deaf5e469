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

const program = readFileSync(official, "utf8")

const migrated = changes.reduce((text, [from, to]) => text.replaceAll(from, () => to), program)

/** What the compiler says of each of these programs, all at once. */
const compile = <Name extends string>(programs: { readonly [N in Name]: string }) => {
  const root = fileOf("../../../")
  const { config } = ts.readConfigFile(`${root}tsconfig.base.json`, (path) => ts.sys.readFile(path))
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
  const checked = { ...options, composite: false, incremental: false, noEmit: true, plugins: [] }
  const host = ts.createCompilerHost(checked)
  const { getSourceFile } = host
  const sources = new Map(
    Object.entries<string>(programs).map(([name, text]) => [fileOf(`./fixtures/${name}.ts`), text])
  )
  host.getSourceFile = (file, version, ...rest) => {
    const text = sources.get(file)
    return text === undefined ? getSourceFile(file, version, ...rest) : ts.createSourceFile(file, text, version, true)
  }
  const built = ts.createProgram(Array.from(sources.keys()), checked, host)
  return (name: Name): ReadonlyArray<string> => {
    const source = built.getSourceFile(fileOf(`./fixtures/${name}.ts`))
    return [...built.getSyntacticDiagnostics(source), ...built.getSemanticDiagnostics(source)].map(({ messageText }) =>
      ts.flattenDiagnosticMessageText(messageText, "\n")
    )
  }
}

describe("a program for @openai/codex-sdk", () => {
  it("compiles here after the changes that the page lists, and not before", () => {
    const problemsOf = compile({
      official: program,
      renamed: program.replace("@openai/codex-sdk\"", "@effect-codex/promise\""),
      migrated
    })
    assert.deepStrictEqual(problemsOf("official"), [])
    assert.isNotEmpty(problemsOf("renamed"))
    assert.deepStrictEqual(problemsOf("migrated"), [])
  }, 120_000)

  it("needs each of these changes", () => {
    assert.isAbove(changes.length, 20)
    changes.reduce((text, [from, to]) => {
      assert.include(text, from)
      return text.replaceAll(from, () => to)
    }, program)
    assert.notInclude(migrated, "@openai/codex-sdk\"")
  })
})
