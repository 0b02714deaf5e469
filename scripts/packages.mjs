/**
 * What is published, as its users get it: `npm test -- packages`. Every package is built and packed, its tarball is
 * examined, and all are installed into empty folders, where the programs of the README are compiled and run.
 *
 * `--sizes` stops after the table of sizes. `--lowest` installs the lowest release of every peer that the packages say
 * they work with, for which it asks the registry. `--runtime=bun` runs the programs by that.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { bin, root } from "./commands.mjs"
import * as Consumer from "./packages/consumer.mjs"
import * as Contents from "./packages/contents.mjs"
import { succeed } from "./packages/execute.mjs"
import { attw, publint } from "./packages/linters.mjs"
import { lowestOf } from "./packages/lowest.mjs"
import { discover, pack } from "./packages/pack.mjs"
import { sizesOf } from "./packages/sizes.mjs"

const build = join(root, "build", "packages")
const counts = { passed: 0, failed: 0 }

const step = async (title, action) => {
  const started = performance.now()
  const outcome = await Promise.resolve().then(action).then(
    (remark) => ({ ok: true, remark: typeof remark === "string" ? `: ${remark}` : "" }),
    (error) => ({ ok: false, remark: `\n${error.message.replaceAll(/^/gm, "    ")}` })
  )
  counts[outcome.ok ? "passed" : "failed"]++
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${outcome.ok ? "ok    " : "FAILED"} ${title} (${seconds} s)${outcome.remark}`)
  return outcome.ok
}

const end = () => {
  if (process.env.CHECK_COUNTS) writeFileSync(process.env.CHECK_COUNTS, JSON.stringify(counts))
  console.log(`${counts.passed} passed, ${counts.failed} failed`)
  process.exit(counts.failed === 0 ? 0 : 1)
}

const args = process.argv.slice(2)
const runtime = [args.find((arg) => arg.startsWith("--runtime="))?.slice("--runtime=".length) ?? process.execPath]
const lowest = args.includes("--lowest")

const packages = discover()
let packed = []
const isPacked = await step("the packages build and pack", async () => {
  await succeed([...bin("tsc", "typescript"), "--build", "tsconfig.build.json"], { cwd: root, bound: 5 * 60_000 })
  packed = await pack(packages, build)
})
if (!isPacked) end()
console.log(`\n${await sizesOf(packed)}\n`)
if (args.includes("--sizes")) end()

const named = (...names) => packed.filter(({ name }) => names.includes(name))
const manifests = new Map(packed.map(({ manifest, name }) => [name, manifest]))
const manifestOf = (folder) => (name) => {
  const file = join(folder, "node_modules", name, "package.json")
  return manifests.get(name) ?? (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined)
}

/** What the packages leave to their users to bring: at the releases of this repository, or at the lowest. */
const peers = () => {
  const ranges = Object.assign({}, ...packed.map(({ manifest }) => manifest.peerDependencies ?? {}))
  for (const name of manifests.keys()) delete ranges[name]
  if (lowest) return lowestOf(ranges)
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  return Object.fromEntries(Object.keys(ranges).map((name) => [name, devDependencies[name]]))
}

const effectUser = join(build, "effect")
const promiseUser = join(build, "promise")
const locked = !lowest
const isInstalled = await step(
  "npm installs the tarballs into an empty folder, with the peers they ask for",
  async () => Consumer.install({ folder: effectUser, tarballs: packed, dependencies: await peers(), locked })
)
if (!isInstalled) end()

for (const it of packed) {
  const installed = join(effectUser, "node_modules", it.name)
  await step(`${it.name}: package.json says what every package says`, () => Contents.checkManifest(it))
  await step(
    `${it.name}: sources, declarations and maps are in it, and nothing else is`,
    () => Contents.checkContents(it, installed)
  )
  await step(
    `${it.name}: depends on what it imports`,
    () => Contents.checkDependencies(it, installed, manifestOf(effectUser))
  )
  if (!lowest) {
    await step(`${it.name}: publint`, () => publint(it))
    await step(`${it.name}: are the types wrong?`, () => attw(it))
  }
}

await step("there is one Effect", () => Consumer.checkCopies(effectUser))
await step(
  "every module loads, and internal ones cannot be named",
  () => Consumer.checkModules(effectUser, packed, runtime)
)

const { effect, promise } = Consumer.quickstarts()
Consumer.write(effectUser, "quickstart.ts", effect)
Consumer.write(effectUser, "modules.ts", Consumer.everyModule(Consumer.modulesOf(packed)))
for (const resolution of ["nodenext", "bundler"]) {
  await step(
    `the Effect quickstart and all declarations compile, ${resolution}`,
    () => Consumer.compile(effectUser, resolution)
  )
}
await step(
  "the Effect quickstart runs",
  () => Consumer.run({ folder: effectUser, harness: effectUser, program: "out/quickstart.js", runtime })
)

const ofPromise = named("@effect-codex/promise", "@effect-codex/node", "@effect-codex/sdk", "@effect-codex/protocol")
const isPlain = await step(
  "npm installs the promise package into an empty folder",
  () => Consumer.install({ folder: promiseUser, tarballs: ofPromise, locked })
)
if (!isPlain) end()
await step("it brings one Effect", () => Consumer.checkCopies(promiseUser))
Consumer.write(promiseUser, "quickstart.ts", promise)
for (const resolution of ["nodenext", "bundler"]) {
  // The declarations, Effect's among them, are those that were compiled above.
  await step(
    `the promise quickstart compiles, ${resolution}`,
    () => Consumer.compile(promiseUser, resolution, { skipLibCheck: true })
  )
}
await step(
  "the promise quickstart runs",
  () => Consumer.run({ folder: promiseUser, harness: effectUser, program: "out/quickstart.js", runtime })
)
end()
