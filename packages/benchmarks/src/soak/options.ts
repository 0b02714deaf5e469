import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { parseArgs } from "node:util"

export interface Options {
  readonly minutes: number
  /** How many turns are under way at once. */
  readonly concurrency: number
  /** The same seed gives each worker the same choices. */
  readonly seed: number
}

const usage = "npm run soak -- [minutes, default 10] [--concurrency 200] [--seed NUMBER]"

export class Unusable extends Data.TaggedError("Unusable")<{ readonly problem: string }> {
  override get message(): string {
    return `${this.problem}\n${usage}`
  }
}

const positive = (name: string, text: string) =>
  Effect.suspend(() => {
    const value = Number(text)
    return value > 0 ? Effect.succeed(value) : new Unusable({ problem: `${name} is no number above 0: ${text}` })
  })

/** Those of the command line. */
export const options: Effect.Effect<Options, Unusable> = Effect.gen(function*() {
  const { positionals: [minutes = "10"], values } = yield* Effect.try({
    try: () =>
      parseArgs({
        allowPositionals: true,
        options: {
          concurrency: { type: "string", default: "200" },
          seed: { type: "string", default: String(Date.now() % 1_000_000) }
        }
      }),
    catch: (cause) => new Unusable({ problem: cause instanceof Error ? cause.message : String(cause) })
  })
  return {
    minutes: yield* positive("minutes", minutes),
    concurrency: Math.ceil(yield* positive("concurrency", values.concurrency)),
    seed: yield* positive("seed", values.seed)
  }
})
