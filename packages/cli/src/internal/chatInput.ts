import * as Terminal from "@effect/platform/Terminal"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Service as Stdio } from "../Stdio.js"
import { usage } from "./failure.js"
import * as Format from "./format.js"
import * as LineEditor from "./lineEditor.js"
import type { Screen } from "./screen.js"

/**
 * What a person does.
 *
 * @internal
 */
export type Input =
  | { readonly _tag: "Line"; readonly text: string }
  | { readonly _tag: "Interrupt" }
  | { readonly _tag: "End" }

/** @internal */
export interface ChatInput {
  /** To be run whenever a new line is wanted, as long as no turn is under way. */
  readonly prompt: Effect.Effect<void>
  /** To be run when a turn begins. */
  readonly busy: Effect.Effect<void>
  /** Whether lines come also while a turn is under way. */
  readonly isInteractive: boolean
}

const maxLine = 16 * 1024 * 1024

/**
 * Lines of a pipe, one whenever one is wanted.
 *
 * @internal
 */
export const fromPipe = (
  stdio: Stdio,
  offer: (input: Input) => Effect.Effect<unknown>,
  fail: (error: unknown) => Effect.Effect<unknown>
): Effect.Effect<ChatInput, never, Scope.Scope> =>
  Effect.gen(function*() {
    const wanted = yield* Queue.sliding<void>(1)
    let length = 0
    const lines = stdio.stdin.text.pipe(
      Stream.mapEffect((chunk) => {
        const end = chunk.lastIndexOf("\n")
        length = end < 0 ? length + chunk.length : chunk.length - end - 1
        return length > maxLine ? Effect.fail(usage("A line on stdin is longer than 16 MiB.")) : Effect.succeed(chunk)
      }),
      Stream.splitLines
    )
    yield* Stream.runForEach(
      Stream.rechunk(lines, 1),
      (text) => Effect.zipRight(wanted.take, offer({ _tag: "Line", text }))
    ).pipe(
      Effect.zipRight(Effect.zipRight(wanted.take, offer({ _tag: "End" }))),
      Effect.catchAllCause((cause) => fail(Cause.squash(cause))),
      Effect.forkScoped
    )
    return { prompt: Effect.asVoid(wanted.offer(undefined)), busy: Effect.void, isInteractive: false }
  })

/**
 * Keys of a terminal, as lines. `isAsking` says that a question has the keys for itself.
 *
 * @internal
 */
export const fromTerminal = (
  stdio: Stdio,
  screen: Screen,
  offer: (input: Input) => Effect.Effect<unknown>,
  isAsking: () => boolean
): Effect.Effect<ChatInput, never, Scope.Scope | Terminal.Terminal> =>
  Effect.gen(function*() {
    const { readInput } = yield* Terminal.Terminal
    const style = Format.styleOf(stdio.stderr.isTTY, stdio.env)
    let line = LineEditor.empty
    let isBusy = false

    const show = Effect.gen(function*() {
      const columns = yield* stdio.stderr.columns
      const typing = LineEditor.textOf(line) !== ""
      yield* screen.input(
        isBusy && !typing ? undefined : LineEditor.render(line, "› ", columns, style),
        isBusy && typing
      )
    })

    const echo = (text: string) =>
      Effect.zipRight(screen.input(undefined, false), screen.note(style.dim(`› ${Format.printable(text)}`)))

    /** Until the terminal says that there will be no more keys, as that of Node does after Ctrl-C. */
    const readKeys = Effect.gen(function*() {
      const keys = yield* readInput
      let last: Terminal.UserInput | undefined
      yield* keys.take.pipe(
        Effect.flatMap((key) => {
          last = key
          if (isAsking()) {
            return Effect.void
          }
          const [next, action] = LineEditor.press(line, key)
          line = next
          if (action === undefined) {
            return show
          }
          if (action._tag !== "Enter") {
            return offer(action._tag === "Interrupt" ? { _tag: "Interrupt" } : { _tag: "End" })
          }
          return action.text.trim() === ""
            ? show
            : Effect.zipRight(echo(action.text), offer({ _tag: "Line", text: action.text }))
        }),
        Effect.forever,
        Effect.ignore
      )
      return last?.key.ctrl === true
    }).pipe(Effect.scoped)

    yield* readKeys.pipe(
      Effect.repeat({ while: (goesOn) => goesOn }),
      Effect.zipRight(offer({ _tag: "End" })),
      Effect.forkScoped
    )
    yield* Effect.addFinalizer(() => screen.input(undefined, false))
    return {
      prompt: Effect.suspend(() => {
        isBusy = false
        return show
      }),
      busy: Effect.suspend(() => {
        isBusy = true
        return show
      }),
      isInteractive: true
    }
  })
