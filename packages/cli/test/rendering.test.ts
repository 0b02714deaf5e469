import * as CodexError from "@effect-codex/sdk/CodexError"
import type { TurnResult } from "@effect-codex/sdk/TurnResult"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as CommandLine from "../src/internal/commandLine.js"
import { pages } from "../src/internal/commands.js"
import * as Doctor from "../src/internal/doctor.js"
import { explain, render } from "../src/internal/explain.js"
import * as Format from "../src/internal/format.js"
import * as Help from "../src/internal/help.js"
import * as Items from "../src/internal/items.js"
import * as LineEditor from "../src/internal/lineEditor.js"
import * as Options from "../src/internal/options.js"
import * as Progress from "../src/internal/progress.js"

describe("text", () => {
  it("is cut to the columns that it takes, from either end", () => {
    assert.strictEqual(Format.fit("abcdef", 6), "abcdef")
    assert.strictEqual(Format.fit("abcdef", 4), "abc…")
    assert.strictEqual(Format.fit("日本語", 5), "日本…")
    assert.strictEqual(Format.fitEnd("abcdef", 4), "…def")
    assert.strictEqual(Format.width("e\u0301日"), 3)
  })

  it("of others is told and not obeyed", () => {
    assert.strictEqual(Format.printable("a\u001b[2Jb\u202ec\n"), "a\\u001b[2Jb\\u202ec\n")
    assert.strictEqual(Format.oneLine(" a\n  b\t"), "a b")
  })

  it("tells durations, counts and ages", () => {
    assert.deepStrictEqual([400, 12_000, 200_000, 7_500_000].map(Format.duration), [
      "0.4 s",
      "12 s",
      "3 min 20 s",
      "2 h 05 min"
    ])
    assert.deepStrictEqual([1, 15, 1_234_567].map((n) => Format.count(n, "token")), [
      "1 token",
      "15 tokens",
      "1,234,567 tokens"
    ])
    assert.deepStrictEqual([5, 120, 7200, 90_000].map(Format.ago), ["just now", "2 min ago", "2 h ago", "1 d ago"])
  })

  it("has colours only where a person looks and wants them", () => {
    assert.notStrictEqual(Format.styleOf(true, {}), Format.plain)
    assert.strictEqual(Format.styleOf(false, {}), Format.plain)
    assert.strictEqual(Format.styleOf(true, { NO_COLOR: "1" }), Format.plain)
    assert.strictEqual(Format.styleOf(true, { TERM: "dumb" }), Format.plain)
  })

  it("stands in columns, and is never wider than the terminal", () => {
    const table = Format.table(["A", "BB"], [["long", "x"], ["日", "a text that goes on"]], Format.plain, 14)
    assert.strictEqual(table, "A     BB\nlong  x\n日    a text…\n")
  })
})

describe("the live line", () => {
  const at = { now: 12_345, columns: 60, style: Format.plain }
  const command = (id: string, command: string) => ({
    type: "commandExecution" as const,
    id,
    command,
    commandActions: [],
    cwd: "/",
    status: "inProgress"
  })
  const started = (id: string, text: string) =>
    ({ _tag: "ItemStarted", item: command(id, text), threadId: "t", turnId: "u", startedAtMs: 0 }) as const

  it("tells what is under way, the tokens and the time", () => {
    const begun = Progress.step(Progress.start(0), started("1", "/bin/bash -lc 'npm test'"))
    assert.strictEqual(Progress.render(begun, at), "⠸ $ npm test · 12 s")
    const two = Progress.step(begun, started("2", "ls"))
    assert.strictEqual(Progress.render(two, at), "⠸ $ ls (+1) · 12 s")
    const usage = { totalTokens: 1500, inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningOutputTokens: 0 }
    const counted = Progress.step(begun, {
      _tag: "ThreadTokenUsageUpdated",
      threadId: "t",
      turnId: "u",
      tokenUsage: { total: usage, last: usage }
    })
    assert.strictEqual(Progress.render(counted, at), "⠸ $ npm test · 1,500 tokens · 12 s")
    const done = Progress.step(counted, {
      _tag: "ItemCompleted",
      item: command("1", "npm test"),
      threadId: "t",
      turnId: "u",
      completedAtMs: 0
    })
    assert.strictEqual(Progress.render(done, at), "⠸ working · 1,500 tokens · 12 s")
  })

  it("is never wider than the terminal", () => {
    const long = Progress.step(Progress.start(0), started("1", "echo 日本語 ".repeat(40)))
    for (const columns of [4, 10, 20, 40, 80]) {
      assert.isBelow(Format.width(Progress.render(long, { ...at, columns })), columns)
    }
  })
})

describe("what an item came to", () => {
  it("names the command and not its shell, the exit code and the time", () => {
    const item = {
      type: "commandExecution" as const,
      id: "1",
      command: "/bin/zsh -lc \"rm -rf x\"",
      commandActions: [],
      cwd: "/",
      status: "failed",
      exitCode: 2,
      durationMs: 1234
    }
    assert.deepStrictEqual(Items.outcomeOf(item), { ok: false, text: "$ rm -rf x (exit 2, 1.2 s)" })
    assert.strictEqual(Items.labelOf({ ...item, command: "echo\u001b[2J" }), "$ echo\\u001b[2J")
  })
})

