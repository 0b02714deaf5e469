/** What the programs have in common that are measured, each in a process of its own. */
import { fileURLToPath } from "node:url"
import type { Order } from "../server/wire.js"

/** The app-server of the benchmarks. */
export const serverFile = fileURLToPath(new URL("../server/main.js", import.meta.url))

/** What a probe of the way of a message is told. */
export interface Params extends Order {
  /** Deltas that come first and are not measured, so that what is measured is compiled; at least one. */
  readonly warmUp: number
}

/** What the runner said. */
export const params = <P>(): P => JSON.parse(process.argv[2] ?? "{}") as P

/** Tells the runner what was measured, and ends the program without waiting for anything. */
export const report = (sample: Readonly<Record<string, number>>): void => {
  process.stdout.write(`${JSON.stringify(sample)}\n`, () => process.exit(0))
}

/** What the turns of a probe say. */
export const orderOf = ({ warmUp, ...order }: Params): Order => ({ ...order, warmUp, deltas: warmUp + order.deltas })

/** The processor's time that this process has used, in microseconds. */
export const cpuTime = (): number => {
  const { system, user } = process.cpuUsage()
  return user + system
}

/** Measures from the first delta after those that warm up, which `onWarm` asks for, to the last. */
export class Meter {
  readonly #warmUp: number
  readonly #deltas: number
  #seen = 0
  #cpu = 0
  #wall = 0
  #sample: Readonly<Record<string, number>> | undefined

  readonly #onWarm: () => void

  constructor({ deltas, warmUp }: Pick<Params, "deltas" | "warmUp">, onWarm: () => void) {
    this.#onWarm = onWarm
    this.#warmUp = warmUp
    this.#deltas = deltas
  }

  /** A delta came out of whatever is measured. */
  saw(): void {
    if (++this.#seen === this.#warmUp) {
      this.#onWarm()
    } else if (this.#seen === this.#warmUp + 1) {
      this.#cpu = cpuTime()
      this.#wall = performance.now()
    }
    if (this.#seen === this.#warmUp + this.#deltas) {
      const cpu = cpuTime() - this.#cpu
      const wall = performance.now() - this.#wall
      this.#sample = {
        messagesPerSecond: this.#deltas / wall * 1_000,
        messagesPerCpuSecond: this.#deltas / cpu * 1_000_000,
        cpuPerMessage: cpu / this.#deltas
      }
    }
  }

  /** Once everything is over. */
  get sample(): Readonly<Record<string, number>> {
    if (this.#sample === undefined) {
      throw new Error(`Of ${this.#warmUp + this.#deltas} deltas ${this.#seen} came`)
    }
    return this.#sample
  }
}
