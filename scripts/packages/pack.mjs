import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join, relative } from "node:path"
import { npm, root } from "../commands.mjs"
import { succeed } from "./execute.mjs"

export const filesOf = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)).replaceAll("\\", "/"))

/** Every package that is published, in the order of their folders' names. */
export const discover = () =>
  readdirSync(join(root, "packages"))
    .map((folder) => join(root, "packages", folder))
    .filter((folder) => existsSync(join(folder, "package.json")))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) }))
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ folder, manifest }) => ({ folder, manifest, name: manifest.name }))

/** The compiler leaves the outputs of a source that is gone where they are; a release starts from none. */
const removeOrphans = (folder) => {
  const dist = join(folder, "dist")
  for (const file of filesOf(dist)) {
    const source = file.replace(/(\.d\.ts|\.js)(\.map)?$/, ".ts")
    if (source === file || !existsSync(join(folder, "src", source))) rmSync(join(dist, file))
  }
}

/** The modules that users can name: `.`, and `./X` for every source that is not internal. */
export const entryPointsOf = ({ folder, manifest }) =>
  readdirSync(join(folder, "src"))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file === "index.ts" ? "." : `./${file.slice(0, -3)}`)
    .filter((entry) => manifest.exports[entry] !== null)

/** Packs every package into `destination`, as `npm publish` would. */
export const pack = async (packages, destination) => {
  rmSync(destination, { recursive: true, force: true })
  mkdirSync(destination, { recursive: true })
  for (const { folder } of packages) removeOrphans(folder)
  const workspaces = packages.flatMap(({ name }) => ["--workspace", name])
  const said = await succeed([...npm(), "pack", "--json", "--pack-destination", destination, ...workspaces], {
    cwd: root
  })
  // An array up to npm 11, and from 12 on an object by name.
  const packed = Object.values(JSON.parse(said))
  return packages.map((it) => {
    const { entryCount, filename, files, size, unpackedSize } = packed.find(({ name }) => name === it.name)
    return {
      ...it,
      tarball: join(destination, filename),
      files: files.map(({ path }) => path),
      entryPoints: entryPointsOf(it),
      sizes: { packed: size, unpacked: unpackedSize, files: entryCount }
    }
  })
}
