/**
 * Effect's diagnostics for everything written by hand; any error or warning fails.
 *
 * The language service's own command line reads the packages as they are, and under `NodeNext` TypeScript sees Effect's
 * declarations as CommonJS: a namespace import of such a module is a synthetic copy, in which most rules recognise
 * nothing and stay silent. Hence one program over all packages with `Bundler` resolution, and a canary that must sing.
 */
import effect from "@effect/language-service/transform.js"
import { fileURLToPath } from "node:url"
import ts from "typescript"

const configFile = fileURLToPath(new URL("../tsconfig.diagnostics.json", import.meta.url))
const canaryFile = fileURLToPath(new URL("../packages/canary.ts", import.meta.url))
const canary = `import * as Effect from "effect/Effect"
export const program = Effect.gen(function*() {
  Effect.log("floating")
  yield* Effect.log("yielded")
  return yield* Effect.succeed(undefined)
})
`

const fail = (problem) => {
  console.error(problem)
  process.exit(1)
}

const config = ts.getParsedCommandLineOfConfigFile(configFile, undefined, {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic: ({ messageText }) => fail(ts.flattenDiagnosticMessageText(messageText, "\n"))
})
if (config.errors.length > 0) fail(config.errors.map((error) => error.messageText).join("\n"))
const plugin = config.options.plugins.find(({ name }) => name === "@effect/language-service")

const host = ts.createCompilerHost(config.options)
const { fileExists, getSourceFile } = host
host.fileExists = (file) => file === canaryFile || fileExists(file)
host.getSourceFile = (file, options, ...rest) =>
  file === canaryFile ? ts.createSourceFile(file, canary, options, true) : getSourceFile(file, options, ...rest)

const program = ts.createProgram([...config.fileNames, canaryFile], config.options, host)

const check = (file) => {
  const found = []
  const extras = { ts, addDiagnostic: (diagnostic) => found.push(diagnostic) }
  effect.default(program, plugin, extras)()(program.getSourceFile(file))
  return found
}

const heard = check(canaryFile).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))
for (const rule of ["floatingEffect", "effectSucceedWithVoid"]) {
  if (!heard.some((message) => message.includes(rule))) fail(`The canary is silent: ${rule} finds nothing any more.`)
}

const found = config.fileNames.flatMap(check)
const format = process.env.FORCE_COLOR ? ts.formatDiagnosticsWithColorAndContext : ts.formatDiagnostics
console.log(format(found, {
  getCanonicalFileName: (file) => file,
  getCurrentDirectory: () => fileURLToPath(new URL("../", import.meta.url)),
  getNewLine: () => "\n"
}))
console.log(`${config.fileNames.length} files, ${found.length} errors and warnings`)
process.exitCode = found.length === 0 ? 0 : 1
