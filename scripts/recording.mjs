/**
 * Writes `docs/images/quickstart.svg`: what `npm run quickstart` prints, line by line and at the pace at which it came.
 * Without motion, where the reader asks for that, it is the last screen. `node scripts/recording.mjs`
 */
import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../", import.meta.url))
const file = join(root, "docs/images/quickstart.svg")

const rows = 20
const columns = 112
const cell = { width: 7.8, height: 18 }
const margin = { top: 38, side: 16, bottom: 12 }
/** How long the command stands there alone, and the last screen at the end, in milliseconds. */
const pause = { before: 900, after: 6_000 }
const bound = 60_000

/** The lines of the real program, each with the time since the first. */
const record = () =>
  new Promise((resolve, reject) => {
    const child = spawn("npm", ["run", "--silent", "quickstart"], { cwd: root, stdio: ["ignore", "pipe", "inherit"] })
    const timer = setTimeout(() => child.kill(), bound)
    const lines = []
    let first
    createInterface({ input: child.stdout }).on("line", (text) => {
      const now = performance.now()
      first ??= now
      lines.push({ text, at: now - first })
    })
    child.once("error", reject)
    child.once("close", (status) => {
      clearTimeout(timer)
      if (status === 0 && lines.length > 0) resolve(lines)
      else reject(new Error(`The quickstart ended with ${status}.`))
    })
  })

const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;")

/** The name of the conversation in its colour; what the quickstart says of itself set off from what the agents say. */
const painted = (text) => {
  const [, name, rest] = /^(?:\[)?(tides|garden|novel)\b(.*)$/.exec(text) ?? []
  if (name === undefined) return escaped(text)
  const head = text.slice(0, text.length - rest.length)
  const body = /^\] +--/.test(rest) ? `<tspan class="aside">${escaped(rest.slice(1))}</tspan>` : escaped(rest.slice(1))
  return `<tspan class="${name}">${escaped(head + rest.slice(0, 1))}</tspan>${body}`
}

const textOf = (text, row) => {
  const width = (text.length * cell.width).toFixed(1)
  const y = (row + 0.75) * cell.height
  return text === "" ? "" : `<text y="${y}" textLength="${width}">${painted(text)}</text>`
}

/** Keyframes of what moves down by whole rows, one for each time at which something was printed. */
const keyframes = (name, steps, total) =>
  `@keyframes ${name} { ${
    steps.filter(({ row }, index) => row !== steps[index - 1]?.row).map(({ at, row }) =>
      `${(100 * at / total).toFixed(2)}% { transform: translateY(${row * cell.height}px) }`
    )
      .join(" ")
  } }`

const render = (printed) => {
  const lines = [
    { text: "$ npm run quickstart", at: 0 },
    ...printed.map(({ at, text }) => ({
      text: text.slice(0, columns),
      at: at + pause.before
    }))
  ]
  const total = lines[lines.length - 1].at + pause.after
  // What comes in one piece appears in one piece.
  const steps = lines.flatMap(({ at }, index) => {
    const next = lines[index + 1]
    return next !== undefined && next.at - at < 15 ? [] : [{ at: index === 0 ? 0 : at, count: index + 1 }]
  })
  const cover = steps.map(({ at, count }) => ({ at, row: count }))
  const scroll = steps.map(({ at, count }) => ({ at, row: -Math.max(0, count - rows) }))
  const width = margin.side * 2 + columns * cell.width
  const height = margin.top + rows * cell.height + margin.bottom
  const last = lines.length
  return `<!-- Written by \`node scripts/recording.mjs\` from a run of the quickstart. Do not edit. -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A recording of npm run quickstart: three conversations at once, of which one completes, one is steered and one is interrupted by a timeout">
<style>
text { fill: #e6edf3; font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; white-space: pre }
.tides { fill: #79c0ff } .garden { fill: #7ee787 } .novel { fill: #d2a8ff } .aside { fill: #9198a1 }
#scroll { transform: translateY(${-Math.max(0, last - rows) * cell.height}px) }
#cover { transform: translateY(${last * cell.height}px) }
@media (prefers-reduced-motion: no-preference) {
#scroll { animation: scroll ${(total / 1000).toFixed(2)}s step-end infinite }
#cover { animation: cover ${(total / 1000).toFixed(2)}s step-end infinite }
}
${keyframes("scroll", scroll, total)}
${keyframes("cover", cover, total)}
</style>
<clipPath id="screen"><rect width="${columns * cell.width}" height="${rows * cell.height}"/></clipPath>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<circle cx="20" cy="18" r="5" fill="#f85149"/><circle cx="38" cy="18" r="5" fill="#d29922"/><circle cx="56" cy="18" r="5" fill="#3fb950"/>
<g transform="translate(${margin.side} ${margin.top})" clip-path="url(#screen)" xml:space="preserve"><g id="scroll">
${lines.map(({ text }, row) => textOf(text, row)).filter((text) => text !== "").join("\n")}
<rect id="cover" width="${columns * cell.width}" height="${last * cell.height}" fill="#0d1117"/>
</g></g>
</svg>
`
}

writeFileSync(file, render(await record()))
console.log(`wrote ${file}`)