describe("a line that is typed", () => {
  const key = (name: string, options: { readonly ctrl?: boolean; readonly input?: string } = {}) => ({
    input: Option.fromNullable(options.input),
    key: { name, ctrl: options.ctrl === true, meta: false, shift: false }
  })
  const type = (line: LineEditor.Line, text: string) =>
    Array.from(text).reduce((line, input) => LineEditor.press(line, key(input, { input }))[0], line)
  const press = (line: LineEditor.Line, ...keys: ReadonlyArray<ReturnType<typeof key>>) =>
    keys.reduce((line, key) => LineEditor.press(line, key)[0], line)

  it("is edited where the cursor is", () => {
    const line = press(type(LineEditor.empty, "helo"), key("left"), key("left"))
    assert.strictEqual(LineEditor.textOf(type(line, "l")), "hello")
    assert.strictEqual(LineEditor.textOf(press(line, key("backspace"))), "hlo")
    assert.strictEqual(LineEditor.textOf(press(line, key("delete"))), "heo")
    assert.strictEqual(LineEditor.textOf(press(line, key("u", { ctrl: true }))), "lo")
    assert.strictEqual(LineEditor.textOf(press(line, key("k", { ctrl: true }))), "he")
    assert.strictEqual(LineEditor.textOf(press(type(LineEditor.empty, "one two"), key("w", { ctrl: true }))), "one ")
    assert.strictEqual(LineEditor.textOf(type(press(line, key("home")), ">")), ">helo")
  })

  it("is entered, remembered, interrupted and ended", () => {
    const [entered, action] = LineEditor.press(type(LineEditor.empty, "one"), key("return"))
    assert.deepStrictEqual(action, { _tag: "Enter", text: "one" })
    assert.strictEqual(LineEditor.textOf(press(entered, key("up"))), "one")
    assert.strictEqual(LineEditor.textOf(press(entered, key("up"), key("up"), key("down"))), "")
    assert.deepStrictEqual(LineEditor.press(entered, key("c", { ctrl: true }))[1], { _tag: "Interrupt" })
    assert.deepStrictEqual(LineEditor.press(entered, key("d", { ctrl: true }))[1], { _tag: "End" })
    const [cleared, nothing] = LineEditor.press(type(entered, "x"), key("c", { ctrl: true }))
    assert.strictEqual(LineEditor.textOf(cleared), "")
    assert.isUndefined(nothing)
  })

  it("shows where the cursor is, and no more than there is room for", () => {
    const line = press(type(LineEditor.empty, "abcdefgh"), key("left"), key("left"))
    assert.strictEqual(LineEditor.render(line, "› ", 80, Format.plain), "› abcdefgh\u001b[2D")
    assert.strictEqual(LineEditor.render(line, "› ", 8, Format.plain), "› …cdef")
  })
})

describe("a command line", () => {
  const prepare = (...args: ReadonlyArray<string>) =>
    CommandLine.prepare(args, pages).map((arg) => arg.replace(Options.verbatim, "="))

  it("may have its options anywhere, and a prompt that looks like one of their values", () => {
    assert.deepStrictEqual(prepare("run", "-", "--json"), ["run", "--json", "=-"])
    assert.deepStrictEqual(prepare("run", "--json", "yes"), ["run", "--json", "=yes"])
    assert.deepStrictEqual(prepare("run", "hi", "--config=a=b", "-m", "x"), [
      "run",
      "--config",
      "a=b",
      "-m",
      "x",
      "=hi"
    ])
    assert.deepStrictEqual(prepare("run", "--", "--json"), ["run", "=--json"])
    assert.deepStrictEqual(prepare("threads", "show", "last", "--json"), ["threads", "show", "--json", "=last"])
  })

  it("keeps an option that is not known, so that it is refused", () => {
    assert.deepStrictEqual(prepare("run", "--nope", "hi"), ["run", "--nope", "=hi"])
    assert.deepStrictEqual(prepare("nonsense", "--json"), ["nonsense", "--json"])
  })

  it("of record may name run", () => {
    const plain = ["record", "--json", "=file", "=hi"]
    assert.deepStrictEqual(prepare("record", "file", "run", "--json", "hi"), plain)
    assert.deepStrictEqual(prepare("record", "file", "--", "--json", "hi"), plain)
    assert.deepStrictEqual(prepare("record", "file", "--json", "hi"), plain)
  })

  it("has times as people write them", () => {
    const millis = (text: string) => Option.map(Options.durationOf(text), Duration.toMillis)
    assert.deepStrictEqual(["90s", "90", "1.5m", "2h", "300ms"].map(millis), [
      Option.some(90_000),
      Option.some(90_000),
      Option.some(90_000),
      Option.some(7_200_000),
      Option.some(300)
    ])
    assert.deepStrictEqual(["", "0", "soon", "-1s"].map(millis), Array.from({ length: 4 }, () => Option.none()))
  })
})

