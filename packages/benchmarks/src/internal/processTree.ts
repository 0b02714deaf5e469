/** The memory of a process and of all that it has started, from `/proc`; where there is none nothing is known. */
import * as Fs from "node:fs"

const read = (path: string): string => {
  try {
    return Fs.readFileSync(path, "utf8")
  } catch {
    // It may have ended meanwhile.
    return ""
  }
}

const parents = (): ReadonlyMap<number, number> => {
  const found = new Map<number, number>()
  for (const name of Fs.existsSync("/proc") ? Fs.readdirSync("/proc") : []) {
    const stat = /^\d+$/.test(name) ? read(`/proc/${name}/stat`) : ""
    // The name of the program stands in parentheses, and can have some of its own.
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])
    if (parent > 0) {
      found.set(Number(name), parent)
    }
  }
  return found
}

const treeOf = (root: number): ReadonlyArray<number> => {
  const all = Array.from(parents())
  const tree = [root]
  for (const pid of tree) {
    tree.push(...all.flatMap(([child, parent]) => parent === pid ? [child] : []))
  }
  return tree
}

const megabytes = (text: string, name: string) =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) / 1024

/**
 * In megabytes: `rss` counts pages that processes share once for each, `pss` once in all, which is what the machine has
 * to have.
 */
export const memoryOfTree = (root: number): { readonly rss: number; readonly pss: number } => {
  const sum = { rss: 0, pss: 0 }
  for (const pid of treeOf(root)) {
    const text = read(`/proc/${pid}/smaps_rollup`)
    sum.rss += megabytes(text, "Rss")
    sum.pss += megabytes(text, "Pss")
  }
  return sum
}
