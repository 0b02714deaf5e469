import { npm, root } from "../commands.mjs"
import { succeed } from "./execute.mjs"

const least = (range) => range.replace(/^\^/, "")

const isLower = (one, other) => one.localeCompare(other, "en", { numeric: true }) < 0

const peersOf = async (name, version) => {
  const said = await succeed([...npm(), "view", `${name}@${version}`, "--json"], { cwd: root })
  const { peerDependencies = {}, peerDependenciesMeta = {} } = JSON.parse(said)
  return Object.entries(peerDependencies).filter(([peer]) => peerDependenciesMeta[peer]?.optional !== true)
}

/**
 * The lowest releases that `ranges` allow, with those that their own peers ask for: npm by itself takes the newest of
 * those, which want newer ones of the rest.
 */
export const lowestOf = async (ranges) => {
  const found = new Map()
  const queue = Object.entries(ranges)
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [name, range] = next
    const version = least(range)
    if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`Which release of ${name} is the lowest of ${range}?`)
    const known = found.get(name)
    if (known !== undefined && !isLower(known, version)) continue
    if (name in ranges && isLower(least(ranges[name]), version)) {
      throw new Error(`${name} is said to do from ${ranges[name]} on, and another peer asks for ${version}`)
    }
    found.set(name, version)
    queue.push(...await peersOf(name, version))
  }
  return Object.fromEntries(found)
}
