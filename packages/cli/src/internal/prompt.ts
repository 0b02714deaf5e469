import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { Stdio } from "../Stdio.js"
import { usage } from "./failure.js"

const maxLength = 16 * 1024 * 1024

/**
 * What codex is asked: the argument, or stdin where there is none or it is `-`.
 *
 * @internal
 */
export const read = Effect.fnUntraced(function*(argument: Option.Option<string>) {
  const { stdin } = yield* Stdio
  if (Option.isSome(argument) && argument.value !== "-") {
    return argument.value.trim() === "" ? yield* usage("The prompt is empty.") : argument.value
  }
  if (Option.isNone(argument) && stdin.isTTY) {
    return yield* usage(
      "There is no prompt.",
      "Give one as an argument, or pipe one in: `effect-codex run \"…\"`, `effect-codex run < prompt.md`."
    )
  }
  const text = yield* wholeStdin
  return text.trim() === "" ? yield* usage("The prompt on stdin is empty.") : text
})

/** @internal */
export const wholeStdin = Effect.gen(function*() {
  const { stdin } = yield* Stdio
  return yield* Stream.runFoldEffect(stdin.text, "", (text, more) =>
    text.length + more.length > maxLength
      ? Effect.fail(usage("What comes on stdin is longer than 16 MiB."))
      : Effect.succeed(text + more))
})
