/**
 * Links within the repository: the file is there, and so is the heading. Other hosts are not asked. A path of a source
 * that stands in the text as code is there too, from the root, a package, its sources or its tests on.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { pages, root } from "./blocks.mjs"

const roots = [
  "",
  ...readdirSync(join(root, "packages")).flatMap((name) =>
    ["", "/src", "/test"].map((part) => `packages/${name}${part}`)
  )
]

/** Code is no place for a link or a heading, but its lines count. */
const withoutBlocks = (text) => text.replace(/^( *)```[\s\S]*?^\1```$/gm, (code) => code.replace(/[^\n]/g, ""))

const withoutCode = (text) => withoutBlocks(text).replace(/`[^`\n]*`/g, (code) => " ".repeat(code.length))

/** As GitHub names the anchor of a heading. */
const anchorsOf = (file) => {
  const text = withoutBlocks(readFileSync(file, "utf8"))
  const seen = new Map()
  return new Set(Array.from(text.matchAll(/^#{1,6} +(.+?) *$/gm), ([, title]) => {
    const plain = title.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase()
    const anchor = plain.replace(/[^\p{L}\p{N}\-_ ]/gu, "").replaceAll(" ", "-")
    const times = seen.get(anchor) ?? 0
    seen.set(anchor, times + 1)
    return times === 0 ? anchor : `${anchor}-${times}`
  }))
}

const linksOf = (file) => {
  const text = withoutCode(readFileSync(join(root, file), "utf8"))
  const found = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/\b(?:src|srcset|href)="([^"]+)"/g)]
  return found.map((match) => ({ target: match[1], line: text.slice(0, match.index).split("\n").length }))
}

const problemOf = (file, target) => {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return undefined
  const [path, anchor] = target.split("#")
  const wanted = path === "" ? join(root, file) : join(root, dirname(file), decodeURI(path))
  if (relative(root, wanted).startsWith("..")) return "leads out of the repository"
  if (!existsSync(wanted)) return "leads to no file"
  if (anchor === undefined || !statSync(wanted).isFile() || !wanted.endsWith(".md")) return undefined
  return anchorsOf(wanted).has(anchor) ? undefined : "leads to no heading"
}

const problemsOfPaths = (file) => {
  const text = withoutBlocks(readFileSync(join(root, file), "utf8"))
  return Array.from(text.matchAll(/`([\w.-]+(?:\/[\w.-]+)+\.(?:ts|mjs))`/g)).flatMap((match) =>
    roots.some((place) => existsSync(join(root, place, match[1])))
      ? []
      : [`${file}:${text.slice(0, match.index).split("\n").length}: there is no ${match[1]}`]
  )
}

export const problemsOfLinks = () =>
  pages().flatMap((file) => [
    ...linksOf(file).flatMap(({ line, target }) => {
      const problem = problemOf(file, target)
      return problem === undefined ? [] : [`${file}:${line}: the link ${target} ${problem}`]
    }),
    ...problemsOfPaths(file)
  ])
