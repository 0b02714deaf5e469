/** A text that is laid out on one line where it fits, else broken at its `line`s. */
export type Doc =
  | string
  | ReadonlyArray<Doc>
  | { readonly kind: "line"; readonly flat: string; readonly hard: boolean }
  | { readonly kind: "indent"; readonly doc: Doc }
  | { readonly kind: "group"; readonly doc: Doc }
  | { readonly kind: "broken"; readonly text: string }

export const width = 120

export const line: Doc = { kind: "line", flat: " ", hard: false }
export const softLine: Doc = { kind: "line", flat: "", hard: false }
export const hardLine: Doc = { kind: "line", flat: "", hard: true }
export const indent = (doc: Doc): Doc => ({ kind: "indent", doc })
export const group = (doc: Doc): Doc => ({ kind: "group", doc })
/** A text that is only there when its group is broken. */
export const whenBroken = (text: string): Doc => ({ kind: "broken", text })

export const join = (docs: ReadonlyArray<Doc>, separator: Doc): Doc =>
  docs.flatMap((doc, index) => index === 0 ? [doc] : [separator, doc])

/** `name(a, b)`, one argument a line when they don't fit. */
export const call = (name: string, args: ReadonlyArray<Doc>): Doc =>
  group([name, "(", indent([softLine, join(args, [",", line])]), softLine, ")"])

/** `{ … }`, always one member a line. */
export const block = (members: ReadonlyArray<Doc>, separator: string): Doc =>
  members.length === 0 ? "{}" : ["{", indent([hardLine, join(members, [separator, hardLine])]), hardLine, "}"]

const isList = (doc: Doc): doc is ReadonlyArray<Doc> => Array.isArray(doc)

/** The width of a doc on one line, or infinity where it cannot stand on one. */
const flatWidth = (doc: Doc): number => {
  if (typeof doc === "string") return doc.length
  if (isList(doc)) return doc.reduce((sum: number, part) => sum + flatWidth(part), 0)
  switch (doc.kind) {
    case "line":
      return doc.hard ? Infinity : doc.flat.length
    case "broken":
      return 0
    default:
      return flatWidth(doc.doc)
  }
}

export const print = (doc: Doc): string => {
  let out = ""
  let column = 0
  const write = (text: string) => {
    out += text
    column += text.length
  }
  const visit = (part: Doc, depth: number, broken: boolean): void => {
    if (typeof part === "string") return write(part)
    if (isList(part)) return part.forEach((inner) => visit(inner, depth, broken))
    switch (part.kind) {
      case "line":
        if (!broken && !part.hard) return write(part.flat)
        out += `\n${"  ".repeat(depth)}`
        column = depth * 2
        return
      case "indent":
        return visit(part.doc, depth + 1, broken)
      case "group":
        return visit(part.doc, depth, column + flatWidth(part.doc) > width)
      case "broken":
        return broken ? write(part.text) : undefined
    }
  }
  visit(doc, 0, true)
  return out.split("\n").map((text) => text.trimEnd()).join("\n")
}

/** Breaks a line of prose where it is too long, keeping the indentation of a list's item. */
const wrap = (text: string, limit: number): ReadonlyArray<string> => {
  if (text.length <= limit) return [text]
  const margin = /^\s*(?:[-*] |\d+\. )?/.exec(text)?.[0] ?? ""
  const lines: Array<string> = []
  let current = margin
  for (const word of text.slice(margin.length).split(" ")) {
    if (current.length + word.length > limit && current.trim() !== margin.trim()) {
      lines.push(current.trimEnd())
      current = " ".repeat(margin.length)
    }
    current += `${word} `
  }
  return [...lines, current.trimEnd()]
}

/** A JSDoc comment, with the tags that every public export has where `category` is given. */
export const comment = (description: string | undefined, category?: string): Doc => {
  const prose = (description ?? "").replaceAll("*/", "*\\/").trim()
  const lines = prose === "" ? [] : prose.split("\n").flatMap((text) => wrap(text.trimEnd(), width - 12))
  const tags = category === undefined ? [] : ["@since 0.1.0", `@category ${category}`]
  const all = lines.length > 0 && tags.length > 0 ? [...lines, "", ...tags] : [...lines, ...tags]
  const [first] = all
  if (first === undefined) return []
  if (all.length === 1) return [`/** ${first} */`, hardLine]
  return ["/**", all.map((text): Doc => [hardLine, text === "" ? " *" : ` * ${text}`]), hardLine, " */", hardLine]
}

export const quote = (text: string): string => JSON.stringify(text)

export const propertyName = (name: string): string => /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name)
