/** `docs/performance.md`: the tables stand between two marks, what is written by hand around them. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { built } from "./measure.js"

const path = built("../../../../docs/performance.md")

const marks = ["<!-- bench -->", "<!-- /bench -->"] as const

export class NoPlace extends Data.TaggedError("NoPlace")<{ readonly problem: string }> {
  override get message(): string {
    return `The tables were not written into ${path}: ${this.problem}`
  }
}

/** The text with what stands between the marks replaced; `undefined` where it has none. */
export const replaced = (text: string, tables: string): string | undefined => {
  const [begin, end] = marks.map((mark) => text.indexOf(mark))
  return begin === undefined || end === undefined || begin < 0 || end < begin
    ? undefined
    : `${text.slice(0, begin + marks[0].length)}\n${tables}\n${text.slice(end)}`
}

export const write = (tables: string): Effect.Effect<void, NoPlace> =>
  Effect.try({
    try: () => {
      const text = replaced(Fs.readFileSync(path, "utf8"), tables)
      if (text === undefined) {
        throw new Error(`it has no ${marks.join(" … ")}`)
      }
      Fs.writeFileSync(path, text)
    },
    catch: (cause) => new NoPlace({ problem: cause instanceof Error ? cause.message : String(cause) })
  })
