import { ScriptedModel } from "@effect-codex/testing"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Support from "./support/cli.js"

const lines = (...lines: ReadonlyArray<string>) => Stream.make(lines.map((line) => `${line}\n`).join(""))

it.scopedLive("lines of a pipe are asked one after the other on one thread", () =>
  Effect.gen(function*() {
    const { code, stderr, stdout } = yield* Support.run(["chat"], { stdin: lines("one", "", "two", "/status") })
    assert.strictEqual(code, 0)
    assert.strictEqual(stdout, "one\ntwo\n")
    assert.match(stderr, /^new thread (\S+) · scripted-model · .+\nthread \1 · scripted-model · .+ · 30 tokens\n$/)
  }).pipe(Effect.provide(Support.home())))

it.scopedLive("/new starts another thread, /model another model, /quit leaves", () =>
  Effect.gen(function*() {
    const { code, stderr, stdout } = yield* Support.run(["chat"], {
      stdin: lines("one", "/new", "/model other-model", "two", "/quit", "three")
    })
    assert.strictEqual(code, 0)
    assert.strictEqual(stdout, "one\ntwo\n")
    const threads = Array.from(stderr.matchAll(/new thread (\S+)/g), ([, id]) => id)
    assert.strictEqual(new Set(threads).size, 2)
    const model = yield* ScriptedModel.ScriptedModel
    assert.deepStrictEqual((yield* model.requests).map(({ model }) => model), ["scripted-model", "other-model"])
  }).pipe(Effect.provide(Support.home())))

it.scopedLive("a turn that fails is told, and the next line is asked", () =>
  Effect.gen(function*() {
    const { code, stderr, stdout } = yield* Support.run(["chat"], { stdin: lines("one", "two") })
    assert.strictEqual(code, 0)
    assert.strictEqual(stdout, "Here.\n")
    assert.include(stderr, "error The turn failed: No.")
  }).pipe(
    Effect.provide(
      Support.home([ScriptedModel.fail({ code: "invalid_prompt", message: "No." }), ScriptedModel.text("Here.")])
    )
  ))

it.scopedLive("an interrupt stops the turn that runs, and the chat where none does", () =>
  Effect.gen(function*() {
    const chat = yield* Support.start(["chat"], { stdin: Stream.concat(lines("one"), Stream.never) })
    const model = yield* ScriptedModel.ScriptedModel
    yield* model.awaitRequest()
    assert.isTrue(yield* chat.interrupt)
    yield* chat.shown("stopped")
    assert.isTrue(yield* chat.interrupt)
    assert.strictEqual(yield* chat.code, 0)
  }).pipe(Effect.provide(Support.home([ScriptedModel.text(["begun", Effect.never])]))))

it.scopedLive("on a terminal, what is typed is asked, and Ctrl-D leaves", () =>
  Effect.gen(function*() {
    const chat = yield* Support.start(["chat"], { isTTY: true })
    yield* chat.shown("› ")
    yield* chat.type("helo\u007flo\r")
    yield* chat.shown("› hello")
    yield* chat.shown("hello\n")
    yield* chat.shown("› ")
    yield* chat.ctrl("d")
    assert.strictEqual(yield* chat.code, 0)
    assert.strictEqual(chat.stdout(), "hello\n")
  }).pipe(Effect.provide(Support.home())))

it.scopedLive("on a terminal, Ctrl-C stops the turn, then clears the line, then leaves", () =>
  Effect.gen(function*() {
    const chat = yield* Support.start(["chat"], { isTTY: true })
    yield* chat.shown("› ")
    yield* chat.type("slow\r")
    yield* chat.shown("begun")
    yield* chat.ctrl("c")
    yield* chat.shown("stopped")
    yield* chat.shown("› ")
    yield* chat.type("x")
    yield* chat.shown("x")
    yield* chat.ctrl("c")
    yield* chat.shown("› ")
    yield* chat.ctrl("c")
    assert.strictEqual(yield* chat.code, 0)
  }).pipe(Effect.provide(Support.home([ScriptedModel.text(["begun", Effect.never])]))))

it.scopedLive("what is typed while a turn runs is told to it, and cuts short what it says", () =>
  Effect.gen(function*() {
    const chat = yield* Support.start(["chat"], { isTTY: true })
    yield* chat.shown("› ")
    yield* chat.type("one\r")
    yield* chat.shown("begun")
    yield* chat.type("and two\r")
    yield* chat.shown("told the turn that runs")
    yield* chat.shown("Both.")
    yield* chat.shown("› ")
    yield* chat.ctrl("d")
    assert.strictEqual(yield* chat.code, 0)
    assert.strictEqual(chat.stdout(), "begun\nBoth.\n")
    const model = yield* ScriptedModel.ScriptedModel
    assert.deepStrictEqual((yield* model.requests).map(({ userText }) => userText), ["one", "and two"])
  }).pipe(Effect.provide(Support.home([ScriptedModel.text(["begun", Effect.never]), ScriptedModel.text("Both.")]))))

it.scopedLive("a question of codex has the keys for itself", () =>
  Effect.gen(function*() {
    const chat = yield* Support.start(["chat", "-s", "read-only", "-a", "on-request"], { isTTY: true })
    yield* chat.shown("› ")
    yield* chat.type("ask\r")
    yield* chat.shown("May codex run this command?")
    yield* chat.shown("> ")
    yield* chat.type("1\r")
    yield* chat.shown("Done.")
    yield* chat.shown("› ")
    yield* chat.ctrl("d")
    assert.strictEqual(yield* chat.code, 0)
    assert.strictEqual(chat.stdout(), "Done.\n")
    assert.notInclude(chat.stderr(), "told the turn that runs")
    const model = yield* ScriptedModel.ScriptedModel
    assert.strictEqual((yield* model.requests).length, 2)
  }).pipe(Effect.provide(Support.home([Support.command("echo yes", { asks: true }), ScriptedModel.text("Done.")]))))
