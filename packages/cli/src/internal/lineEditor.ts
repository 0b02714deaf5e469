import type { UserInput } from "@effect/platform/Terminal"
import * as Option from "effect/Option"
import * as Format from "./format.js"

/**
 * A line that is being typed.
 *
 * @internal
 */
export interface Line {
  readonly before: string
  readonly after: string
  /** What was entered, latest first, and which of it is shown. */
  readonly history: ReadonlyArray<string>
  readonly at: number
}

/** @internal */
export const empty: Line = { before: "", after: "", history: [], at: -1 }

/** @internal */
export const textOf = ({ after, before }: Line): string => before + after

/**
 * What a key does beside changing the line.
 *
 * @internal
 */
export type Action = { readonly _tag: "Enter"; readonly text: string } | { readonly _tag: "Interrupt" | "End" }

const kept = 200

const say = (self: Line, before: string, after = ""): Line => ({ ...self, before, after })

const lastCharacter = /\P{M}\p{M}*$/u
const firstCharacter = /^\P{M}\p{M}*/u
const lastWord = /\S*\s*$/

/** @internal */
export const press = (self: Line, { input, key }: UserInput): readonly [Line, Action?] => {
  const { after, before } = self
  if (key.ctrl) {
    switch (key.name) {
      case "c":
        return textOf(self) === "" ? [self, { _tag: "Interrupt" }] : [say({ ...self, at: -1 }, "")]
      case "d":
        return textOf(self) === "" ? [self, { _tag: "End" }] : [say(self, before, after.replace(firstCharacter, ""))]
      case "a":
        return [say(self, "", before + after)]
      case "e":
        return [say(self, before + after)]
      case "u":
        return [say(self, "", after)]
      case "k":
        return [say(self, before)]
      case "w":
        return [say(self, before.replace(lastWord, ""), after)]
      case "h":
        return [say(self, before.replace(lastCharacter, ""), after)]
      case "j":
        return enter(self)
      default:
        return [self]
    }
  }
  switch (key.name) {
    case "return":
    case "enter":
      return enter(self)
    case "backspace":
      return [say(self, before.replace(lastCharacter, ""), after)]
    case "delete":
      return [say(self, before, after.replace(firstCharacter, ""))]
    case "left": {
      const [last = ""] = lastCharacter.exec(before) ?? []
      return [say(self, before.slice(0, before.length - last.length), last + after)]
    }
    case "right": {
      const [first = ""] = firstCharacter.exec(after) ?? []
      return [say(self, before + first, after.slice(first.length))]
    }
    case "home":
      return [say(self, "", before + after)]
    case "end":
      return [say(self, before + after)]
    case "up":
      return [recall(self, self.at + 1)]
    case "down":
      return [recall(self, self.at - 1)]
    case "escape":
    case "tab":
      return [self]
  }
  return Option.match(Option.filter(input, (text) => text !== "" && Format.printable(text) === text && !key.meta), {
    onNone: () => [self] as const,
    onSome: (text) => [say(self, before + text.replaceAll("\n", " "), after)] as const
  })
}

const enter = (self: Line): readonly [Line, Action] => {
  const text = textOf(self)
  const history = text.trim() === "" || text === self.history[0] ? self.history : [text, ...self.history].slice(0, kept)
  return [{ ...empty, history }, { _tag: "Enter", text }]
}

const recall = (self: Line, at: number): Line => {
  const text = at < 0 ? "" : self.history[at]
  return text === undefined ? self : { ...self, before: text, after: "", at: Math.max(at, -1) }
}

/**
 * The line with its prompt, as much of it as there is room for, and the cursor where it belongs.
 *
 * @internal
 */
export const render = ({ after, before }: Line, prompt: string, columns: number, style: Format.Style): string => {
  const room = Math.max(columns - Format.width(prompt) - 1, 4)
  const left = Format.fitEnd(before, room)
  const right = Format.fit(after, room - Format.width(left))
  const back = Format.width(right)
  return `${style.cyan(prompt)}${left}${right}${back === 0 ? "" : `\u001b[${back}D`}`
}
