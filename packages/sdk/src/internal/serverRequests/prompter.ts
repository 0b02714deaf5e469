import type { PlatformError } from "@effect/platform/Error"
import * as Terminal from "@effect/platform/Terminal"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/**
 * The user will not answer: by Ctrl+C, which is to turn away, or because there is no more input.
 *
 * @internal
 */
export class Quit extends Data.TaggedError("Quit")<{ readonly turnedAway: boolean }> {}

/**
 * The terminal, while one question has it.
 *
 * @internal
 */
export interface Prompter {
  readonly say: (text: string) => Effect.Effect<void, PlatformError>
  /** A line that the user types. A secret one is not shown. */
  readonly ask: (
    prompt: string,
    options?: { readonly secret?: boolean | undefined }
  ) => Effect.Effect<string, PlatformError | Quit>
  /** One of several things, by its number. */
  readonly choose: <A>(
    choices: ReadonlyArray<readonly [label: string, value: A]>
  ) => Effect.Effect<A, PlatformError | Quit>
}

/** There is one terminal, and it takes one question at a time. */
const terminal = Effect.unsafeMakeSemaphore(1)

/**
 * Lends the terminal, when it is free. What was typed before is not taken for an answer.
 *
 * @internal
 */
export const withPrompter = <A, E, R>(
  use: (prompter: Prompter) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | Terminal.Terminal> =>
  Effect.gen(function*() {
    const { display, isTTY, readInput } = yield* Terminal.Terminal
    const input = yield* readInput
    const echoes = yield* isTTY
    const show = (text: string) => display(printable(text))

    const nextKey = Effect.orElseFail(input.take, () => new Quit({ turnedAway: false }))

    /** What is typed up to the end of the line, after what was typed already. */
    const readLine = (typed: ReadonlyArray<string>, echo: boolean): Effect.Effect<string, PlatformError | Quit> =>
      Effect.flatMap(nextKey, ({ input, key }) => {
        const goOn = (typed: ReadonlyArray<string>, shown: string) =>
          Effect.zipRight(echo ? display(shown) : Effect.void, readLine(typed, echo))
        if (key.ctrl && (key.name === "c" || key.name === "d")) {
          return Effect.zipRight(display("\n"), new Quit({ turnedAway: key.name === "c" }))
        }
        if (key.name === "return" || key.name === "enter") {
          return Effect.as(display("\n"), typed.join(""))
        }
        if (key.name === "backspace") {
          return goOn(typed.slice(0, -1), typed.length > 0 ? "\b \b" : "")
        }
        return Option.match(Option.filter(input, (text) => text !== "" && printable(text) === text), {
          onNone: () => goOn(typed, ""),
          onSome: (text) => goOn([...typed, text], text)
        })
      })

    const ask: Prompter["ask"] = (prompt, options) =>
      Effect.zipRight(show(prompt), readLine([], echoes && options?.secret !== true))

    const choose = <A>(choices: ReadonlyArray<readonly [string, A]>): Effect.Effect<A, PlatformError | Quit> => {
      const pick: Effect.Effect<A, PlatformError | Quit> = Effect.flatMap(ask("> "), (line) => {
        const chosen = choices[Number(line.trim()) - 1]
        return chosen === undefined
          ? Effect.zipRight(show(`A number from 1 to ${choices.length}, please.\n`), pick)
          : Effect.succeed(chosen[1])
      })
      return Effect.zipRight(show(choices.map(([label], i) => `  ${i + 1}. ${label}\n`).join("")), pick)
    }

    return yield* use({ say: (text) => show(`${text}\n`), ask, choose }).pipe(
      Effect.onInterrupt(() => Effect.ignore(show("\n(not asked any more)\n")))
    )
  }).pipe(Effect.scoped, terminal.withPermits(1))

/** What is shown comes from others: control characters could rewrite the screen, and turned text could hide its order. */
const printable = (text: string): string =>
  text.replace(
    unprintable,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`
  )

const unprintable = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu
