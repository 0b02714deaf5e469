import type { AppServer } from "@effect-codex/sdk"
import { registryOf, type Sample } from "./gauges.js"

/** By how much the heap may rise over the second half of a soak, in bytes. */
export const heapBound = 4 * 1024 * 1024

/** Fewer say nothing of a trend. */
const fewestSamples = 6

/** By how much the straight line that fits the heap of these samples best rises from the first to the last. */
export const riseOf = (samples: ReadonlyArray<Pick<Sample, "at" | "heap">>): number => {
  const mean = (of: (sample: Pick<Sample, "at" | "heap">) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
  const at = mean((sample) => sample.at)
  const heap = mean((sample) => sample.heap)
  const spread = mean((sample) => (sample.at - at) ** 2)
  const slope = spread === 0 ? 0 : mean((sample) => (sample.at - at) * (sample.heap - heap)) / spread
  const [first, last] = [samples.at(0), samples.at(-1)]
  return first === undefined || last === undefined ? 0 : slope * (last.at - first.at)
}

/** What is looked at once nothing is under way. */
export interface Rest {
  readonly fibers: number
  readonly descriptors: number
}

export interface Findings {
  readonly samples: ReadonlyArray<Sample>
  /** Turns that had not ended when their time was over. */
  readonly hung: number
  /** What turns and threads failed with that no turn of the soak may, and how often. */
  readonly unexpected: ReadonlyMap<string, number>
  /** Before the first turn of the soak, and after the last. */
  readonly rest: { readonly before: Rest; readonly after: Rest }
  readonly stats: AppServer.Stats
  /** What is left once the connection is closed, over what was there before it was opened. */
  readonly left: { readonly fibers: number; readonly descriptors: number; readonly appServers: number }
}

const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MB`

/** The second half, in which everything that is bounded has found its size. */
const secondHalf = (samples: ReadonlyArray<Sample>) => samples.slice(Math.floor(samples.length / 2))

export const heapRise = (samples: ReadonlyArray<Sample>): number | undefined =>
  samples.length < fewestSamples ? undefined : riseOf(secondHalf(samples))

/** Everything that grew, hangs or went wrong; empty where the soak is passed. */
export const problemsOf = ({ hung, left, rest, samples, stats, unexpected }: Findings): ReadonlyArray<string> => {
  const rise = heapRise(samples)
  const checks: ReadonlyArray<readonly [boolean, string]> = [
    [hung > 0, `${hung} turns did not end in time`],
    ...Array.from(unexpected, ([what, count]): readonly [boolean, string] => [true, `${count} times ${what}`]),
    ...Object.entries(registryOf(stats)).map(([name, size]): readonly [boolean, string] => [
      size > 0,
      `the registry still holds ${size} ${name}`
    ]),
    [stats.noise > 0, `${stats.noise} lines were no messages`],
    [stats.undecodable > 0, `${stats.undecodable} notifications did not fit their schemas`],
    [rest.after.fibers > rest.before.fibers, `${rest.after.fibers - rest.before.fibers} fibers are left of the turns`],
    [
      rest.after.descriptors > rest.before.descriptors,
      `${rest.after.descriptors - rest.before.descriptors} descriptors are left of the turns`
    ],
    [
      rise !== undefined && rise > heapBound,
      `the heap rose by ${megabytes(rise ?? 0)} over the second half, more than ${megabytes(heapBound)}`
    ],
    [left.fibers > 0, `${left.fibers} fibers outlive the connection`],
    [left.descriptors > 0, `${left.descriptors} descriptors outlive the connection`],
    [left.appServers > 0, `${left.appServers} app-servers outlive the connection`]
  ]
  return checks.flatMap(([wrong, problem]) => wrong ? [problem] : [])
}
