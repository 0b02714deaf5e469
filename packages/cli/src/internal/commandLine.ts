import * as CliConfig from "@effect/cli/CliConfig"
import * as Help from "./help.js"
import { verbatim } from "./options.js"

/**
 * The command line in the one form that the parser takes in every case: options first, with their values apart, then
 * the arguments, each marked as such. As it comes, the parser would take a prompt such as `yes` for the value of the flag
 * before it, and look for no options after a `-`.
 *
 * `record FILE run …` and `record FILE -- …` are `record FILE …`.
 *
 * @internal
 */
export const prepare = (given: ReadonlyArray<string>, pages: ReadonlyArray<Help.Page>): ReadonlyArray<string> => {
  const args = withoutRun(given)
  const page = Help.leading(args, pages)
  if (page === undefined || page.path.length === 0) {
    return args
  }
  const arity = new Map([
    ...builtIns,
    ...Help.options(page.doc(CliConfig.make({ showBuiltIns: false }))).flatMap(({ names, takesValue }) =>
      names.map((name) => [name, takesValue] as const)
    )
  ])
  const options: Array<string> = []
  const positional: Array<string> = []
  for (let i = page.path.length; i < args.length; i++) {
    const arg = args[i] ?? ""
    if (arg === "--") {
      positional.push(...args.slice(i + 1).map((arg) => verbatim + arg))
      break
    }
    const [, name = arg, value] = /^(--[^=]+)=(.*)$/s.exec(arg) ?? []
    const takesValue = arity.get(name)
    const next = args[i + 1]
    if (takesValue === undefined) {
      // What is an option and not known stays as it is, for the parser to refuse.
      positional.push(arg.startsWith("-") && arg !== "-" ? arg : verbatim + arg)
    } else if (value !== undefined) {
      options.push(...(takesValue ? [name, value] : [arg]))
    } else if (takesValue && next !== undefined) {
      options.push(name, next)
      i++
    } else {
      options.push(arg)
    }
  }
  return [...page.path, ...options, ...positional]
}

/** What the parser knows of itself, and whether a value follows. */
const builtIns: ReadonlyArray<readonly [string, boolean]> = [
  ["--log-level", true],
  ["--completions", true],
  ["--version", false],
  ["--wizard", false]
]

const withoutRun = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [name, file, next] = args
  return (name === "record" || name === "replay") && file !== undefined && (next === "run" || next === "--")
    ? [name, file, ...args.slice(3)]
    : args
}
