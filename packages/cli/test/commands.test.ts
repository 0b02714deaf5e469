import { TemporaryCodexHome } from "@effect-codex/testing"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs/promises"
import * as Path from "node:path"
import * as Support from "./support/cli.js"

const folders = TemporaryCodexHome.TemporaryCodexHome

const newThread = Effect.fnUntraced(function*(prompt: string) {
  const { cwd } = yield* folders
  const { stdout } = yield* Support.run(["run", "--json", prompt, "--cwd", cwd])
  return String(Support.linesOf(stdout)[0]?.threadId)
})

it.scopedLive("threads are listed, put away, taken out again and deleted", () =>
  Effect.gen(function*() {
    const { cwd } = yield* folders
    const one = yield* newThread("the first")
    const two = yield* newThread("the second")
    const list = (...more: ReadonlyArray<string>) =>
      Effect.map(Support.run(["threads", "--cwd", cwd, "--json", ...more]), ({ stdout }) =>
        JSON.parse(stdout).map(({ id }: { readonly id: string }) => id))
    assert.sameMembers(yield* list(), [one, two])
    assert.strictEqual((yield* list("--limit", "1")).length, 1)
    const table = yield* Support.run(["threads", "--cwd", cwd])
    assert.match(table.stdout, /^ID {2,}CHANGED {2,}TITLE\n/)
    assert.match(table.stdout, new RegExp(`^${one}  just now  the first$`, "m"))

    assert.strictEqual((yield* Support.run(["threads", "archive", one])).code, 0)
    assert.deepStrictEqual(yield* list(), [two])
    assert.deepStrictEqual(yield* list("--archived"), [one])
    const resumed = yield* Support.run(["run", "hi", "--resume", one])
    assert.strictEqual(resumed.code, 1)
    assert.include(resumed.stderr, `threads unarchive ${one}\` takes it out`)
    assert.strictEqual((yield* Support.run(["threads", "unarchive", one])).code, 0)
    assert.sameMembers(yield* list(), [one, two])

    const unsure = yield* Support.run(["threads", "delete", one])
    assert.strictEqual(unsure.code, 2)
    assert.include(unsure.stderr, "--yes")
    assert.strictEqual((yield* Support.run(["threads", "delete", "--yes", one])).code, 0)
    assert.deepStrictEqual(yield* list(), [two])
  }).pipe(Effect.provide(Support.home())))

it.scopedLive("models are listed, as a table and as JSON", () =>
  Effect.gen(function*() {
    const table = yield* Support.run(["models"])
    assert.match(table.stdout, /^MODEL {2,}EFFORT {2,}DESCRIPTION\n\S/)
    const { stdout } = yield* Support.run(["models", "--json"])
    assert.isString(JSON.parse(stdout)[0].model)
  }).pipe(Effect.provide(Support.home())))

it.scopedLive("a login by key takes it from stdin, shows it nowhere, and lasts until the logout", () =>
  Effect.gen(function*() {
    const key = "sk-test-0123456789abcdef"
    const provider = ["-c", "model_provider=openai"]
    const before = yield* Support.run(["login", "status", ...provider])
    assert.deepInclude(before, { code: 1, stdout: "nobody is logged in\n" })
    const login = yield* Support.run(["login", "--api-key"], { stdin: Stream.make(`${key}\n`) })
    assert.strictEqual(login.code, 0)
    assert.notInclude(login.stdout + login.stderr, key)
    const during = yield* Support.run(["login", "status", ...provider])
    assert.deepInclude(during, { code: 0, stdout: "logged in with an API key\n" })
    assert.strictEqual((yield* Support.run(["logout"])).code, 0)
    assert.strictEqual((yield* Support.run(["login", "status", ...provider])).code, 1)
  }).pipe(Effect.provide(Support.home())))

it.scopedLive("a key is not typed at a terminal", () =>
  Effect.gen(function*() {
    const { code, stderr } = yield* Support.run(["login", "--api-key"], { isTTY: true })
    assert.strictEqual(code, 2)
    assert.include(stderr, "reads the key from stdin")
  }).pipe(Effect.provide(Support.home())))

