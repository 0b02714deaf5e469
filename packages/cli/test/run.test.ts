import { ScriptedModel, TemporaryCodexHome } from "@effect-codex/testing"
import { assert, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs/promises"
import * as Path from "node:path"
import * as Support from "./support/cli.js"

const cwd = Effect.map(TemporaryCodexHome.TemporaryCodexHome, ({ cwd }) => cwd)

const write = (name: string, text: string) =>
  Effect.flatMap(cwd, (folder) =>
    Effect.promise(async () => {
      const file = Path.join(folder, name)
      await Fs.writeFile(file, text)
      return file
    }))

const schema = write("schema.json", JSON.stringify({ type: "object", properties: {}, additionalProperties: false }))

it.scopedLive("run prints the answer on stdout, and what was done on stderr", () =>
  Effect.gen(function*() {
    const { code, stderr, stdout } = yield* Support.run(["run", "work"])
    assert.strictEqual(code, 0)
    assert.strictEqual(stdout, "It is done.\n")
    assert.match(stderr, /^✓ \$ echo one \(.+\)\n✗ \$ exit 3 \(exit 3, .+\)\nthread \S+ · 45 tokens · .+\n$/)
  }).pipe(Effect.provide(Support.home([
    Support.command("echo one"),
    Support.command("exit 3"),
    ScriptedModel.text(["It is ", "done."])
  ]))))

it.scopedLive("a pipe gets the final answer alone; what was said before it goes to stderr", () =>
  Effect.gen(function*() {
    const { stderr, stdout } = yield* Support.run(["run", "think"])
    assert.strictEqual(stdout, "The answer.\n")
    assert.include(stderr, "Let me think.\n")
  }).pipe(Effect.provide(Support.home([ScriptedModel.reply(
    ScriptedModel.text("Let me think.", { phase: "commentary" }),
    ScriptedModel.text(["The ", "answer."], { phase: "final_answer" })
  )]))))

it.scopedLive("a pipe gets the last of several messages without a phase", () =>
  Effect.gen(function*() {
    const { stdout } = yield* Support.run(["run", "think", "-q"])
    assert.strictEqual(stdout, "Second.\n")
  }).pipe(
    Effect.provide(Support.home([ScriptedModel.reply(ScriptedModel.text("First."), ScriptedModel.text("Second."))]))
  ))

it.scopedLive("a terminal gets every message, and a live line that is gone at the end", () =>
  Effect.gen(function*() {
    const gate = yield* Effect.makeLatch()
    yield* Effect.gen(function*() {
      const { code, screen, shown, stdout } = yield* Support.start(["run", "think"], { isTTY: true })
      yield* shown("working")
      yield* shown("First")
      yield* gate.open
      assert.strictEqual(yield* code, 0)
      assert.strictEqual(stdout(), "First.\n\nSecond.\n")
      // After the last erasure of the line there is nothing but whole lines.
      assert.match(screen().slice(screen().lastIndexOf("\u001b[2K") + 4), /^$|^.+ tokens .+\n$/)
    }).pipe(Effect.provide(Support.home([
      ScriptedModel.reply(ScriptedModel.text(["First", gate.await, "."]), ScriptedModel.text("Second."))
    ])))
  }))

it.scopedLive("control characters of the model do not reach a terminal, and do reach a pipe", () =>
  Effect.gen(function*() {
    const terminal = yield* Support.run(["run", "a"], { isTTY: true })
    assert.strictEqual(terminal.stdout, "red\\u001b[31m\n")
    const pipe = yield* Support.run(["run", "b"])
    assert.strictEqual(pipe.stdout, "red\u001b[31m\n")
  }).pipe(Effect.provide(Support.home(() => ScriptedModel.text("red\u001b[31m")))))

it.scopedLive("the prompt comes from stdin where there is none, or it is -", () =>
  Effect.gen(function*() {
    const stdin = Stream.make("from ", "a pipe")
    assert.strictEqual((yield* Support.run(["run"], { stdin })).stdout, "from a pipe\n")
    assert.strictEqual((yield* Support.run(["run", "-", "--ephemeral"], { stdin })).stdout, "from a pipe\n")
    assert.strictEqual((yield* Support.run(["run", "--", "--dashed"], { stdin })).stdout, "--dashed\n")
  }).pipe(Effect.provide(Support.home())))

it.scopedLive("--json has a line for the thread, one for each event as on the wire, and one for the result", () =>
  Effect.gen(function*() {
    const { code, stderr, stdout } = yield* Support.run(["run", "--json", "hi"])
    assert.strictEqual(code, 0)
    assert.strictEqual(stderr, "")
    const lines = Support.linesOf(stdout)
    const { threadId, ...thread } = lines[0] ?? {}
    assert.deepInclude(thread, { type: "thread", model: "scripted-model", resumed: false })
    const events = lines.slice(1, -1)
    assert.isTrue(events.every(({ type }) => type === "event"))
    assert.strictEqual(events[0]?.method, "turn/started")
    assert.strictEqual(events.at(-1)?.method, "turn/completed")
    assert.isTrue(events.some(({ method }) => method === "item/agentMessage/delta"))
    assert.isTrue(events.some(({ method }) => method === "thread/tokenUsage/updated"))
    assert.deepInclude(lines.at(-1), { type: "result", threadId, status: "completed", finalResponse: "hi" })
  }).pipe(Effect.provide(Support.home())))

it.scopedLive("--json ends with a line for what went wrong", () =>
  Effect.gen(function*() {
    const failed = yield* Support.run(["run", "--json", "hi"])
    assert.strictEqual(failed.code, 1)
    assert.deepInclude(Support.linesOf(failed.stdout).at(-1), {
      type: "error",
      error: "TurnFailed",
      exitCode: 1,
      status: "failed"
    })
    const refused = yield* Support.run(["run", "--json", "hi", "--resume", "nothing"])
    assert.deepInclude(Support.linesOf(refused.stdout)[0], { type: "error", error: "ThreadNotFound", exitCode: 1 })
  }).pipe(Effect.provide(Support.home([ScriptedModel.fail({ code: "invalid_prompt", message: "No." })]))))

it.scopedLive("--output-schema asks for JSON and prints it", () =>
  Effect.gen(function*() {
    const file = yield* schema
    const { code, stdout } = yield* Support.run(["run", "--output-schema", file, "hi"])
    assert.strictEqual(code, 0)
    assert.strictEqual(stdout, "{\"answer\":42}\n")
    const model = yield* ScriptedModel.ScriptedModel
    const [request] = yield* model.requests
    assert.include(JSON.stringify(request?.body), "additionalProperties")
  }).pipe(Effect.provide(Support.home([ScriptedModel.text("{ \"answer\": 42 }")]))))

it.scopedLive("an answer that is no JSON fails with 5, and shows what it was", () =>
  Effect.gen(function*() {
    const { code, stderr, stdout } = yield* Support.run(["run", "--output-schema", yield* schema, "hi"])
    assert.strictEqual(code, 5)
    assert.strictEqual(stdout, "")
    assert.match(stderr, /error The answer is no JSON .*It was:\nSorry\.\n {2}→ /s)
  }).pipe(Effect.provide(Support.home([ScriptedModel.text("Sorry.")]))))

it.scopedLive("--resume goes on with a thread by its id, and with the last one of a folder", () =>
  Effect.gen(function*() {
    const folder = yield* cwd
    const first = yield* Support.run(["run", "--json", "one", "--cwd", folder])
    const threadId = String(Support.linesOf(first.stdout)[0]?.threadId)
    const second = yield* Support.run(["run", "two", "--json", "--resume", threadId])
    const third = yield* Support.run(["run", "three", "--json", "--resume", "last", "--cwd", folder])
    for (const { stdout } of [second, third]) {
      assert.deepInclude(Support.linesOf(stdout)[0], { type: "thread", threadId, resumed: true })
    }
    const { stdout } = yield* Support.run(["threads", "show", threadId])
    assert.match(stdout, /› one\n\none\n\n› two\n\ntwo\n\n› three\n\nthree\n$/)
  }).pipe(Effect.provide(Support.home())))

it.scopedLive("a limit stops the turn and ends with 4", () =>
  Effect.gen(function*() {
    const { code, stderr } = yield* Support.run(["run", "hi", "--max-items", "1"])
    assert.strictEqual(code, 4)
    assert.include(stderr, "passed --max-items 1.\n  → ")
  }).pipe(Effect.provide(Support.home([
    Support.command("echo 1"),
    Support.command("echo 2"),
    ScriptedModel.text(["never", Effect.never])
  ]))))

it.scopedLive("where there is no terminal to ask on, it is declined, and said so", () =>
  Effect.gen(function*() {
    const { code, stderr } = yield* Support.run(["run", "ask", "-s", "read-only", "-a", "on-request"])
    assert.strictEqual(code, 0)
    assert.match(stderr, /^! declined, as there is no terminal to ask on: .*touch file/)
    assert.include(stderr, "✗ $ touch file (declined)")
  }).pipe(Effect.provide(Support.home([Support.command("touch file", { asks: true }), ScriptedModel.text("Pity.")]))))

it.scopedLive("a question is asked on the terminal, and none of it on stdout", () =>
  Effect.gen(function*() {
    const asked = yield* Support.start(["run", "ask", "-s", "read-only", "-a", "on-request"], { isTTY: true })
    yield* asked.shown("May codex run this command?")
    yield* asked.shown("> ")
    yield* asked.type("1\r")
    assert.strictEqual(yield* asked.code, 0)
    assert.strictEqual(asked.stdout(), "Done.\n")
    assert.match(asked.stderr(), /✓.* \$ echo yes/)
  }).pipe(Effect.provide(Support.home([Support.command("echo yes", { asks: true }), ScriptedModel.text("Done.")]))))

it.scopedLive("being interrupted stops the turn on the server", () =>
  Effect.gen(function*() {
    const running = yield* Support.start(["run", "--json", "hi"])
    yield* running.shown("begun")
    const exit = yield* running.stop
    assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))
    const lines = Support.linesOf(running.stdout())
    assert.deepInclude(lines.at(-1), { type: "error", error: "Interrupted", exitCode: 130 })
    const { stdout } = yield* Support.run(["threads", "show", "--json", String(lines[0]?.threadId)])
    assert.strictEqual(JSON.parse(stdout).turns[0].status, "interrupted")
  }).pipe(Effect.provide(Support.home([ScriptedModel.text(["begun", Effect.never])]))))

