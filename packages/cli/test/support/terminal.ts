import * as Terminal from "@effect/platform/Terminal"
import * as Effect from "effect/Effect"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"

export const tag = Terminal.Terminal

const names: { readonly [character: string]: string } = { "\r": "return", "\u007f": "backspace" }

const key = (character: string, ctrl = false): Terminal.UserInput => ({
  input: Option.some(character),
  key: { name: names[character] ?? character, ctrl, meta: false, shift: false }
})

/** A terminal whose user is the test. Like that of Node, whoever reads gets every key, and none that came before. */
export const make = Effect.sync(() => {
  const readers = new Set<Mailbox.Mailbox<Terminal.UserInput>>()
  const press = (keys: ReadonlyArray<Terminal.UserInput>) =>
    Effect.forEach(keys, (key) =>
      Effect.zipRight(
        Effect.sync(() => readers.forEach((reader) => reader.unsafeOffer(key))),
        Effect.yieldNow()
      ), { discard: true })
  return {
    terminal: Terminal.Terminal.of({
      columns: Effect.succeed(80),
      rows: Effect.succeed(24),
      isTTY: Effect.succeed(true),
      readLine: Effect.dieMessage("a line is not read as a whole"),
      readInput: Effect.acquireRelease(
        Effect.tap(Mailbox.make<Terminal.UserInput>(), (reader) => Effect.sync(() => readers.add(reader))),
        (reader) => Effect.sync(() => readers.delete(reader))
      ),
      display: () => Effect.void
    }),
    type: (text: string) => press(Array.from(text, (character) => key(character))),
    ctrl: (letter: string) => press([key(letter, true)])
  }
})
