/** What has to be in a tarball, and what must not; told by the files that were unpacked from it. */
import { existsSync, readFileSync } from "node:fs"
import { builtinModules } from "node:module"
import { dirname, join, posix } from "node:path"
import ts from "typescript"
import { root } from "../commands.mjs"

const refuse = (problems) => {
  if (problems.length > 0) throw new Error(problems.join("\n"))
}

const allowed = /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|src\/.+\.ts|dist\/.+(\.d\.ts|\.js)(\.map)?)$/
const tests = /(^|\/)(tests?|__tests__|fixtures|scripts|build)\/|\.(test|tst|spec)\.|tsbuildinfo/

const exportsOfAll = {
  "./package.json": "./package.json",
  ".": { "effect-codex-source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" },
  "./internal/*": null,
  "./*": { "effect-codex-source": "./src/*.ts", types: "./dist/*.d.ts", default: "./dist/*.js" }
}

/** What a package closes beyond that is its own affair. */
const withoutClosed = (exports) =>
  Object.fromEntries(Object.entries(exports).filter(([path, target]) => target !== null || path in exportsOfAll))

/** Only a program, which nobody imports, may have side effects. */
const sideEffectsOf = ({ bin = {} }) => {
  const programs = Object.values(bin)
  const sources = programs.map((file) => file.replace("/dist/", "/src/").replace(/\.js$/, ".ts"))
  return programs.length === 0 ? false : [...sources, ...programs]
}

export const checkManifest = ({ folder, manifest }) => {
  const expected = {
    type: "module",
    license: "MIT",
    sideEffects: sideEffectsOf(manifest),
    engines: { node: ">=20" },
    files: ["dist", "src"],
    publishConfig: { access: "public", provenance: true },
    repository: {
      type: "git",
      url: "git+https://github.com/effect-codex/effect-codex.git",
      directory: `packages/${posix.basename(folder.replaceAll("\\", "/"))}`
    }
  }
  const differs = (found, wanted) => JSON.stringify(found) !== JSON.stringify(wanted)
  refuse([
    ...Object.entries(expected)
      .filter(([key, value]) => differs(manifest[key], value))
      .map(([key, value]) => `package.json: \`${key}\` has to be ${JSON.stringify(value)}`),
    ...(differs(withoutClosed(manifest.exports), exportsOfAll)
      ? [`package.json: \`exports\` has to be ${JSON.stringify(exportsOfAll)}, and what is closed beside that`]
      : [])
  ])
}

export const checkContents = ({ files, folder }, installed) => {
  const sources = files.filter((file) => file.startsWith("src/")).map((file) => file.slice(4, -3))
  const missing = [
    "package.json",
    "README.md",
    "LICENSE",
    ...sources.flatMap((name) => [".js", ".js.map", ".d.ts", ".d.ts.map"].map((end) => `dist/${name}${end}`))
  ].filter((file) => !files.includes(file))
  const maps = files.filter((file) => file.endsWith(".map")).flatMap((file) =>
    JSON.parse(readFileSync(join(installed, file), "utf8")).sources
      .map((source) => posix.join(posix.dirname(file), source))
      .filter((source) => !files.includes(source))
      .map((source) => `${file} points at ${source}, which is not in the package`)
  )
  const unmapped = files.filter((file) => /\.(js|d\.ts)$/.test(file) && file.startsWith("dist/"))
    .filter((file) =>
      !readFileSync(join(installed, file), "utf8").includes(`//# sourceMappingURL=${posix.basename(file)}.map`)
    )
  const license = readFileSync(join(root, "LICENSE"), "utf8")
  const isForeign = files.includes("LICENSE") && readFileSync(join(folder, "LICENSE"), "utf8") !== license
  refuse([
    ...files.filter((file) => !allowed.test(file) || tests.test(file)).map((file) => `${file} must not be published`),
    ...missing.map((file) => `${file} is missing`),
    ...unmapped.map((file) => `${file} does not name its map`),
    ...maps,
    ...(isForeign ? ["LICENSE is not the repository's"] : [])
  ])
}

const builtin = new Set(builtinModules)

const packageOf = (specifier) => specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/")

/** What is imported is depended on, and what is depended on is imported, at least by another peer. */
export const checkDependencies = ({ files, manifest, name }, installed, manifestOf) => {
  const imported = new Set()
  // Of the sources too, which declaration maps lead to: the types that they import are looked up from there.
  for (const file of files.filter((file) => /^dist\/.*\.js$|\.ts$/.test(file))) {
    for (
      const { fileName } of ts.preProcessFile(readFileSync(join(installed, file), "utf8"), true, true).importedFiles
    ) {
      if (!fileName.startsWith(".") && !fileName.startsWith("node:") && !builtin.has(fileName)) {
        imported.add(packageOf(fileName))
      }
    }
  }
  imported.delete(name)
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = manifest
  const known = { ...dependencies, ...peerDependencies, ...optionalDependencies }
  // The peers of a dependency are for whoever uses this package to bring, so they are peers here, or dependencies.
  const wanted = Object.keys(dependencies).flatMap((dependency) =>
    Object.entries(manifestOf(dependency).peerDependencies ?? {})
      .filter(([peer]) => manifestOf(dependency).peerDependenciesMeta?.[peer]?.optional !== true && !(peer in known))
      .map(([peer]) =>
        `${dependency} wants ${peer} beside it, which this package has neither as a peer nor as a dependency`
      )
  )
  const needed = new Set(Object.keys(known).flatMap((it) => Object.keys(manifestOf(it)?.peerDependencies ?? {})))
  refuse([
    ...Array.from(imported).filter((it) => !(it in known)).map((it) => `${it} is imported, and not depended on`),
    ...Object.keys({ ...dependencies, ...peerDependencies })
      .filter((it) => !imported.has(it) && !needed.has(it))
      .map((it) => `${it} is depended on, and neither imported nor wanted by what is`),
    ...wanted
  ])
}

/** Each package that stands more than once, such as a second Effect, whose services the first one does not know. */
export const copiesOf = (folder, name, found = []) => {
  const here = join(folder, "node_modules")
  if (!existsSync(here)) return found
  if (existsSync(join(here, name, "package.json"))) found.push(join(here, name))
  for (const entry of ts.sys.getDirectories(here)) {
    const inner = entry.startsWith("@")
      ? ts.sys.getDirectories(join(here, entry)).map((it) => join(entry, it))
      : [entry]
    for (const it of inner) {
      if (entry !== ".bin") copiesOf(join(here, it), name, found)
    }
  }
  return found
}

export const folderOf = (consumer, name) => dirname(join(consumer, "node_modules", name, "package.json"))
