import type { Sample } from "./gauges.js"
import type { Options } from "./options.js"
import type { Tally } from "./tally.js"
import { outcomes } from "./turns.js"
import { type Findings, heapRise } from "./verdict.js"

const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MB`

const ended = (tally: Tally) =>
  `${tally.turns} turns ended (${
    outcomes.map((outcome) => `${outcome} ${tally.outcomes.get(outcome) ?? 0}`).join(", ")
  })`

export const head = ({ concurrency, minutes, seed }: Options) =>
  `${concurrency} turns at once for ${minutes} minutes, seed ${seed}${
    globalThis.gc === undefined ? "; without --expose-gc the heap is as it happens to be" : ""
  }`

export const line = ({ at, descriptors, fibers, heap, registry, server }: Sample, tally: Tally) =>
  [
    `${String(Math.round(at / 1_000)).padStart(5)} s`,
    ended(tally),
    `heap ${megabytes(heap)}`,
    `fibers ${fibers}`,
    `registry ${Object.entries(registry).map(([name, size]) => `${name} ${size}`).join(" ")}`,
    `fds ${descriptors}`,
    `app-server ${megabytes(server)}`
  ].join("  ")

export const summary = ({ rest, samples, stats }: Findings, tally: Tally) => {
  const rise = heapRise(samples)
  return [
    "",
    `${ended(tally)}; ${stats.messagesIn} messages in, ${stats.messagesOut} out, ${stats.overloads} overloads`,
    rise === undefined
      ? "too short to tell a trend of the heap"
      : `heap over the second half: ${rise < 0 ? "-" : "+"}${megabytes(Math.abs(rise))}`,
    `at rest: fibers ${rest.before.fibers} before and ${rest.after.fibers} after, descriptors ${rest.before.descriptors} ` +
    `and ${rest.after.descriptors}`
  ].join("\n")
}
