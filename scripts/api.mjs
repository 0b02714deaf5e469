/**
 * The API reference, from the documentation of the public modules into `docs/api`: `npm run api`. A link that leads
 * nowhere fails it.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { Application, Converter, ReflectionKind } from "typedoc"
import { root } from "./commands.mjs"
import { discover, entryPointsOf } from "./packages/pack.mjs"

const packages = discover()
const nameOf = new Map(packages.map(({ folder, name }) => [basename(folder), name]))
const modules = packages.flatMap((it) =>
  entryPointsOf(it)
    .filter((entry) => entry !== ".")
    .map((entry) => join(it.folder, "src", `${entry}.ts`))
)

// The README's own links lead into the repository, where the reference is not.
const readme = join(root, "build", "api.md")
const text = readFileSync(join(root, "README.md"), "utf8")
mkdirSync(join(root, "build"), { recursive: true })
writeFileSync(
  readme,
  text.replaceAll(/\]\((?!https?:|#)/g, "](https://github.com/effect-codex/effect-codex/blob/main/")
)

const app = await Application.bootstrapWithPlugins({
  name: "effect-codex",
  entryPoints: modules,
  entryPointStrategy: "resolve",
  tsconfig: join(root, "tsconfig.api.json"),
  readme,
  out: join(root, "docs", "api"),
  excludeInternal: true,
  excludePrivate: true,
  skipErrorChecking: true,
  gitRevision: "main",
  blockTags: [
    "@since",
    "@category",
    "@example",
    "@param",
    "@returns",
    "@see",
    "@defaultValue",
    "@throws",
    "@deprecated"
  ],
  validation: { invalidLink: true, rewrittenLink: true }
})

// A module is called what a program calls it.
app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection) => {
  const [, folder, module] = /^(?:packages\/)?([^/]+)\/src\/([^/]+)$/.exec(reflection.name) ?? []
  if (reflection.kind === ReflectionKind.Module && module !== undefined) {
    reflection.name = `${nameOf.get(folder)}/${module}`
  }
})

const project = await app.convert()
if (project !== undefined) {
  app.validate(project)
  await app.generateOutputs(project)
}
process.exitCode = project === undefined || app.logger.hasErrors() || app.logger.hasWarnings() ? 1 : 0
