import * as CliConfig from "@effect/cli/CliConfig"
import type { HelpDoc } from "@effect/cli/HelpDoc"
import type { Span } from "@effect/cli/HelpDoc/Span"
import * as Format from "./format.js"

/**
 * What a help page says beside what the parser knows.
 *
 * @internal
 */
export interface Page {
  /** The words that lead to the command; empty for all of it. */
  readonly path: ReadonlyArray<string>
  /** What the command does, in a sentence. */
  readonly summary: string
  /** The command line after the path. */
  readonly usage: string
  readonly doc: (config: CliConfig.CliConfig) => HelpDoc
  readonly examples: ReadonlyArray<string>
  readonly notes?: string
}

const spanText = (span: Span): string => {
  switch (span._tag) {
    case "Text":
    case "URI":
      return span.value
    case "Highlight":
    case "Strong":
    case "Weak":
      return spanText(span.value)
    case "Sequence":
      return spanText(span.left) + spanText(span.right)
  }
}

interface Entry {
  readonly isOption: boolean
  readonly term: string
  readonly description: string
}

/** What the parser says of every option alike, whatever it is for. */
const boilerplate =
  /^(This setting is|This option may|A user-defined piece|A true or false|An integer|One of the following|This argument may)/

const paragraphs = (doc: HelpDoc): ReadonlyArray<string> => {
  switch (doc._tag) {
    case "Paragraph":
      return [spanText(doc.value).trim()]
    case "Sequence":
      return [...paragraphs(doc.left), ...paragraphs(doc.right)]
    default:
      return []
  }
}

const entries = (doc: HelpDoc): ReadonlyArray<Entry> => {
  switch (doc._tag) {
    case "Sequence":
      return [...entries(doc.left), ...entries(doc.right)]
    case "DescriptionList":
      return doc.definitions.map(([term, doc]) => {
        const name = spanText(term).replace(/^\((.*)\)/, "$1").replaceAll(" | ", "|")
        return {
          isOption: name.startsWith("-"),
          term: name.startsWith("--") ? `    ${name}` : name,
          description: paragraphs(doc).filter((text) => text !== "" && !boilerplate.test(text)).join(" ")
        }
      })
    default:
      return []
  }
}

/** Words in lines of at most so many columns. */
const wrap = (text: string, columns: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(" ")) {
    if (line !== "" && Format.width(line) + 1 + Format.width(word) > columns) {
      lines.push(line)
      line = word
    } else {
      line = line === "" ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

const gutter = 31

const twoColumns = (
  rows: ReadonlyArray<readonly [term: string, description: string]>,
  style: Format.Style,
  columns: number
): ReadonlyArray<string> => {
  const longest = Math.max(...rows.map(([term]) => Format.width(term)))
  const left = Math.min(longest + 4, gutter)
  return rows.flatMap(([term, description]) => {
    const [first = "", ...rest] = wrap(description, Math.max(columns - left, 20))
    const head = `  ${style.bold(term)}`
    const indent = " ".repeat(left)
    return [
      ...(Format.width(term) + 3 > left
        ? [head, `${indent}${first}`]
        : [`${head}${" ".repeat(left - 2 - Format.width(term))}${first}`]),
      ...rest.map((line) => `${indent}${line}`)
    ]
  })
}

/** What every command takes. */
const common: ReadonlyArray<readonly [string, string]> = [
  ["-h, --help", "Show this"],
  ["    --log-level level", "What is logged on stderr: debug, info, warning (default), error, none"]
]

const root: ReadonlyArray<readonly [string, string]> = [
  ...common,
  ["    --version", "Show the version"],
  ["    --completions shell", "Print completions for bash, fish or zsh"]
]

/**
 * The page as it is printed; that of a command with commands below it lists them.
 *
 * @internal
 */
export const render = (page: Page, all: ReadonlyArray<Page>, style: Format.Style, columns: number): string => {
  const width = Math.min(columns, 100)
  const name = ["effect-codex", ...page.path].join(" ")
  const found = entries(page.doc(CliConfig.make({ showBuiltIns: false })))
  const section = (title: string, rows: ReadonlyArray<readonly [string, string]>) =>
    rows.length === 0 ? [] : ["", style.bold(title), ...twoColumns(rows, style, width)]
  const rowsOf = (isOption: boolean) =>
    found.filter((entry) => entry.isOption === isOption).map(({ description, term }) => [term, description] as const)
  const below = all.filter(({ path }) =>
    path.length === page.path.length + 1 && page.path.every((word, i) => path[i] === word)
  )
  return [
    ...wrap(page.summary, width),
    "",
    `  ${style.cyan(`${name}${page.usage === "" ? "" : ` ${page.usage}`}`)}`,
    ...section("Commands", below.map(({ path, summary }) => [path.at(-1) ?? "", summary])),
    ...section("Arguments", rowsOf(false)),
    ...section("Options", [...rowsOf(true), ...(page.path.length === 0 ? root : common)]),
    ...(page.examples.length === 0
      ? []
      : ["", style.bold("Examples"), ...page.examples.map((example) => `  ${example}`)]),
    ...(page.notes === undefined ? [] : ["", ...page.notes.split("\n").flatMap((line) => wrap(line, width))])
  ].join("\n") + "\n"
}

/**
 * The options of a command: their names, and whether a value follows.
 *
 * @internal
 */
export const options = (
  doc: HelpDoc
): ReadonlyArray<{ readonly names: ReadonlyArray<string>; readonly takesValue: boolean }> =>
  entries(doc).filter(({ isOption }) => isOption).map(({ term }) => {
    const words = term.trim().split(/,? /)
    const names = words.filter((word) => word.startsWith("-"))
    return { names, takesValue: words.length > names.length }
  })

/**
 * The page of the command that a command line begins with.
 *
 * @internal
 */
export const leading = (words: ReadonlyArray<string>, all: ReadonlyArray<Page>): Page | undefined =>
  [2, 1, 0].map((length) =>
    all.find(({ path }) => path.length === length && path.every((word, i) => words[i] === word))
  ).find((page) => page !== undefined)

/**
 * The page that the words of a command line ask for, if they ask for one.
 *
 * @internal
 */
export const asked = (args: ReadonlyArray<string>, all: ReadonlyArray<Page>): Page | undefined => {
  const end = args.indexOf("--")
  const own = end < 0 ? args : args.slice(0, end)
  if (own.length > 0 && !own.includes("--help") && !own.includes("-h") && own[0] !== "help") {
    return undefined
  }
  return leading(own.filter((arg) => !arg.startsWith("-") && arg !== "help"), all)
}
