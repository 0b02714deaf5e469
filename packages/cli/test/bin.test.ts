import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Support from "./support/cli.js"
import * as Program from "./support/program.js"

const start = Effect.fnUntraced(function*(...args: ReadonlyArray<string>) {
  const { codexHome, cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
  const [name = "", ...rest] = args
  return yield* Program.start([name, "--codex-home", codexHome, ...(name === "doctor" ? [] : ["--cwd", cwd]), ...rest])
})

/** A test of the program: every process compiles its sources first. */
const program = <A, E>(name: string, test: () => Effect.Effect<A, E, Scope.Scope>) => it.scopedLive(name, test, 90_000)

/** The turn that never ends by itself, once it has begun. */
const endless: ScriptedModel.Script = () => ScriptedModel.text(["begun", Effect.never], { phase: "final_answer" })

const lastTurnStatus = Effect.gen(function*() {
  const { cwd } = yield* TemporaryCodexHome.TemporaryCodexHome
  const { stdout } = yield* Support.run(["threads", "--json", "--cwd", cwd])
  const [thread] = JSON.parse(stdout)
  const shown = yield* Support.run(["threads", "show", "--json", thread.id])
  return JSON.parse(shown.stdout).turns.at(-1).status
})

program("run takes its prompt from a pipe and gives its answer to one", () =>
  Effect.gen(function*() {
    const program = yield* start("run")
    yield* program.type("from a ")
    yield* program.type("pipe")
    yield* program.endInput
    assert.strictEqual(yield* program.code, 0)
    assert.strictEqual(program.stdout(), "from a pipe\n")
    assert.match(program.stderr(), /^thread \S+ · 15 tokens · .+ s\n$/)
  }).pipe(Effect.provide(Support.home())))

program("--json is whole lines of JSON, and ends with the result", () =>
  Effect.gen(function*() {
    const program = yield* start("run", "--json", "hi")
    assert.strictEqual(yield* program.code, 0)
    const lines = Support.linesOf(program.stdout())
    assert.strictEqual(lines[0]?.type, "thread")
    assert.deepInclude(lines.at(-1), { type: "result", finalResponse: "hi" })
    assert.strictEqual(program.stderr(), "")
  }).pipe(Effect.provide(Support.home())))

program("SIGINT stops the turn of run on the server and ends with 130", () =>
  Effect.gen(function*() {
    const program = yield* start("run", "hi")
    yield* program.shown("begun")
    yield* program.signal("SIGINT")
    assert.strictEqual(yield* program.code, 130)
    assert.strictEqual(program.stdout(), "begun\n")
    assert.strictEqual(program.stderr(), "")
    assert.strictEqual(yield* lastTurnStatus, "interrupted")
  }).pipe(Effect.provide(Support.home(endless))))

program("SIGTERM stops it as well and ends with 143", () =>
  Effect.gen(function*() {
    const program = yield* start("run", "hi")
    yield* program.shown("begun")
    yield* program.signal("SIGTERM")
    assert.strictEqual(yield* program.code, 143)
    assert.strictEqual(yield* lastTurnStatus, "interrupted")
  }).pipe(Effect.provide(Support.home(endless))))

program("who reads no further ends the turn, with 141 and without a word", () =>
  Effect.gen(function*() {
    const gate = yield* Effect.makeLatch()
    yield* Effect.gen(function*() {
      const program = yield* start("run", "hi")
      yield* program.shown("begun")
      yield* program.closeStdout
      yield* gate.open
      assert.strictEqual(yield* program.code, 141)
      assert.strictEqual(program.stderr(), "")
      assert.strictEqual(yield* lastTurnStatus, "interrupted")
    }).pipe(Effect.provide(Support.home([
      ScriptedModel.text(["begun", gate.await, ...Array.from({ length: 8 }, () => " more"), Effect.never], {
        phase: "final_answer",
        delay: "20 millis"
      })
    ])))
  }))

program(
  "SIGINT in chat stops the turn, and the next line is asked; where none runs it leaves",
  () =>
    Effect.gen(function*() {
      const program = yield* start("chat")
      const model = yield* ScriptedModel.ScriptedModel
      yield* program.type("one\n")
      yield* model.awaitRequest(({ userText }) => userText === "one")
      yield* program.signal("SIGINT")
      yield* program.shown("stopped")
      yield* program.type("two\n")
      yield* program.shown("The second.")
      yield* program.signal("SIGINT")
      assert.strictEqual(yield* program.code, 0)
      assert.strictEqual(program.stdout(), "The second.\n")
    }).pipe(Effect.provide(Support.home([
      ScriptedModel.text(["begun", Effect.never]),
      ScriptedModel.text("The second.")
    ])))
)

program("what makes no sense ends with 2, and starts no codex", () =>
  Effect.gen(function*() {
    const program = yield* Program.start(["nonsense"])
    assert.strictEqual(yield* program.code, 2)
    assert.strictEqual(program.stdout(), "")
    assert.include(program.stderr(), "Invalid subcommand")
  }))