describe("help", () => {
  it("of every command has a summary, its options and an example, and fits into 80 columns", () => {
    for (const page of pages) {
      const text = Help.render(page, pages, Format.plain, 80)
      assert.include(text, page.summary)
      assert.include(text, "-h, --help")
      assert.isNotEmpty(page.examples, page.path.join(" "))
      assert.isTrue(page.examples.every((example) => example.includes("effect-codex")))
      const tooWide = text.split("\n").filter((line) => Format.width(line) > 80)
      assert.deepStrictEqual(tooWide, [], page.path.join(" "))
      assert.notMatch(text, /user-defined|This setting/)
    }
  })

  it("is asked for by the option, by the word, and by no word at all", () => {
    const asked = (...args: ReadonlyArray<string>) => Help.asked(args, pages)?.path.join(" ")
    assert.strictEqual(asked(), "")
    assert.strictEqual(asked("--help"), "")
    assert.strictEqual(asked("run", "--json", "-h"), "run")
    assert.strictEqual(asked("help", "threads", "show"), "threads show")
    assert.isUndefined(asked("run", "hi"))
    assert.isUndefined(asked("run", "--", "--help"))
  })
})

describe("errors", () => {
  const partial: TurnResult = {
    id: "turn",
    threadId: "thread",
    status: "failed",
    finalResponse: null,
    items: [],
    unfinished: [],
    usage: null,
    turnUsage: null,
    startedAt: null,
    completedAt: null,
    durationMs: null
  }

  it("say what happened and what to do", () => {
    const unauthorized = new CodexError.TurnFailed({
      threadId: "thread",
      turnId: "turn",
      partial,
      error: { message: "401", codexErrorInfo: "unauthorized", additionalDetails: "no key" }
    })
    assert.strictEqual(
      render(explain(unauthorized), Format.plain),
      "error The turn failed: 401 (no key)\n  → Log in with `effect-codex login`."
    )
    const limit = new CodexError.LimitExceeded({
      threadId: "thread",
      turnId: "turn",
      partial,
      limit: "maxDuration",
      allowed: Duration.minutes(2)
    })
    assert.deepInclude(explain(limit), { what: "The turn was stopped, since it passed --max-duration 2m.", code: 4 })
    const closed = new CodexError.ConnectionClosed({
      reason: "Exited",
      exitCode: 7,
      signal: null,
      stderrTail: "one\n\ntwo\n\nStack backtrace:\n   0: <unknown>\n   1: main\n             at /src/main.rs:1\n"
    })
    assert.deepInclude(explain(closed), {
      what: "Codex ended in the middle of it: its process exited with status 7.\nIts last words:\n  one\n  two",
      code: 3
    })
  })

  it("name nothing of the SDK that a user of the command line cannot reach", () => {
    const refusal = new CodexError.RequestFailed({
      method: "thread/resume",
      reason: "InvalidRequest",
      code: -32600,
      serverMessage: "no",
      data: undefined
    })
    const errors = [
      refusal,
      new CodexError.ThreadNotFound({ threadId: "t", cause: refusal }),
      new CodexError.ThreadArchived({ threadId: "t", cause: refusal }),
      new CodexError.TurnInterrupted({ threadId: "t", turnId: "u", partial }),
      new CodexError.TurnStalled({ threadId: "t", turnId: "u", partial, stallTimeout: Duration.minutes(1) }),
      new CodexError.TurnActive({ threadId: "t", turnId: "u" }),
      new CodexError.RequestTimeout({ method: "x", timeout: Duration.minutes(1) }),
      new CodexError.EventOverflow({ capacity: 10 }),
      new CodexError.BinaryNotFound({ tried: [{ place: "PATH", problem: "none" }], fix: "npm install x" })
    ]
    for (const error of errors) {
      const { fix = "", what } = explain(error)
      assert.notMatch(
        what + fix,
        /`partial`|CodexConfig|stallTimeout|requestTimeout|whenActive|resumeThread|codex\.threads/
      )
    }
  })
})

describe("doctor", () => {
  it("thinks of releases as docs/compatibility.md does", () => {
    const status = (version: string) => Doctor.releaseFinding(version).status
    assert.strictEqual(status("0.129.9"), "warn")
    assert.strictEqual(status("0.130.0"), "ok")
    assert.strictEqual(status("0.169.0"), "ok")
    assert.strictEqual(status("0.170.0-alpha.1"), "ok")
    assert.strictEqual(status("0.0.0"), "warn")
    assert.strictEqual(Doctor.releaseOf("effect-codex/0.169.0 (Debian 12.0.0; x86_64) xterm"), "0.169.0")
  })

  it("has a line for each check, with what to do below it", () => {
    assert.strictEqual(
      Doctor.render({ name: "login", status: "warn", detail: "nobody\nhere", fix: "effect-codex login" }, Format.plain),
      "! warn  login        nobody\n                     here\n                     → effect-codex login\n"
    )
  })
})
