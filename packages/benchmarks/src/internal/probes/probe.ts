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
  { turns, ...order, deltas: warmUp },
  { turns, ...order }
]

/** The processor's time that this process has used, in microseconds. */
export const cpuTime = (): number => {
  const { system, user } = process.cpuUsage()
  return user + system
}

/** Measures one pass, from its first delta to its last. */
export class Meter {
  readonly #expected: number
  #seen = 0
  #chunks = 0
  #cpu = 0
  #wall = 0
  #sample: Readonly<Record<string, number>> | undefined

  constructor({ deltas }: Pick<Order, "deltas">) {
    this.#expected = deltas
  }

  /** A delta came out of whatever is measured. */
  saw(): void {
    if (this.#seen++ === 0) {
      this.#cpu = cpuTime()
      this.#wall = performance.now()
    }
    if (this.#seen === this.#expected) {
      const cpu = cpuTime() - this.#cpu
      const wall = performance.now() - this.#wall
      this.#sample = {
        messagesPerSecond: this.#seen / wall * 1_000,
        messagesPerCpuSecond: this.#seen / cpu * 1_000_000,
        cpuPerMessage: cpu / this.#seen,
        chunks: this.#chunks
      }
    }
  }

  /** The reader was woken. */
  woke(): void {
    this.#chunks++
  }

  /** Once everything is over. */
  get sample(): Readonly<Record<string, number>> {
    if (this.#sample === undefined) {
      throw new Error(`Of ${this.#expected} deltas ${this.#seen} came`)
    }
    return this.#sample
  }
}
