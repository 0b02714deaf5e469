import * as Terminal from "@effect/platform/Terminal"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import { settle } from "./env.js"

const names: { readonly [character: string]: string } = { "\n": "enter", "\r": "return", "\u007f": "backspace" }

const key = (character: string, ctrl = false): Terminal.UserInput => ({
  input: Option.some(character),
  key: { name: names[character] ?? character, ctrl, meta: false, shift: false }
})

/** A terminal whose user is the test. Like that of Node, it hears keys only while somebody reads them. */
export const make = () => {
  let shown = ""
  let input: Mailbox.Mailbox<Terminal.UserInput> | undefined

  const terminal = Terminal.Terminal.of({
    columns: Effect.succeed(80),
    rows: Effect.succeed(24),
    isTTY: Effect.succeed(true),
    readLine: Effect.dieMessage("a line is not read as a whole"),
    readInput: Effect.acquireRelease(
      Effect.tap(Mailbox.make<Terminal.UserInput>(), (mailbox) => Effect.sync(() => input = mailbox)),
      () => Effect.sync(() => input = undefined)
    ),
    display: (text) => Effect.sync(() => void (shown += text))
  })

  const press = (...keys: ReadonlyArray<Terminal.UserInput>) =>
    Effect.zipRight(Effect.sync(() => keys.forEach((key) => input?.unsafeOffer(key))), settle)

  return {
    terminal,
    type: (text: string) => press(...Array.from(text, (character) => key(character))),
    ctrl: (letter: string) => press(key(letter, true)),
    endInput: Effect.zipRight(Effect.sync(() => input?.unsafeDone(Exit.void)), settle),
    /** What was shown since the last time. */
    shown: Effect.zipRight(
      settle,
      Effect.sync(() => {
        const since = shown
        shown = ""
        return since
      })
    )
  }
}
