/** What a probe of the time to the first delta is told. */
export interface FirstDeltasParams {
  /** How many are counted, twice: early, and once the program has run for a while. */
  readonly turns: number
  /** Turns that come before the early ones. */
  readonly warmUp: number
  /** Turns that come before the late ones, the early ones included. */
  readonly settled: number
}

/** Measures, turn by turn, the time to the first delta. */
export class FirstDeltas {
  /** The model answers it with one word. */
  readonly prompt = "words 1 0"
  readonly #given: FirstDeltasParams
  readonly #times: Array<number> = []
  #begun = 0
  #waiting = false

  constructor(given: FirstDeltasParams) {
    this.#given = given
  }

  get more(): boolean {
    return this.#times.length < this.#given.settled + this.#given.turns
  }

  /** The turn is about to be started. */
  begin(): void {
    this.#waiting = true
    this.#begun = performance.now()
  }

  delta(): void {
    if (this.#waiting) {
      this.#waiting = false
      this.#times.push(performance.now() - this.#begun)
    }
  }

  get sample(): Readonly<Record<string, number>> {
    return { early: this.#medianFrom(this.#given.warmUp), late: this.#medianFrom(this.#given.settled) }
  }

  #medianFrom(start: number): number {
    const { turns } = this.#given
    return this.#times.slice(start, start + turns).sort((a, b) => a - b)[Math.floor(turns / 2)] ?? NaN
  }
}
