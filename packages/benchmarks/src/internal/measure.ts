/** Runs what is measured: each probe in a process of plain Node, on built code, one after the other. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Struct from "effect/Struct"
import * as NodeChildProcess from "node:child_process"
import { fileURLToPath } from "node:url"

/** What a probe tells: numbers by name. */
export type Sample = Readonly<Record<string, number>>

/** A program of `probes`, what it is told, and the flags of Node. */
export interface Probe {
  readonly file: string
  readonly params?: unknown
  readonly flags?: ReadonlyArray<string>
}

export class ProbeFailed extends Data.TaggedError("ProbeFailed")<{
  readonly probe: string
  readonly problem: string
}> {
  override get message(): string {
    return `${this.probe}: ${this.problem}`
  }
}

const patience = "5 minutes"

const lastLine = (text: string) => text.trimEnd().split("\n").at(-1) ?? ""

const read = (probe: string, code: number | null, output: string): Effect.Effect<Sample, ProbeFailed> =>
  code === 0
    ? Effect.try({
      try: () => JSON.parse(lastLine(output)) as Sample,
      catch: () => new ProbeFailed({ probe, problem: `it said ${JSON.stringify(output.slice(-200))}` })
    })
    : Effect.fail(new ProbeFailed({ probe, problem: `it ended with ${code}` }))

/** What one run of a probe measures. */
export const run = ({ file, flags = [], params = {} }: Probe): Effect.Effect<Sample, ProbeFailed> => {
  const path = fileURLToPath(new URL(`./probes/${file}.js`, import.meta.url))
  return Effect.async<readonly [number | null, string]>((resume) => {
    const child = NodeChildProcess.spawn(process.execPath, [...flags, path, JSON.stringify(params)], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    let output = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text
    })
    child.once("close", (code) => resume(Effect.succeed([code, output])))
    return Effect.sync(() => child.kill("SIGKILL"))
  }).pipe(
    Effect.flatMap(([code, output]) => read(file, code, output)),
    Effect.timeoutFail({
      duration: patience,
      onTimeout: () => new ProbeFailed({ probe: file, problem: `it took more than ${patience}` })
    })
  )
}

/** The samples of each contender, one a round. */
export type Rounds<Name extends string> = (name: Name) => ReadonlyArray<Sample>

/**
 * Runs every contender once a round. The rounds begin with another contender each, so that what the machine does
 * meanwhile strikes no one more than the others.
 */
export const rounds = <Name extends string>(
  count: number,
  contenders: Readonly<Record<Name, Effect.Effect<Sample, ProbeFailed>>>
): Effect.Effect<Rounds<Name>, ProbeFailed> =>
  Effect.gen(function*() {
    const all = Struct.entries(contenders).map(([name, sample]) => ({ name, sample, samples: Array.of<Sample>() }))
    for (let round = 0; round < count; round++) {
      for (const one of [...all.slice(round % all.length), ...all.slice(0, round % all.length)]) {
        one.samples.push(yield* one.sample)
      }
    }
    return (name) => all.find((one) => one.name === name)?.samples ?? []
  })

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = Array.from(values).sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [below = NaN, above = NaN] = [sorted[middle - 1], sorted[middle]]
  return sorted.length % 2 === 0 ? (below + above) / 2 : above
}

/** A series of values in short. */
export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
}

export const summary = (values: ReadonlyArray<number>): Summary => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values)
})

export const series = (samples: ReadonlyArray<Sample>, key: string): ReadonlyArray<number> =>
  samples.map((sample) => sample[key] ?? NaN)

/** By what one is of the other, round by round. */
export const ratios = (values: ReadonlyArray<number>, of: ReadonlyArray<number>): ReadonlyArray<number> =>
  values.map((value, i) => value / (of[i] ?? NaN))
