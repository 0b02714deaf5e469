/** A user's folder: empty but for what npm puts into it. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { bin, npm, root } from "../commands.mjs"
import { copiesOf } from "./contents.mjs"
import { execute, succeed } from "./execute.mjs"

const json = (file, value) => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)

/**
 * The versions that the repository's own lockfile holds, so that every run installs the same. With where each is to be
 * had, npm takes it from its cache, which `npm ci` has filled, and asks no registry.
 */
const lockfile = () => {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"))
  const others = Object.entries(packages).filter(([path, { link }]) =>
    path.startsWith("node_modules/") && link !== true
  )
  const located = others.map(([path, { name, ...entry }]) => {
    const installed = name ?? path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)
    const resolved = `https://registry.npmjs.org/${installed}/-/${basename(installed)}-${entry.version}.tgz`
    // What is for development here may be needed there.
    for (const flag of ["dev", "devOptional", "optional", "peer"]) delete entry[flag]
    return [path, { resolved, ...entry, ...(name === undefined ? {} : { name }) }]
  })
  return { lockfileVersion: 3, requires: true, packages: Object.fromEntries(located) }
}

/**
 * Installs the tarballs, and `dependencies` beside them, into an empty folder. The codex binary is 400 MB and optional:
 * the repository's own is linked to where it would be.
 */
export const install = async ({ dependencies = {}, folder, locked, tarballs }) => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const files = tarballs.map(({ name, tarball }) => [name, `file:${tarball.replaceAll("\\", "/")}`])
  json(join(folder, "package.json"), {
    private: true,
    type: "module",
    dependencies: { ...Object.fromEntries(files), ...dependencies }
  })
  if (locked) json(join(folder, "package-lock.json"), lockfile())
  await succeed([
    ...npm(),
    "install",
    "--omit=optional",
    "--ignore-scripts",
    "--prefer-offline",
    "--no-audit",
    "--no-fund"
  ], { cwd: folder, bound: 5 * 60_000 })
  const link = join(folder, "node_modules", "@openai")
  rmSync(link, { recursive: true, force: true })
  symlinkSync(join(root, "node_modules", "@openai"), link, "junction")
}

/** One Effect, since a second one does not know the services, fibers and schemas of the first. */
export const checkCopies = (folder) => {
  for (const name of ["effect", "@effect/platform"]) {
    const copies = copiesOf(folder, name)
    if (copies.length !== 1) throw new Error(`${name} is installed ${copies.length} times: ${copies.join(", ")}`)
  }
}

/** The program that a reader of this page copies. */
const programOf = (page) => {
  const found = readFileSync(join(root, page), "utf8").match(/^```ts(?: run)?\n([\s\S]*?)^```$/m)
  if (found === null) throw new Error(`${page} has no program`)
  return found[1]
}

/** The programs that users begin with. */
export const quickstarts = () => ({
  effect: programOf("README.md"),
  promise: programOf(join("packages", "promise", "README.md"))
})

const options = {
  target: "ES2022",
  lib: ["ES2022", "ESNext.Disposable", "DOM"],
  strict: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  types: []
}

const resolutions = {
  nodenext: { module: "NodeNext", moduleResolution: "NodeNext", outDir: "out" },
  bundler: { module: "ESNext", moduleResolution: "Bundler", noEmit: true }
}

/** Compiles the folder's `programs`, the declarations of the packages included. */
export const compile = async (folder, resolution, overrides) => {
  const config = `tsconfig.${resolution}.json`
  json(join(folder, config), {
    compilerOptions: { ...options, rootDir: "programs", ...resolutions[resolution], ...overrides },
    include: ["programs"]
  })
  await succeed([...bin("tsc", "typescript"), "-p", config], { cwd: folder, bound: 5 * 60_000 })
}

export const write = (folder, name, text) => {
  const file = join(folder, "programs", name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

const fixture = (folder, name) => copyFileSync(join(root, "scripts", "packages", "consumer", name), join(folder, name))

/** The modules that have to resolve, and, of each package, one that must not a level of `internal`. */
export const modulesOf = (packed) => {
  const open = packed.flatMap(({ entryPoints, name }) => entryPoints.map((it) => `${name}${it.slice(1)}`))
  const closed = packed.flatMap(({ files, name }) => {
    const levels = new Map()
    for (const file of files.filter((file) => file.startsWith("dist/internal/") && file.endsWith(".js"))) {
      levels.set(file.split("/").length, file)
    }
    return Array.from(levels.values()).flatMap((file) => {
      const module = file.slice("dist/".length, -".js".length)
      return [`${name}/${module}`, `${name}/${file}`, `${name}/src/${module}.ts`, `${name}/${module}.js`]
    })
  })
  return { open, closed }
}

/** Every declaration is compiled, and what is closed is closed to the compiler as well. */
export const everyModule = ({ closed, open }) =>
  [
    ...open.map((specifier) => `import "${specifier}"`),
    ...closed.map((specifier, index) =>
      `// @ts-expect-error -- closed\nexport type * as Closed${index} from "${specifier}"`
    )
  ].join("\n")

export const checkModules = async (folder, packed, runtime) => {
  fixture(folder, "resolve.mjs")
  json(join(folder, "modules.json"), modulesOf(packed))
  return (await succeed([...runtime, "resolve.mjs"], { cwd: folder })).trim()
}

/** Runs a program of `folder` on the scripted model of the testing package that is installed in `harness`. */
export const run = async ({ folder, harness, program, runtime }) => {
  fixture(harness, "withModel.mjs")
  const { ok, stderr, stdout } = await execute([...runtime, join(harness, "withModel.mjs"), program], { cwd: folder })
  if (!ok || stdout !== "Hello there.\n") {
    throw new Error(`It has to print "Hello there." and end; it printed ${JSON.stringify(stdout)}\n${stderr}`)
  }
}
