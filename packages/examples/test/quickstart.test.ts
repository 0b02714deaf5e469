import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { script } from "../src/quickstart/model.js"
import { type Example, start } from "./support/child.js"

const quickstart = (
  args: ReadonlyArray<string> = [],
  env: Readonly<Record<string, string | undefined>> = {}
) => start("src/quickstart.ts", { args, env })

const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "quickstart-test-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

const homesIn = (folder: string) => readdirSync(folder).filter((name) => name.startsWith("effect-codex-home-"))

const linesOf = (example: Example) => example.stdout().split("\n")

const saidBy = (name: string, lines: ReadonlyArray<string>) =>
  lines.filter((line) => line.startsWith(`[${name}]`) && !line.includes("-- "))
    .map((line) => line.slice(line.indexOf("]") + 1).trim()).join(" ")

const assertNothingLeft = (example: Example) =>
  Effect.map(example.processes, (processes) => assert.deepStrictEqual(processes, []))

describe("quickstart", () => {
  it.scopedLive("runs two turns at once, steers one and stops a third, without credentials", () =>
    Effect.gen(function*() {
      const temporary = yield* temporaryFolder
      const example = yield* quickstart([], { TMPDIR: temporary, OPENAI_API_KEY: undefined, CODEX_HOME: "/nowhere" })
      assert.strictEqual(yield* example.status, 0, example.stderr())
      assert.strictEqual(example.stderr(), "")
      yield* assertNothingLeft(example)
      assert.deepStrictEqual(homesIn(temporary), [])

      const lines = linesOf(example)
      assert.include(lines[0], "scripted model")
      assert.include(lines[0], "--live")

      const placesOf = (name: string) => lines.flatMap((line, place) => line.startsWith(`[${name}]`) ? [place] : [])
      const tides = placesOf("tides")
      const garden = placesOf("garden")
      assert.isBelow(Math.min(...tides), Math.max(...garden))
      assert.isBelow(Math.min(...garden), Math.max(...tides))
      assert.match(saidBy("tides", lines), /^The Moon pulls .* about twelve and a half hours apart\.$/)

      const steered = lines.findIndex((line) => line.startsWith("[garden] -- steered:"))
      assert.isAbove(steered, 0)
      assert.match(saidBy("garden", lines.slice(0, steered)), /^Pick a bed that has sun/)
      assert.match(saidBy("garden", lines.slice(steered)), /^A balcony .* bright shade\.$/)

      assert.isTrue(lines.some((line) => /^\[novel\].*the server says of turn \S+: interrupted$/.test(line)))

      const table = lines.slice(lines.findIndex((line) => line.startsWith("turn "))).filter((line) => line !== "")
      assert.lengthOf(table, 5)
      assert.lengthOf(new Set(table.map((line) => line.length)), 1)
      assert.deepStrictEqual(
        table.filter((line) => !line.startsWith("-")).map((line) => line.trim().split(/ {2,}/).slice(0, 4)),
        [
          ["turn", "status", "items", "tokens"],
          ["tides", "completed", "2", "1975"],
          ["garden", "completed", "3", "1991"],
          ["novel", "interrupted", "1", "-"]
        ]
      )
      table.slice(2).forEach((line) => assert.match(line, / +\d+ ms +\d+ ms$/))
    }))

  it.scopedLive("leaves nothing behind when it is interrupted in the middle", () =>
    Effect.gen(function*() {
      const temporary = yield* temporaryFolder
      const example = yield* quickstart([], { TMPDIR: temporary })
      yield* example.printed("[tides]  The Moon")
      assert.isAbove((yield* example.processes).length, 1)
      yield* example.interrupt
      assert.strictEqual(yield* example.status, 130)
      assert.strictEqual(example.stderr(), "")
      assert.notInclude(example.stdout(), "duration")
      yield* assertNothingLeft(example)
      assert.deepStrictEqual(homesIn(temporary), [])
    }))

  it.scopedLive("ends in silence when the reader of its output goes away", () =>
    Effect.gen(function*() {
      const temporary = yield* temporaryFolder
      const example = yield* quickstart([], { TMPDIR: temporary })
      yield* example.printed("[tides]  The Moon")
      yield* example.closeStdout
      assert.strictEqual(yield* example.status, 0)
      assert.strictEqual(example.stderr(), "")
      yield* assertNothingLeft(example)
      assert.deepStrictEqual(homesIn(temporary), [])
    }))

  it.scopedLive("prints its options for --help, and refuses one that it does not know", () =>
    Effect.gen(function*() {
      const help = yield* quickstart(["--help"])
      const unknown = yield* quickstart(["--alive"])
      assert.strictEqual(yield* help.status, 0)
      assert.include(help.stdout(), "--live")
      assert.strictEqual(yield* unknown.status, 1)
      assert.include(unknown.stderr(), "Unknown option '--alive'")
      assert.notInclude(unknown.stderr(), "    at ")
    }))
})

/** A `CODEX_HOME` as a user may have one, but that its provider, which asks for a sign-in or not, is scripted. */
const userHome = (requiresSignIn: boolean) =>
  TemporaryCodexHome.layer({
    model_providers: { scripted: { requires_openai_auth: requiresSignIn } }
  }).pipe(
    Layer.provide(ScriptedModel.layer(script)),
    Layer.build,
    Effect.map((context) => Context.get(context, TemporaryCodexHome.TemporaryCodexHome).codexHome)
  )

describe("quickstart --live", () => {
  it.scopedLive("says what to do where there are no credentials", () =>
    Effect.gen(function*() {
      const example = yield* quickstart(["--live"], { CODEX_HOME: yield* userHome(true), OPENAI_API_KEY: undefined })
      assert.strictEqual(yield* example.status, 1)
      assert.strictEqual(example.stdout(), "")
      assert.include(example.stderr(), "codex login")
      assert.include(example.stderr(), "OPENAI_API_KEY")
      assert.notInclude(example.stderr(), "    at ")
      yield* assertNothingLeft(example)
    }))

  it.scopedLive("takes a key from the environment, for this run only", () =>
    Effect.gen(function*() {
      const CODEX_HOME = yield* userHome(true)
      const example = yield* quickstart(["--live"], { CODEX_HOME, OPENAI_API_KEY: "sk-of-a-test" })
      assert.strictEqual(yield* example.status, 0, example.stderr())
      assert.match(example.stdout(), /^Running live, on your OPENAI_API_KEY\.\n/)
      assert.match(example.stdout(), /\ntides +completed /)
      assert.notInclude(readdirSync(CODEX_HOME), "auth.json")
      yield* assertNothingLeft(example)
    }))

  it.scopedLive("runs on the provider of CODEX_HOME where that needs no sign-in", () =>
    Effect.gen(function*() {
      const example = yield* quickstart(["--live"], { CODEX_HOME: yield* userHome(false), OPENAI_API_KEY: undefined })
      assert.strictEqual(yield* example.status, 0, example.stderr())
      assert.match(example.stdout(), /^Running live, on the model provider of your CODEX_HOME\.\n/)
      assert.match(example.stdout(), /\nnovel +completed /)
    }))
})