it.scopedLive("doctor finds everything in place", () =>
  Effect.gen(function*() {
    const { code, stdout } = yield* Support.run(["doctor", "--json"])
    assert.strictEqual(code, 0)
    const { checks, ok } = JSON.parse(stdout)
    assert.isTrue(ok)
    assert.deepStrictEqual(
      checks.map(({ name, status }: { readonly name: string; readonly status: string }) => `${name} ${status}`),
      ["node ok", "binary ok", "app-server ok", "version ok", "config ok", "login ok", "turn ok"]
    )
  }).pipe(Effect.provide(Support.home())))

it.scopedLive("doctor says what is wrong with config.toml, and ends with 1", () =>
  Effect.gen(function*() {
    const { codexHome } = yield* folders
    yield* Effect.promise(() => Fs.writeFile(Path.join(codexHome, "config.toml"), "model = [\n"))
    const { code, stdout } = yield* Support.run(["doctor"])
    assert.strictEqual(code, 1)
    assert.match(stdout, /^✗ fail {2}config .*config\.toml:\d+:\d+.*\n +→ Mend .*config\.toml\.$/m)
    assert.match(stdout, /^! warn {2}login .*\n +→ effect-codex login$/m)
    assert.match(stdout, /^✓ ok {4}turn /m)
  }).pipe(Effect.provide(Support.home())))

it.scopedLive("doctor says what to do where there is no codex, and looks no further", () =>
  Effect.gen(function*() {
    const { code, stdout } = yield* Support.run(["doctor", "--binary", "/does/not/exist"])
    assert.strictEqual(code, 1)
    assert.match(stdout, /^✗ fail {2}binary .*\n.*\/does\/not\/exist: no such file\n +→ Run /m)
    assert.notInclude(stdout, "turn ")
  }).pipe(Effect.provide(Support.home())))

it.scopedLive("a recorded run is replayed without codex, and another prompt is told apart", () =>
  Effect.gen(function*() {
    const { cwd } = yield* folders
    const file = Path.join(cwd, "session.jsonl")
    const recorded = yield* Support.run(["record", file, "run", "hello"])
    assert.strictEqual(recorded.code, 0)
    assert.strictEqual(recorded.stdout, "hello\n")
    const launcher = {
      transport: () => {
        throw new Error("no codex is started")
      }
    }
    const replayed = yield* Support.run(["replay", file, "hello"], { launcher })
    assert.deepInclude(replayed, { code: 0, stdout: "hello\n" })
    assert.strictEqual(recorded.stderr, `${replayed.stderr}recorded in ${file}\n`)
    const other = yield* Support.run(["replay", file, "goodbye"], { launcher })
    assert.strictEqual(other.code, 1)
    assert.match(other.stderr, /params\.input\[0\]\.text\n +recorded: "hello"\n +sent: +"goodbye"/)
    assert.strictEqual((yield* Support.run(["replay", `${file}.not`, "hello"])).code, 2)
    assert.strictEqual((yield* Support.run(["record", "/does/not/exist/file", "hello"])).code, 2)
  }).pipe(Effect.provide(Support.home())))

it.scopedLive("--version, --help and --completions print and end with 0", () =>
  Effect.gen(function*() {
    const version = yield* Support.run(["--version"])
    assert.strictEqual(version.code, 0)
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/)
    const help = yield* Support.run(["run", "--help"])
    assert.strictEqual(help.code, 0)
    assert.match(help.stdout, /\n {2}effect-codex run \[options\] \[prompt\]\n/)
    for (const shell of ["bash", "fish", "zsh"]) {
      const completions = yield* Support.run(["--completions", shell])
      assert.strictEqual(completions.code, 0)
      assert.include(completions.stdout, "output-schema")
      assert.notInclude(completions.stdout, "\u001b")
    }
  }).pipe(Effect.provide(Support.home())))
