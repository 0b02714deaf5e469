import { CodexBinary } from "@effect-codex/node"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Path from "node:path"
import * as internal from "../src/internal/codexBinary.js"
import { commandNames } from "../src/internal/codexOnPath.js"
import type { Host } from "../src/internal/codexPackage.js"

// Not the platform this runs on: a package installed somewhere above the temporary folders must not be found instead.
const target = process.platform === "linux"
  ? { platform: "darwin", arch: "arm64", triple: "aarch64-apple-darwin" }
  : { platform: "linux", arch: "x64", triple: "x86_64-unknown-linux-musl" }
const platformName = `@openai/codex-${target.platform}-${target.arch}`

const host = (options: Partial<Host>): Host => ({
  platform: target.platform,
  arch: target.arch,
  env: {},
  roots: [],
  ...options
})

/** A folder with the given files, all of them executable. */
const folderOf = Effect.fnUntraced(function*(files: Readonly<Record<string, string>>) {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.realPath(yield* fs.makeTempDirectoryScoped())
  for (const [name, content] of Object.entries(files)) {
    const path = Path.join(folder, name)
    yield* fs.makeDirectory(Path.dirname(path), { recursive: true })
    yield* fs.writeFileString(path, content, { mode: 0o755 })
  }
  return folder
})

const launcher = {
  "node_modules/@openai/codex/package.json": "{\"name\":\"@openai/codex\"}",
  "node_modules/@openai/codex/bin/codex.js": "#!/usr/bin/env node\n"
}

/** The platform package as npm installs it: under an alias, so that its manifest has the name of another package. */
const platformPackage = (folder: string) => ({
  [`${folder}/${platformName}/package.json`]: "{\"name\":\"@openai/codex\"}",
  [`${folder}/${platformName}/vendor/${target.triple}/bin/codex`]: "binary",
  [`${folder}/${platformName}/vendor/${target.triple}/tools/rg`]: "tool",
  [`${folder}/${platformName}/vendor/${target.triple}/codex-package.json`]:
    "{\"version\":\"1.2.3\",\"pathDir\":\"tools\"}"
})

const found = (folder: string, modules: string, source: CodexBinary.CodexBinary["source"]) => {
  const vendor = Path.join(folder, modules, `${platformName}/vendor`, target.triple)
  return { path: Path.join(vendor, "bin/codex"), source, pathDirs: [Path.join(vendor, "tools")], version: "1.2.3" }
}

