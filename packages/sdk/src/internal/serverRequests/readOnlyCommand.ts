/**
 * Whether a command can only read, as far as its words tell. What the server says of it (`commandActions`) is meant for
 * display and does not suffice: `find . -delete` is listed as a listing, `cat a | tee b` and an `awk` that calls
 * `system` as reads. So only programs that are known here count, without the options by which they write or run
 * something, and only in a shell script of plain words.
 *
 * @internal
 */
export const isReadOnly = (command: string): boolean => {
  const script = scriptOf(command)
  const commands = script === undefined ? undefined : simpleCommands(script)
  return commands !== undefined && commands.length > 0 &&
    commands.every(([program, ...args]) =>
      program !== undefined && Object.hasOwn(programs, program) && programs[program]?.(args) === true
    )
}

const anyArguments = () => true

const without = (forbidden: RegExp) => (args: ReadonlyArray<string>): boolean =>
  args.every((arg) => !forbidden.test(arg))

const programs: { readonly [program: string]: (args: ReadonlyArray<string>) => boolean } = {
  cat: anyArguments,
  cd: anyArguments,
  egrep: anyArguments,
  fgrep: anyArguments,
  find: without(/^-(exec|ok|delete|fls|fprint)/),
  grep: anyArguments,
  head: anyArguments,
  ls: anyArguments,
  nl: anyArguments,
  pwd: anyArguments,
  // These run programs: a preprocessor, a decompressor, one that names the host.
  rg: without(/^--(pre|search-zip|hostname-bin)|^-[^-]*z/),
  sed: ([quiet, range, ...files]) =>
    quiet === "-n" && range !== undefined && /^\d+(,(\d+|\$))?p$/.test(range) && without(/^-/)(files),
  tail: anyArguments,
  wc: anyArguments
}

/** A shell as servers name it. One that lies elsewhere may be any program: the model says which is to be used. */
const shell =
  /^(\/bin\/|\/usr\/bin\/|\/usr\/local\/bin\/|\/opt\/homebrew\/bin\/|\/run\/current-system\/sw\/bin\/)?(ba|da|z)?sh$/

/** The script that a command has a shell run, or the command itself where that is no shell. */
const scriptOf = (command: string): string | undefined => {
  const commands = simpleCommands(command)
  const [program, flag, script, ...more] = commands?.[0] ?? []
  if (commands?.length !== 1 || program === undefined || !shell.test(program)) {
    return command
  }
  return (flag === "-c" || flag === "-lc") && more.length === 0 ? script : undefined
}

/**
 * The words of the commands that a script runs one after the other or as a pipe, or `undefined` where it is more than
 * that: expansions, redirections, patterns, jobs, groups, assignments to be.
 */
const simpleCommands = (script: string): ReadonlyArray<ReadonlyArray<string>> | undefined => {
  const commands: Array<Array<string>> = []
  let words: Array<string> = []
  let word: string | undefined
  const endWord = () => {
    if (word !== undefined) {
      words.push(word)
      word = undefined
    }
  }
  const endCommand = () => {
    endWord()
    if (words.length > 0) {
      commands.push(words)
      words = []
    }
  }

  let rest = script
  while (rest !== "") {
    const token = tokens.exec(rest)
    if (token === null) {
      return undefined
    }
    rest = rest.slice(token[0].length)
    const { blank, double, plain, separator, single } = token.groups ?? {}
    if (blank !== undefined) {
      endWord()
    } else if (separator !== undefined) {
      endCommand()
    } else {
      word = (word ?? "") + (plain ?? single ?? double?.replace(/\\([$`"\\])/g, "$1") ?? "")
    }
  }
  endCommand()
  return commands
}

const tokens = new RegExp(
  [
    "^(?:(?<blank>[ \\t]+)",
    "(?<separator>\\n|;|&&|\\|\\|?)",
    "(?<plain>[\\p{L}\\p{N}_/.,:=@%+~-]+)",
    "'(?<single>[^']*)'",
    "\"(?<double>(?:[^\"$`\\\\]|\\\\[$`\"\\\\])*)\")"
  ].join("|"),
  "u"
)
