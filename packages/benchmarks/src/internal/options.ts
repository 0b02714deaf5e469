import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { parseArgs } from "node:util"
import type { Size } from "./figure.js"

export interface Options {
  readonly size: Size
  /** One object on stdout, and nothing else; nothing is written. */
  readonly json: boolean
  /** The cases to run; empty for all. Then nothing is written, since the page shows one run. */
  readonly only: ReadonlyArray<string>
}

const usage = "npm run bench -- [--quick] [--json] [--only CASE]..."

export class Unusable extends Data.TaggedError("Unusable")<{ readonly problem: string }> {
  override get message(): string {
    return `${this.problem}\n${usage}`
  }
}

/** Those of the command line. */
export const options = (cases: ReadonlyArray<string>): Effect.Effect<Options, Unusable> =>
  Effect.gen(function*() {
    const { values: { json, only, quick } } = yield* Effect.try({
      try: () =>
        parseArgs({
          options: {
            quick: { type: "boolean", default: false },
            json: { type: "boolean", default: false },
            only: { type: "string", multiple: true, default: [] }
          }
        }),
      catch: (cause) => new Unusable({ problem: cause instanceof Error ? cause.message : String(cause) })
    })
    const unknown = only.filter((name) => !cases.includes(name))
    if (unknown.length > 0) {
      return yield* new Unusable({ problem: `No case is named ${unknown.join(", ")}; there are ${cases.join(", ")}` })
    }
    return { size: quick ? "quick" : "full", json, only }
  })
