import { cpuTime } from "./probe.js"

/** What a probe of requests is told. */
export interface RequestParams {
  readonly count: number
  readonly warmUp: number
}

/** How many requests wait for their answers, where they are not sent one at a time. */
export const inFlight = 64

/** Measures so many requests, from here to `end`. */
export class Timing {
  readonly #count: number
  readonly #wall = performance.now()
  readonly #cpu = cpuTime()

  constructor(count: number) {
    this.#count = count
  }

  end(kind = "One"): Readonly<Record<string, number>> {
    const wall = performance.now() - this.#wall
    return {
      [`microseconds${kind}`]: wall * 1_000 / this.#count,
      [`perSecond${kind}`]: this.#count / wall * 1_000,
      [`cpu${kind}`]: (cpuTime() - this.#cpu) / this.#count
    }
  }
}

/** Measures a client of promises the way that the SDK is measured. */
export const measurePromises = async ({ count, warmUp }: RequestParams, request: () => Promise<unknown>) => {
  const one = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await request()
    }
  }
  const many = (count: number) =>
    Promise.all(Array.from({ length: inFlight }, (_, worker) => one(Math.floor((count + worker) / inFlight))))
  await one(warmUp)
  const sequential = new Timing(count)
  await one(count)
  const measured = sequential.end()
  await many(warmUp)
  const parallel = new Timing(count)
  await many(count)
  return { ...measured, ...parallel.end("Many") }
}
