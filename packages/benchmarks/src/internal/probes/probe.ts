/** What the programs have in common that are measured, each in a process of its own. */
import { fileURLToPath } from "node:url"
import type { Order } from "../server/wire.js"

/** The app-server of the benchmarks. */
export const serverFile = fileURLToPath(new URL("../server/main.js", import.meta.url))

/** What a probe of the way of a message is told. */
export interface Params extends Omit<Order, "turns"> {
  readonly turns: number
  /** Deltas that come first and are not measured, so that what is measured is compiled. */
  readonly warmUp: number
}

/** What the runner said. */
export const params = <P>(): P => JSON.parse(process.argv[2] ?? "{}") as P

/** Tells the runner what was measured, and ends the program without waiting for anything. */
export const report = (sample: Readonly<Record<string, number>>): void => {
  process.stdout.write(`${JSON.stringify(sample)}\n`, () => process.exit(0))
}

/** The two passes of a probe: the one that warms up, and the one that is measured. */
export const passes = ({ turns, warmUp, ...order }: Params): ReadonlyArray<Order> => [
  { turns, deltas: warmUp },
  { turns, ...order }
]

/** Measures one pass. */
export class Meter {
  deltas = 0
  characters = 0
  readonly #cpu = process.cpuUsage()
  #first = 0

  /** A delta came out of whatever is measured. */
  saw(delta: string): void {
    if (this.deltas++ === 0) {
      this.#first = performance.now()
    }
    this.characters += delta.length
  }

  /** Everything has come. */
  end(): Readonly<Record<string, number>> {
    const wall = performance.now() - this.#first
    const { system, user } = process.cpuUsage(this.#cpu)
    return {
      deltas: this.deltas,
      characters: this.characters,
      messagesPerSecond: this.deltas / wall * 1_000,
      cpuPerMessage: (user + system) / this.deltas,
      messagesPerCpuSecond: this.deltas / (user + system) * 1_000_000
    }
  }
}
