import * as FuzzyFileSearch from "@effect-codex/sdk/FuzzyFileSearch"
import { TemporaryCodexHome } from "@effect-codex/testing"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { assertIdle, codexTestExperimental } from "./harness.js"

const folder = Effect.map(TemporaryCodexHome.TemporaryCodexHome, ({ cwd }) => {
  for (const name of ["alpha.txt", "alphabet.md", "beta.txt"]) {
    Fs.writeFileSync(Path.join(cwd, name), "")
  }
  return cwd
})

const open = Effect.flatMap(folder, (root) => FuzzyFileSearch.session({ roots: [root] }))

/** Waits for results that are these. */
const finds = (session: FuzzyFileSearch.Session, query: string, ...names: ReadonlyArray<string>) =>
  session.results.pipe(
    Stream.filter((results) =>
      results.query === query && String(results.files.map(({ file_name }) => file_name).sort()) === String(names)
    ),
    Stream.runHead
  )

layer(codexTestExperimental(), { excludeTestServices: true })("a search session", (it) => {
  it.effect("finds the files of each query", () =>
    Effect.scoped(Effect.gen(function*() {
      const session = yield* open
      yield* session.search("al")
      yield* finds(session, "al", "alpha.txt", "alphabet.md")
      yield* session.search("bet.txt")
      yield* finds(session, "bet.txt", "beta.txt")
    })).pipe(Effect.zipRight(assertIdle)))

  it.effect("gives the results of the query that was typed last", () =>
    Effect.scoped(Effect.gen(function*() {
      const session = yield* open
      yield* Effect.forEach(["a", "al", "alp", "alpha.txt"], session.search)
      yield* finds(session, "alpha.txt", "alpha.txt")
    })))

  it.effect("finds nothing any more after its scope is closed", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const session = yield* Scope.extend(open, scope)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual((yield* Effect.flip(session.search("al")))._tag, "RequestFailed")
      yield* Stream.runDrain(session.results)
      yield* assertIdle
    }))

  it.effect("needs a folder to look in", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.scoped(FuzzyFileSearch.session({ roots: [] })))
      assert.strictEqual(error._tag, "RequestFailed")
      yield* assertIdle
    }))
})
