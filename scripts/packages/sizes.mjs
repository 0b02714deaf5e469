import { join } from "node:path"
import { gzipSync } from "node:zlib"

const kilobytes = (bytes) => bytes === undefined ? "-" : `${(bytes / 1000).toFixed(1)} kB`

/** Vitest and tsx bring esbuild; without it a column is empty, and nothing fails. */
const bundler = () => import("esbuild").catch(() => undefined)

/** The whole entry, minified and gzipped, without what it depends on: the most that it can add to a bundle. */
const bundledSize = async ({ folder }) => {
  const esbuild = await bundler()
  if (esbuild === undefined) return undefined
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(folder, "dist", "index.js")],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    packages: "external",
    write: false,
    logLevel: "silent"
  })
  return gzipSync(outputFiles[0].contents).length
}

const align = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows.map((row) =>
    row.map((cell, column) => column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])).join("  ")
  )
}

/** A table of what each package weighs. */
export const sizesOf = async (packed) => {
  const rows = []
  for (const it of packed) {
    const { files, packed: tarball, unpacked } = it.sizes
    rows.push([it.name, kilobytes(tarball), kilobytes(unpacked), `${files}`, kilobytes(await bundledSize(it))])
  }
  return align([["", "packed", "unpacked", "files", "minified, gzipped"], ...rows]).join("\n")
}