it.scopedLive("what makes no sense ends with 2, says what to do, and starts nothing", () =>
  Effect.gen(function*() {
    const cases: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
      [["run", "--modle", "x"], "'--modle'"],
      [["run", "hi", "--max-tokens", "0"], "--max-tokens takes a whole number from 1 on"],
      [["run", "hi", "--max-duration", "soon"], "such as 90s, 10m or 1h"],
      [["run", "hi", "--cwd", "/does/not/exist"], "--cwd: there is no folder"],
      [["run", "hi", "-c", "nope"], "--config takes key=value"],
      [["run", "hi", "--output-schema", "/does/not/exist"], "cannot be read"],
      [["run", "hi", "--image", "/does/not/exist"], "there is no file"],
      [["run", "hi", "--ephemeral", "--resume", "last"], "--ephemeral is for a new thread"],
      [["run", "", "-q"], "The prompt is empty"],
      [["run"], "The prompt on stdin is empty"],
      [["nonsense"], "Invalid subcommand"]
    ]
    for (const [args, said] of cases) {
      const { code, stderr, stdout } = yield* Support.run(args)
      assert.strictEqual(code, 2, args.join(" "))
      assert.strictEqual(stdout, "", args.join(" "))
      assert.isTrue(stderr.startsWith("error "), stderr)
      assert.include(stderr, said)
    }
    const model = yield* ScriptedModel.ScriptedModel
    assert.deepStrictEqual(yield* model.requests, [])
  }).pipe(Effect.provide(Support.home())))
