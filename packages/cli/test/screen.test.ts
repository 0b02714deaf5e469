import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Screen from "../src/internal/screen.js"
import type * as Stdio from "../src/Stdio.js"

const erase = "\r\u001b[2K"

const make = (options: { readonly isTTY: boolean }) =>
  Effect.gen(function*() {
    let shown = ""
    const output: Stdio.Output = {
      isTTY: options.isTTY,
      columns: Effect.succeed(80),
      write: (text) => Effect.sync(() => void (shown += text))
    }
    const scope = yield* Scope.make()
    const screen = yield* Screen.make({
      stdout: output,
      stderr: output,
      stdin: { isTTY: options.isTTY, text: Stream.empty },
      env: {},
      onInterrupt: () => Effect.void
    }, { isLive: options.isTTY }).pipe(Scope.extend(scope))
    return {
      screen,
      close: Scope.close(scope, Exit.void),
      /** What was written since the last time, once whoever can write has written. */
      shown: Effect.gen(function*() {
        yield* Effect.yieldNow().pipe(Effect.repeatN(50))
        const since = shown
        shown = ""
        return since
      })
    }
  })

it.effect("the live line makes way for what is written, and never stands in a line that is not finished", () =>
  Effect.gen(function*() {
    const { close, screen, shown } = yield* make({ isTTY: true })
    yield* screen.live("busy")
    assert.strictEqual(yield* shown, `${erase}busy`)
    yield* screen.note("a notice")
    assert.strictEqual(yield* shown, `${erase}a notice\n${erase}busy`)
    yield* screen.answer("half")
    assert.strictEqual(yield* shown, `${erase}half`)
    yield* screen.live("still busy")
    assert.strictEqual(yield* shown, "")
    yield* screen.answer(" a line\n")
    assert.strictEqual(yield* shown, ` a line\n${erase}still busy`)
    yield* close
    assert.strictEqual(yield* shown, erase)
  }))

it.effect("a notice ends the line that stands there", () =>
  Effect.gen(function*() {
    const { close, screen, shown } = yield* make({ isTTY: true })
    yield* screen.answer("half")
    yield* screen.note("a notice")
    assert.strictEqual(yield* shown, "half\na notice\n")
    yield* screen.answer("half")
    yield* close
    assert.strictEqual(yield* shown, "half\n")
  }))

it.effect("nothing is added where nobody looks", () =>
  Effect.gen(function*() {
    const { close, screen, shown } = yield* make({ isTTY: false })
    yield* screen.live("busy")
    yield* screen.answer("half")
    yield* screen.note("a notice")
    yield* close
    assert.strictEqual(yield* shown, "halfa notice\n")
  }))

it.effect("while a line is typed, the answer waits", () =>
  Effect.gen(function*() {
    const { screen, shown } = yield* make({ isTTY: true })
    yield* screen.input("› x", true)
    const writing = yield* Effect.fork(screen.answer("text"))
    assert.strictEqual(yield* shown, `${erase}› x`)
    yield* screen.input("› xy", true)
    assert.strictEqual(yield* shown, `${erase}› xy`)
    yield* screen.input(undefined, false)
    yield* Fiber.join(writing)
    assert.strictEqual(yield* shown, `${erase}text`)
  }))

it.effect("while a question is asked, everything else waits, and a line that was typed comes back", () =>
  Effect.gen(function*() {
    const { screen, shown } = yield* make({ isTTY: true })
    yield* screen.live("busy")
    yield* screen.input("› x", true)
    yield* shown
    const question = yield* Scope.make()
    yield* Scope.extend(screen.hold, question)
    const writing = yield* Effect.fork(screen.answer("text"))
    yield* screen.live("busier")
    yield* screen.display("Well?")
    assert.strictEqual(yield* shown, `${erase}Well?`)
    yield* Scope.close(question, Exit.void)
    assert.strictEqual(yield* shown, `${erase}› x`)
    yield* screen.input(undefined, false)
    yield* Fiber.join(writing)
    assert.strictEqual((yield* shown).replaceAll(erase, "|"), "||busier|text")
  }))
