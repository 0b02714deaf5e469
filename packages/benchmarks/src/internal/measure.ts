/** Runs what is measured: each probe in a process of plain Node, on built code, one after the other. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as NodeChildProcess from "node:child_process"
import { fileURLToPath } from "node:url"
import { memoryOfTree } from "./processTree.js"

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

const patience = "20 minutes"

const lastLine = (text: string) => text.trimEnd().split("\n").at(-1) ?? ""

const read = (probe: string, output: string): Effect.Effect<Sample, ProbeFailed> =>
  Effect.try({
    try: () => JSON.parse(lastLine(output)) as Sample,
    catch: () => new ProbeFailed({ probe, problem: `it said ${JSON.stringify(output.slice(-200))}` })
  })

/** What a program of Node writes to its stdout, until it ends well. `onStart` is told the id of its process. */
export const execute = (
  name: string,
  args: ReadonlyArray<string>,
  onStart: (pid: number) => void = () => {}
): Effect.Effect<string, ProbeFailed> =>
  Effect.async<string, ProbeFailed>((resume) => {
    const child = NodeChildProcess.spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
    let output = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text
    })
    child.once("close", (code, signal) =>
      resume(
        code === 0
          ? Effect.succeed(output)
          : Effect.fail(
            new ProbeFailed({ probe: name, problem: `it ended with ${code ?? signal}\n${output}`.trimEnd() })
          )
      ))
    onStart(child.pid ?? 0)
    return Effect.sync(() => child.kill("SIGKILL"))
  }).pipe(
    Effect.timeoutFail({
      duration: patience,
      onTimeout: () => new ProbeFailed({ probe: name, problem: `it took more than ${patience}` })
    })
  )

/** Where a program of this package is, once built. */
export const built = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** What one run of a probe measures. */
export const run = ({ file, flags = [], params = {} }: Probe): Effect.Effect<Sample, ProbeFailed> =>
  Effect.flatMap(
    execute(file, [...flags, built(`./probes/${file}.js`), JSON.stringify(params)]),
    (output) => read(file, output)
  )

/** The same, and the most memory that it and all that it has started have had at once, in megabytes. */
export const runWatched = ({ file, flags = [], params = {} }: Probe): Effect.Effect<Sample, ProbeFailed> =>
  Effect.suspend(() => {
    const peak = { rss: 0, pss: 0 }
    let pid = 0
    const watch = Effect.sync(() => {
      const { pss, rss } = memoryOfTree(pid)
      peak.rss = Math.max(peak.rss, rss)
      peak.pss = Math.max(peak.pss, pss)
    }).pipe(Effect.delay("150 millis"), Effect.forever)
    const args = [...flags, built(`./probes/${file}.js`), JSON.stringify(params)]
    return execute(file, args, (started) => {
      pid = started
    }).pipe(
      Effect.raceFirst(watch),
      Effect.flatMap((output) => read(file, output)),
      Effect.map((sample) => ({ ...sample, ...peak }))
    )
  })

/** The samples of each contender, one a round. */
export type Rounds<Name extends string> = (name: Name) => ReadonlyArray<Sample>

/**
 * Runs every contender once a round. The rounds begin with another contender each, so that what the machine does
 * meanwhile strikes no one more than the others.
 */
export const rounds = <Name extends string>(
  count: number,
  contenders: { readonly [N in Name]?: Effect.Effect<Sample, ProbeFailed> }
): Effect.Effect<Rounds<Name>, ProbeFailed> =>
  Effect.gen(function*() {
    const all = Object.entries<Effect.Effect<Sample, ProbeFailed> | undefined>(contenders).flatMap(([name, sample]) =>
      sample === undefined ? [] : [{ name, sample, samples: Array.of<Sample>() }]
    )
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