describe("CodexBinary", () => {
  it.scoped("finds the installed package with its version and its tools", () =>
    Effect.gen(function*() {
      const binary = yield* CodexBinary.find()
      assert.strictEqual(binary.source, "package")
      assert.match(binary.version ?? "", /^\d+\.\d+\.\d+/)
      assert.deepStrictEqual(binary.pathDirs.map((folder) => Path.basename(folder)), ["codex-path"])
    }))

  it.scoped("an explicit path that does not exist fails at once and names only it", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(CodexBinary.find({ binary: "/nowhere/codex" }))
      assert.deepStrictEqual(error.tried, [{ place: "/nowhere/codex", problem: "no such file" }])
      assert.match(error.fix, /^npm install @openai\/codex@\d+\.\d+\.\d+$/)
    }))

  it.scoped("an explicit path that is not executable fails at once and names only it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* folderOf({ codex: "binary" })
      const binary = Path.join(folder, "codex")
      yield* fs.chmod(binary, 0o644)
      const error = yield* Effect.flip(CodexBinary.find({ binary }))
      assert.deepStrictEqual(error.tried, [{ place: binary, problem: "not executable by this user" }])
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scoped("an explicit path is taken as it is", () =>
    Effect.gen(function*() {
      const folder = yield* folderOf({ "my-codex": "#!/bin/sh\n" })
      const path = Path.join(folder, "my-codex")
      assert.deepStrictEqual(yield* CodexBinary.find({ binary: path }), { path, source: "explicit", pathDirs: [] })
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  for (const modules of ["node_modules", "node_modules/@openai/codex/node_modules"]) {
    it.scoped(`finds the aliased platform package in ${modules}`, () =>
      Effect.gen(function*() {
        const folder = yield* folderOf({ ...launcher, ...platformPackage(modules) })
        const binary = yield* internal.search(host({ roots: ["/nowhere/x.js", Path.join(folder, "package.json")] }))
        assert.deepStrictEqual(binary, found(folder, modules, "package"))
      }).pipe(Effect.provide(NodeFileSystem.layer)))
  }

  it.scoped("finds the binary of the older layout, with its tools", () =>
    Effect.gen(function*() {
      const vendor = `node_modules/@openai/codex/vendor/${target.triple}`
      const folder = yield* folderOf({
        ...launcher,
        [`${vendor}/codex/codex`]: "binary",
        [`${vendor}/path/rg`]: "tool"
      })
      assert.deepStrictEqual(yield* internal.search(host({ roots: [Path.join(folder, "package.json")] })), {
        path: Path.join(folder, vendor, "codex/codex"),
        source: "package",
        pathDirs: [Path.join(folder, vendor, "path")]
      })
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scoped("takes the first codex on PATH as it is, script or not", () =>
    Effect.gen(function*() {
      const empty = yield* folderOf({})
      const folder = yield* folderOf({ codex: "#!/bin/sh\nexec /opt/codex \"$@\"\n" })
      const binary = yield* internal.search(host({ env: { PATH: `${empty}::${folder}` } }))
      assert.deepStrictEqual(binary, { path: Path.join(folder, "codex"), source: "PATH", pathDirs: [] })
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scoped("looks through npm's link on PATH to the binary behind it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* folderOf({ ...launcher, ...platformPackage("node_modules"), "bin/other": "" })
      yield* fs.symlink("../node_modules/@openai/codex/bin/codex.js", Path.join(folder, "bin/codex"))
      const binary = yield* internal.search(host({ env: { PATH: Path.join(folder, "bin") } }))
      assert.deepStrictEqual(binary, found(folder, "node_modules", "PATH"))
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scoped("looks through a package manager's shim on PATH to the binary behind it", () =>
    Effect.gen(function*() {
      const folder = yield* folderOf({
        ...launcher,
        ...platformPackage("node_modules"),
        "bin/codex": "#!/bin/sh\nexec node \"$basedir/../node_modules/@openai/codex/bin/codex.js\" \"$@\"\n"
      })
      const binary = yield* internal.search(host({ env: { PATH: Path.join(folder, "bin") } }))
      assert.deepStrictEqual(binary, found(folder, "node_modules", "PATH"))
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scoped("uses the launcher on PATH itself where the binary behind it is missing", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* folderOf({ ...launcher, "bin/other": "" })
      yield* fs.symlink("../node_modules/@openai/codex/bin/codex.js", Path.join(folder, "bin/codex"))
      const binary = yield* internal.search(host({ env: { PATH: Path.join(folder, "bin") } }))
      assert.deepStrictEqual(binary, { path: Path.join(folder, "bin/codex"), source: "PATH", pathDirs: [] })
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scoped("finding nothing lists every place and the command that fixes it", () =>
    Effect.gen(function*() {
      const empty = yield* folderOf({})
      const incomplete = yield* folderOf(launcher)
      const manifest = Path.join(incomplete, "node_modules/@openai/codex/package.json")
      const vendor = Path.join(incomplete, "node_modules/@openai/codex/vendor", target.triple)
      const error = yield* Effect.flip(internal.search(host({
        roots: ["/nowhere/package.json", Path.join(incomplete, "package.json")],
        env: { PATH: `/nowhere:${empty}` }
      })))
      assert.deepStrictEqual(error.tried, [
        { place: "@openai/codex, resolved from /nowhere/package.json", problem: "not installed" },
        { place: `${platformName}, resolved from ${manifest}`, problem: "not installed" },
        { place: Path.join(vendor, "bin/codex"), problem: "no such file" },
        { place: Path.join(vendor, "codex/codex"), problem: "no such file" },
        { place: "/nowhere/codex", problem: "no such file" },
        { place: Path.join(empty, "codex"), problem: "no such file" }
      ])
      assert.include(error.message, "npm install @openai/codex@")
      assert.include(error.message, Path.join(vendor, "bin/codex"))
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scoped("says so on a platform codex has no binary for", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(internal.search(host({ platform: "aix", arch: "ppc64", roots: ["/x.js"] })))
      assert.deepStrictEqual(error.tried, [
        { place: "@openai/codex", problem: "it has no binary for aix-ppc64" },
        { place: "PATH", problem: "it is empty" }
      ])
    }))

  it("looks from this package first, then from the working directory of the program", () => {
    const [own, ...rest] = internal.host({}).roots
    assert.include(own, Path.join("src", "internal"))
    assert.deepStrictEqual(rest, [Path.join(process.cwd(), "package.json")])
  })

  it("tries the extensions of PATHEXT on Windows", () => {
    assert.deepStrictEqual(commandNames(host({ platform: "win32", env: { PATHEXT: ".EXE;.CMD" } })), [
      "codex.exe",
      "codex.cmd"
    ])
    assert.deepStrictEqual(commandNames(host({})), ["codex"])
  })
})
