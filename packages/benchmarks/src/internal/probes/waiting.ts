/** What a probe of the time to the first delta is told. */
export interface FirstDeltasParams {
  readonly turns: number
  /** Turns that come first and are not counted. */
  readonly warmUp: number
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
    return this.#times.length < this.#given.warmUp + this.#given.turns
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
    const times = this.#times.slice(this.#given.warmUp).sort((a, b) => a - b)
    return { milliseconds: times[Math.floor(times.length / 2)] ?? NaN }
  }
}
